// The head of the page: what it shows, of when, and all of it in a sentence and a few figures.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const KINDS = /** @type {Record<string, string>} */ ({ run: "one run", runs: "several runs", sweep: "a sweep" });

  /** @param {"total" | "done" | "skipped" | "failed" | "no_person" | "recalled"} key */
  const sum = (key) => P.data.jobs.reduce((/** @type {number} */ all, /** @type {any} */ job) => all + job.clips[key], 0);

  /** @param {string} text @param {number} number */
  const verb = (text, number) => `${number.toLocaleString("en")} ${text}`;

  /** What the page is about: jobs, and what they differ in. */
  const subject = () => {
    const { jobs, ids, knobs, kind } = P.data;
    const clips = P.count(ids.length, "clip");
    if (kind === "run") return `One run over ${clips}`;
    const what = P.count(jobs.length, kind === "sweep" ? "job" : "run");
    if (!knobs.length) return `${what} over ${clips}`;
    const named = knobs.length > 4 ? P.count(knobs.length, "setting") : new Intl.ListFormat("en").format(knobs);
    return `${what} that differ in ${named}, over ${clips}`;
  };

  const outcome = () => {
    const [total, done, skipped, failed] = [sum("total"), sum("done"), sum("skipped"), sum("failed")];
    if (!total) return "no clip has been worked on";
    const noun = P.data.runs.length > 1 ? "result" : "clip";
    if (done === total) {
      if (P.data.runs.length < 2) return "every clip is done";
      const same = P.data.runs.every((/** @type {any} */ run) => run.clips.id.length === P.data.ids.length);
      return same ? "every clip is done in every run" : "every clip of each run is done";
    }
    const parts = [done ? `${verb("of", done)} ${P.count(total, noun)} ${done === 1 ? "is" : "are"} done` : "none is done"];
    if (skipped) parts.push(verb("skipped", skipped));
    if (failed) parts.push(verb("failed", failed));
    return parts.join(", ");
  };

  /** The sentence on the worst clip, which leads to it. */
  const worst = () => {
    const id = P.clips.worst();
    if (id < 0 || Math.round(P.clips.of(id).bad) < 1) return P.data.ids.length ? el("p", { class: "lead quiet" }, "No clip has anything to complain of.") : null;
    const { why, bad, run } = P.clips.of(id);
    const name = P.data.ids[id];
    const open = el("a", { href: `#${new URLSearchParams({ clip: name, run: String(run) })}`, class: "mono", onclick: (/** @type {Event} */ event) => {
      event.preventDefault();
      P.address.set({ clip: name, run, frame: null, person: null, with: null, mode: null }, true);
    } }, P.visible(name));
    return el("p", { class: "lead quiet" }, "Worst clip: ", open, ` (${Math.round(bad)} of 100)`, why ? `: ${why.replace(/\.$/, "")}.` : ".");
  };

  /** @param {string} label @param {string | null} value @param {boolean} [alarm] */
  const figure = (label, value, alarm = false) =>
    value === null ? null : el("div", { class: alarm ? "alarm" : "" }, el("dt", {}, label), el("dd", {}, value));

  /** @param {string} key the range of a measure over all jobs, where it is known */
  const range = (key) => {
    const measure = P.data.measures[key];
    if (!measure) return null;
    const values = P.data.jobs.map((/** @type {any} */ job) => job.measures[key]).filter(Number.isFinite);
    const ends = [Math.min(...values), Math.max(...values)];
    const digits = Math.min(measure.digits, measure.unit === "%" && ends[1] - ends[0] >= 0.05 ? 0 : 1);
    const [low, high] = ends.map((value) => P.number(value, { ...measure, digits }));
    return low === high ? low : `${low.replace(" %", "")}–${high}`;
  };

  const figures = () => {
    const some = (/** @type {number} */ number) => (number ? number.toLocaleString("en") : null);
    return el("dl", { class: "figures" },
      P.data.kind === "run" ? null : figure(P.data.kind === "sweep" ? "jobs" : "runs", String(P.data.jobs.length)),
      figure("clips", P.data.ids.length.toLocaleString("en")),
      figure("of film", P.clips.seconds() > 0 ? P.duration(P.clips.seconds()) : null),
      figure("done", sum("done").toLocaleString("en")),
      figure("skipped", some(sum("skipped"))),
      figure("failed", some(sum("failed")), true),
      figure("without a person", some(sum("no_person"))),
      figure("of frames have a person", range("detection_rate")),
      figure("people a frame", range("people")),
    );
  };

  /** @param {string} id scroll to a section, and let the keyboard go on from there */
  P.goTo = (id) => {
    const heading = /** @type {HTMLElement | null} */ (document.querySelector(`#${id} h2`));
    document.getElementById(id)?.scrollIntoView();
    heading?.focus({ preventScroll: true });
  };

  /** @param {{id: string, label: string}[]} sections */
  P.head = (sections) => {
    const { made, kind, notes, title } = P.data;
    const links = sections.map(({ id, label }) => el("a", { href: `#${id}`, onclick: (/** @type {Event} */ event) => {
      event.preventDefault();
      P.goTo(id);
    } }, label));
    return el("header", {},
      el("div", { class: "top" },
        el("p", {}, el("strong", {}, "posecfg"), ` ${made.version} · ${KINDS[kind] ?? kind} · made `, el("time", { datetime: made.at.replace(" ", "T") }, made.at)),
        el("nav", { "aria-label": "Parts of the page" }, ...links, P.themeButton())),
      el("h1", {}, title),
      el("p", { class: "lead" }, `${subject()}: ${outcome()}.`),
      worst(),
      ...notes.map((/** @type {string} */ note) => el("p", { class: "banner", role: "note" }, `${note[0].toUpperCase()}${note.slice(1)}.`)),
      figures());
  };
})();
