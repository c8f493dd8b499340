// The sheet: one row a job, with its settings, how it ended, and its numbers; or a panel where there is one run only.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  // A table of more rows scrolls by itself, beneath its headers.
  const TALL = 25;
  const GOOD = ["done"];
  const BAD = ["failed", "dead", "not run"];

  /** Whether times of jobs tell of their settings: not where clips were there already. */
  P.timesCompare = () => P.data.jobs.every((/** @type {any} */ { measures, clips }) => !clips.recalled && ("frames_per_second" in measures || !("seconds" in measures)));
  P.OF_TIME = ["frames_per_second", "model_per_second", "seconds"];

  // A job that finds far fewer people is of other poses, those that are easy: it is not held to be best.
  const OF_POSES = ["score", "jitter_px_s2", "jitter_m_s2", "bone_variation", "swaps", "gaps", "longest_gap_s", "out_of_frame"];
  const ENOUGH = 0.9;

  /** Whether mean scores tell of settings: each detector means something else by them. */
  P.scoresCompare = () => new Set(P.data.runs.map((/** @type {any} */ run) => run.settings.detector)).size < 2;

  /** Whether values of a measure can be held against each other. @param {string} key */
  P.compares = (key) => P.data.same && (!P.OF_TIME.includes(key) || P.timesCompare()) && (key !== "score" || P.scoresCompare());

  /** The jobs that may be best in a measure. @param {string} key @param {any[]} jobs */
  const rivals = (key, jobs) => {
    if (!OF_POSES.includes(key)) return jobs;
    const most = Math.max(...jobs.map((job) => job.measures.detection_rate ?? 0));
    return jobs.filter((job) => (job.measures.detection_rate ?? most) >= ENOUGH * most);
  };

  /** @param {string} state */
  P.state = (state) => {
    const kind = GOOD.includes(state) ? "good" : BAD.includes(state) ? "bad" : "open";
    return el("span", { class: `state ${kind}` }, state);
  };

  /** How many clips were skipped, with the reasons on demand. @param {any} job */
  P.reasons = (job) => {
    const { skipped } = job.clips;
    const reasons = Object.entries(job.dropped);
    if (!skipped || !reasons.length) return el("span", {}, skipped ? skipped.toLocaleString("en") : "–");
    return el("details", { class: "reasons" },
      el("summary", {}, skipped.toLocaleString("en"), el("span", { class: "hidden" }, " skipped, the reasons")),
      el("ul", {}, ...reasons.map(([reason, number]) => el("li", {}, `${Number(number).toLocaleString("en")} × ${reason}`))));
  };

  /** @param {any} job */
  const clipsOf = (job) => {
    const { total, done } = job.clips;
    const text = done === total ? total.toLocaleString("en") : `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
    if (job.run === null || !total) return el("span", { class: "quiet" }, text);
    return el("a", { href: `#of=${job.run}`, "aria-label": `the ${text} clips of ${job.name}`, onclick: (/** @type {Event} */ event) => {
      event.preventDefault();
      P.address.set({ of: job.run }, true);
      P.goTo("clips");
    } }, text);
  };

  /**
   * @typedef {{key: string, label: string, unit?: string, help?: string, digits?: number, better?: string | null,
   *   text?: boolean, value: (job: any) => any, cell?: (job: any) => Node}} Column
   */

  /** @param {any[]} jobs @returns {Column[]} */
  const columns = (jobs) => {
    const some = (/** @type {string} */ key) => jobs.some((job) => job.clips[key]);
    const count = (/** @type {string} */ key, /** @type {string} */ label, /** @type {string} */ help) =>
      some(key) ? [{ key, label, help, digits: 0, unit: "", better: null, value: (/** @type {any} */ job) => (job.clips.total ? job.clips[key] : null) }] : [];
    const own = P.data.kind === "sweep" && P.data.knobs.length ? [] : [{ key: "name", label: "folder", text: true, value: (/** @type {any} */ job) => job.folder || job.name }];
    return [
      ...own,
      ...P.data.knobs.map((/** @type {string} */ knob) => ({ key: `knob ${knob}`, label: knob, text: true, value: (/** @type {any} */ job) => job.settings[knob] ?? null })),
      { key: "state", label: "state", text: true, value: (job) => job.state, cell: (job) => P.state(job.state) },
      { key: "clips", label: "clips", help: "clips that are done, of all; leads to them", value: (job) => job.clips.done, cell: clipsOf },
      ...(some("skipped") ? [{ key: "skipped", label: "skipped", help: "clips left out on purpose, with the reasons", value: (/** @type {any} */ job) => job.clips.skipped, cell: P.reasons }] : []),
      ...count("failed", "failed", "clips that ended with an error"),
      ...count("no_person", "empty", "clips that are done and have no person in any frame"),
      ...Object.entries(P.data.measures).map(([key, measure]) => ({ key, ...measure, value: (/** @type {any} */ job) => job.measures[key] ?? null })),
      ...count("recalled", "recalled", "clips taken from memory rather than made again"),
      ...(jobs.some((job) => job.command) ? [{ key: "command", label: "command", text: true, value: () => null,
        cell: (/** @type {any} */ job) => (job.command ? P.copyButton("Copy", () => job.command, `Copy command of ${job.name}`) : el("span", {}, "–")) }] : []),
    ];
  };

  /** Compare settings as numbers where both are, else as words; what is not known comes last. @param {any} a @param {any} b */
  const compare = (a, b) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  };

  /** @param {Column} column @param {any} value */
  const shown = (column, value) => P.number(value, { unit: column.unit ?? "", digits: column.digits ?? 0 });

  /** Where values of a column lie, null where they are all the same. @param {Column} column @param {any[]} jobs */
  const spread = (column, jobs) => {
    if (column.text || column.cell) return null;
    const values = jobs.map(column.value).filter(Number.isFinite);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    // What reads the same is the same.
    if (values.length < 2 || shown(column, low) === shown(column, high)) return null;
    const some = P.compares(column.key) && column.better ? rivals(column.key, jobs) : [];
    const held = some.map(column.value).filter(Number.isFinite);
    const best = held.length ? shown(column, column.better === "low" ? Math.min(...held) : Math.max(...held)) : "";
    return { low, high, best: some.filter((job) => shown(column, column.value(job)) === best) };
  };

  /** @param {Column} column @param {any} job @param {ReturnType<typeof spread>} range */
  const cell = (column, job, range) => {
    if (column.cell) return el("td", { class: column.text ? "" : "number" }, column.cell(job));
    const value = column.value(job);
    if (column.text) return el("td", { class: "mono" }, el("span", {}, value ?? "–"));
    const text = shown(column, value);
    if (!range || value === null) return el("td", { class: range ? "number" : "number same" }, text);
    const dot = el("i", {});
    dot.style.left = `${(100 * (value - range.low)) / (range.high - range.low)}%`;
    const best = range.best.includes(job);
    return el("td", { class: best ? "number best" : "number" }, text, best && el("span", { class: "hidden" }, " best"),
      el("span", { class: "track", "aria-hidden": "true" }, dot));
  };

  /** @param {any} job @param {Column[]} known @param {Map<string, ReturnType<typeof spread>>} ranges */
  const rows = (job, known, ranges) => {
    const cells = known.map((column, place) => {
      const made = cell(column, job, ranges.get(column.key) ?? null);
      if (place) return made;
      const head = el("th", { scope: "row", class: "mono" });
      head.append(...made.childNodes);
      return head;
    });
    const body = el("tbody", { class: BAD.includes(job.state) ? "job bad" : "job" }, el("tr", {}, ...cells));
    if (job.error) body.append(el("tr", { class: "error" }, el("td", { colspan: known.length }, el("span", {}, job.error))));
    return body;
  };

  /** @param {Column} column */
  const header = (column) => {
    const button = el("button", { type: "button", onclick: () => {
      const now = P.address.get().rank ?? "";
      P.address.set({ rank: now === column.key ? `-${column.key}` : now === `-${column.key}` ? null : column.key });
    } }, el("span", { class: column.key.startsWith("knob ") ? "mono" : "" }, column.label), column.unit && column.unit !== "%" ? el("small", {}, ` ${column.unit}`) : null);
    const word = column.better === "low" ? " Lower is better." : column.better === "high" ? " Higher is better." : "";
    if (column.help) P.explain(button, `${column.help[0].toUpperCase()}${column.help.slice(1)}.${word}`);
    if (column.key === "command") return el("th", { scope: "col", class: "copy" }, column.label);
    return el("th", { scope: "col", class: column.text ? "" : "number", dataset: { key: column.key } }, button);
  };

  P.sheet = () => {
    /** @type {any[]} */
    const jobs = P.data.jobs;
    if (!jobs.length) return null;
    if (P.data.kind === "run" && jobs.length === 1) return P.panel(jobs[0]);
    const every = columns(jobs);
    const { same } = P.data;
    const ranges = new Map(every.map((column) => [column.key, spread(column, jobs)]));
    const some = rivals(OF_POSES[0], jobs).length < jobs.length ? ", of jobs that find people in as many frames" : "";
    const apart = P.data.measures.score && !P.scoresCompare() ? ", and none in score, by which each detector means something else" : "";
    const best = same ? `the best is bold${some}${apart}` : "none is best, since these are not of the same clips";
    const measured = jobs.filter((job) => Object.keys(job.measures).length);
    const equal = measured.length > 1 ? every.filter((column) => column.key in P.data.measures && !ranges.get(column.key) && measured.every((job) => column.value(job) !== null)) : [];
    const known = every.filter((column) => !equal.includes(column));
    const bodies = jobs.map((job) => rows(job, known, ranges));
    const texts = jobs.map((job) => [job.name, job.folder, job.state, job.error ?? "", ...Object.entries(job.settings).map((pair) => pair.join("="))].join(" ").toLowerCase());
    const heads = known.map(header);
    const table = el("table", { class: "sheet" }, el("caption", { class: "hidden" }, "One row for each job. The headers sort it."), el("thead", {}, el("tr", {}, ...heads)));
    const none = el("div", { class: "empty", hidden: true }, el("strong", {}, "No job matches."), "Clear the field above to see all of them.");
    const input = /** @type {HTMLInputElement} */ (el("input", { type: "search", "aria-label": "Filter jobs by setting, state or folder", placeholder: "filter jobs",
      oninput: () => P.address.set({ jobs: input.value.trim() }) }));

    let before = "none yet";
    P.address.listen((/** @type {Record<string, string>} */ { rank = "", jobs: find = "" }) => {
      if (before === `${rank}\n${find}`) return;
      before = `${rank}\n${find}`;
      if (input.value.trim() !== find) input.value = find;
      const down = rank.startsWith("-");
      const by = known.find(({ key }) => key === (down ? rank.slice(1) : rank));
      const order = jobs.map((_, number) => number);
      if (by) {
        order.sort((a, b) => {
          const [one, other] = [by.value(jobs[a]), by.value(jobs[b])];
          return one === null || other === null || !down ? compare(one, other) : compare(other, one);
        });
      }
      for (const head of heads) if (head.dataset.key) head.setAttribute("aria-sort", head.dataset.key !== by?.key ? "none" : down ? "descending" : "ascending");
      const words = find.toLowerCase().split(/\s+/).filter(Boolean);
      for (const number of order) bodies[number].hidden = !words.every((word) => texts[number].includes(word));
      table.append(...order.map((number) => bodies[number]));
      const left = bodies.filter((body) => !body.hidden).length;
      none.hidden = left > 0;
      if (find) P.say(`${left} of ${P.count(jobs.length, "job")}`);
    });
    return el("section", { id: "sheet", "aria-labelledby": "sheet-title" },
      el("div", { class: "section-head" },
        el("h2", { id: "sheet-title", tabIndex: -1 }, P.data.kind === "sweep" ? "Jobs" : "Runs"),
        el("p", { class: "note" }, `A dot shows where a number stands between the lowest and highest of its column; ${best}.`),
        el("div", { class: "controls" }, input)),
      el("div", { class: jobs.length > TALL ? "scroll tall" : "scroll", tabIndex: 0, role: "region", "aria-label": "Table of jobs" }, table), none,
      equal.length > 0 && el("p", { class: "note equal" }, "The same in all: ", ...equal.flatMap((column, place) => [place ? " · " : "",
        P.explain(el("span", { tabIndex: 0, class: "fact" }, `${column.label} ${shown(column, column.value(measured[0]))}${column.unit && column.unit !== "%" ? ` ${column.unit}` : ""}`), column.help ?? "")])),
      P.shared());
  };
})();
