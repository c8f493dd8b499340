// What settings do to measures: a small plot of each measure against each setting in which jobs differ.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const MOST_WORDS = 24;
  const MOST_KNOBS = 6;
  // A setting that moves a measure by less than this share of its whole range does nothing to it.
  const NOTHING = 0.01;

  const list = (/** @type {string[]} */ words) => new Intl.ListFormat("en").format(words);

  /** @param {string[]} values */
  const numbers = (values) => values.every((value) => value.trim() !== "" && Number.isFinite(Number(value)));

  /** How a measure is written, with its unit. @param {number} value @param {any} measure */
  const written = (value, measure) => `${P.number(value, measure)}${measure.unit && measure.unit !== "%" ? ` ${measure.unit}` : ""}`;

  /**
   * @typedef {{knob: string, values: string[], numeric: boolean, others: string[], series: string[], jobs: {job: any, x: number, series: number}[]}} Sweep
   */

  /** The jobs by one setting, in a series for each combination of the others. @param {string} knob @param {any[]} jobs @returns {Sweep} */
  const sweep = (knob, jobs) => {
    const having = jobs.filter((job) => knob in job.settings);
    const values = [...new Set(having.map((job) => String(job.settings[knob])))];
    const numeric = numbers(values);
    if (numeric) values.sort((a, b) => Number(a) - Number(b));
    const others = P.data.knobs.filter((/** @type {string} */ other) => other !== knob && new Set(having.map((job) => job.settings[other])).size > 1);
    const named = having.map((job) => others.map((/** @type {string} */ other) => job.settings[other] ?? "–").join(", "));
    const series = [...new Set(named)];
    const placed = having.map((job, number) => ({ job, x: numeric ? Number(job.settings[knob]) : values.indexOf(String(job.settings[knob])), series: series.indexOf(named[number]) }));
    return { knob, values, numeric, others, series, jobs: placed };
  };

  /** Whether any series has two values of the setting, so that there is something to see. @param {Sweep} one */
  const compares = (one) => one.series.some((_, number) => new Set(one.jobs.filter(({ series }) => series === number).map(({ x }) => x)).size > 1);

  /** Jobs by their names, where they differ in several settings at once. @param {any[]} jobs @returns {Sweep} */
  const byName = (jobs) => {
    const values = jobs.map((job) => job.name);
    return { knob: "run", values, numeric: false, others: [], series: [""], jobs: jobs.map((job, x) => ({ job, x, series: 0 })) };
  };

  /** Whether a setting changes a measure, the others left as they are. @param {Sweep} one @param {string} key */
  const matters = (one, key) => {
    const known = one.jobs.filter(({ job }) => key in job.measures);
    const spread = (/** @type {typeof known} */ some) => Math.max(...some.map(({ job }) => job.measures[key])) - Math.min(...some.map(({ job }) => job.measures[key]));
    const whole = spread(known);
    return one.series.some((_, number) => {
      const own = known.filter(({ series }) => series === number);
      return own.length > 1 && spread(own) > NOTHING * whole;
    });
  };

  /** @param {Sweep} one @param {string} key */
  const plot = (one, key) => {
    const measure = P.data.measures[key];
    const points = one.jobs.filter(({ job }) => key in job.measures).map(({ job, x, series }) => {
      const rest = one.others.map((other) => `, ${other} ${job.settings[other] ?? "–"}`).join("");
      const value = one.knob === "run" ? job.name : `${one.knob} ${job.settings[one.knob]}`;
      return { x, y: job.measures[key], series, text: `${measure.label} ${written(job.measures[key], measure)}\n${value}${rest}` };
    });
    const [low, high] = [Math.min, Math.max].map((pick) => written(pick(...points.map(({ y }) => y)), measure));
    const label = `${measure.label} against ${one.knob}: from ${low} to ${high}. Arrow keys go through the points; their values are in the table below.`;
    const better = !P.compares(key) ? "" : measure.better === "low" ? "lower is better" : measure.better === "high" ? "higher is better" : "";
    return el("figure", { class: "plot" },
      el("figcaption", {}, P.explain(el("span", { tabIndex: 0 }, measure.label), measure.help), measure.unit && el("small", {}, ` ${measure.unit}`), better && el("small", { class: "quiet better" }, better)),
      P.chart({ points, series: one.series, words: one.numeric ? null : one.values, measure, label }));
  };

  /** The numbers behind the plots. @param {Sweep} one @param {string[]} keys */
  const table = (one, keys) => el("details", { class: "note" }, el("summary", {}, "These numbers as a table"),
    el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": `Numbers against ${one.knob}` },
      el("table", { class: "sheet" },
        el("thead", {}, el("tr", {}, ...[one.knob, ...one.others].map((name) => el("th", { scope: "col", class: "mono" }, name)), ...keys.map((key) => el("th", { scope: "col", class: "number" }, P.data.measures[key].label)))),
        el("tbody", {}, ...one.jobs.map(({ job }) => el("tr", {},
          ...[one.knob === "run" ? job.name : job.settings[one.knob], ...one.others.map((other) => job.settings[other] ?? "–")].map((text, place) => el(place ? "td" : "th", place ? { class: "mono" } : { scope: "row", class: "mono" }, text)),
          ...keys.map((key) => el("td", { class: "number" }, P.number(job.measures[key], P.data.measures[key])))))))));

  /** Which marks and lines stand for which other settings. @param {Sweep} one */
  const series = (one) => {
    if (one.series.length < 2) return null;
    const names = list(one.others);
    if (one.numeric && one.series.length <= 8) return el("p", { class: "note" }, "Each line is a ", el("span", { class: "mono" }, names), ".");
    if (one.series.length > 8) return el("p", { class: "note" }, `Each ${one.numeric ? "thin line" : "dot"} is one of ${one.series.length} combinations of ${names}: point at it to see which. The thick ${one.numeric ? "line is" : "strokes are"} the middle of all.`);
    return el("ul", { class: "legend", "aria-label": names }, el("li", { class: "mono" }, names), ...one.series.map((text, number) => el("li", { class: "mono" }, P.chartMark(number), text)));
  };

  /** @param {Sweep} one @param {string[]} keys */
  const group = (one, keys) => {
    const shown = keys.filter((key) => matters(one, key));
    const still = keys.filter((key) => !shown.includes(key)).map((key) => P.data.measures[key].label);
    const none = still.length > 0 && el("p", { class: "note" }, `It changes nothing, or next to nothing, in ${list(still)}.`);
    return el("div", { class: "plot-group" },
      el("h3", {}, one.knob === "run" ? "by run" : el("span", {}, "against ", el("span", { class: "mono" }, one.knob))),
      shown.length > 0 && series(one),
      shown.length > 0 && el("div", { class: "plots" }, ...shown.map((key) => plot(one, key))),
      none, shown.length > 0 && table(one, shown));
  };

  P.plots = () => {
    const jobs = P.data.jobs.filter((/** @type {any} */ job) => Object.keys(job.measures).length);
    if (jobs.length < 2 || !P.data.knobs.length) return null;
    const swept = P.data.knobs.map((/** @type {string} */ knob) => sweep(knob, jobs))
      .filter((/** @type {Sweep} */ one) => one.values.length > 1 && (one.numeric || one.values.length <= MOST_WORDS) && compares(one));
    const sweeps = swept.length ? swept.slice(0, MOST_KNOBS) : jobs.length <= MOST_WORDS ? [byName(jobs)] : [];
    const timed = P.timesCompare();
    const known = Object.keys(P.data.measures).filter((key) => timed || !P.OF_TIME.includes(key));
    const texts = (/** @type {string} */ key) => jobs.filter((/** @type {any} */ job) => key in job.measures).map((/** @type {any} */ job) => P.number(job.measures[key], P.data.measures[key]));
    const differing = known.filter((key) => new Set(texts(key)).size > 1);
    const same = known.filter((key) => texts(key).length > 1 && !differing.includes(key)).map((key) => P.data.measures[key].label);
    if (!sweeps.length) return null;
    const left = [
      same.length ? `The same in all jobs, and so not drawn: ${list(same)}.` : "",
      timed ? "" : "Times are left out, since some clips were there already.",
      swept.length > MOST_KNOBS ? `Drawn are the first ${MOST_KNOBS} of ${swept.length} settings.` : "",
    ].filter(Boolean).join(" ");
    return el("section", { id: "plots", "aria-labelledby": "plots-title" },
      el("div", { class: "section-head" }, el("h2", { id: "plots-title", tabIndex: -1 }, "What settings change"), left && el("p", { class: "note" }, left)),
      ...(differing.length ? sweeps.map((/** @type {Sweep} */ one) => group(one, differing)) : []));
  };
})();
