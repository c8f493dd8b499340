// One run as a panel of names and values, where a table would have one row.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;

  /** @param {string} name @param {Node | string} value @param {string} [help] */
  const pair = (name, value, help) => {
    const term = el("dt", {}, name);
    return el("div", {}, help ? P.explain(Object.assign(term, { tabIndex: 0 }), help) : term, el("dd", {}, value));
  };

  /** @param {string} title @param {(Node | null)[]} pairs */
  const group = (title, pairs) => el("div", { class: "panel-group" }, el("h3", {}, title), el("dl", {}, ...pairs));

  /** @param {any} job */
  const clips = (job) => {
    const { total, done, skipped, failed, no_person: nobody, recalled } = job.clips;
    const found = [pair("in all", total.toLocaleString("en")), pair("done", done.toLocaleString("en"))];
    if (skipped) found.push(pair("skipped", P.reasons(job)));
    if (failed) found.push(pair("failed", el("span", { class: "alarm" }, failed.toLocaleString("en"))));
    if (nobody) found.push(pair("without a person", nobody.toLocaleString("en")));
    if (recalled) found.push(pair("from memory", recalled.toLocaleString("en")));
    return found;
  };

  /** The settings that all runs share, on demand. */
  P.shared = () => {
    const all = P.data.runs.map((/** @type {any} */ run) => run.settings ?? {});
    const same = Object.entries(all[0] ?? {}).filter(([key, value]) => !P.data.knobs.includes(key) && all.every((/** @type {any} */ one) => one[key] === value));
    if (!same.length) return null;
    return el("details", { class: "note shared" }, el("summary", {}, `${P.count(same.length, "setting")} that all share`),
      el("ul", { class: "mono" }, ...same.map(([key, value]) => el("li", {}, `${key}=${value}`))));
  };

  /** @param {any} job */
  P.panel = (job) => {
    const run = P.data.runs[job.run];
    const settings = Object.entries(run?.settings ?? {});
    const measures = Object.entries(P.data.measures).filter(([key]) => key in job.measures);
    return el("section", { id: "sheet", "aria-labelledby": "sheet-title" },
      el("div", { class: "section-head" }, el("h2", { id: "sheet-title", tabIndex: -1 }, "The run")),
      job.error && el("p", { class: "banner" }, job.error),
      el("div", { class: "panel" },
        el("div", { class: "panel-side" }, group("Run", [pair("state", P.state(job.state)), pair("folder", el("span", { class: "mono" }, job.folder)),
          ...settings.map(([key, value]) => pair(key, el("span", { class: "mono" }, String(value))))]),
        group("Clips", clips(job))),
        measures.length ? group("Measures", measures.map(([key, measure]) =>
          pair(measure.label, `${P.number(job.measures[key], measure)}${measure.unit && measure.unit !== "%" ? ` ${measure.unit}` : ""}`, measure.help))) : null),
      job.command && el("div", { class: "command" }, el("code", {}, job.command), P.copyButton("Copy command", () => job.command)));
  };
})();
