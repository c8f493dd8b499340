// All clips of all runs in columns of numbers, and which of them are wanted in which order.
"use strict";
(() => {
  const P = globalThis.posecfg;
  /** @type {any[]} */
  const runs = P.data.runs;
  /** @type {string[]} */
  const ids = P.data.ids;
  /** @type {string[]} */
  const whys = P.data.whys;
  const STATUS = ["done", "skipped", "failed"];
  const MOST_KINDS = 30;
  const NONE = -1;

  /**
   * Return what tells which of some texts have a word. They are searched as one text, which takes a tenth of the time.
   * @param {string[]} texts
   */
  const finder = (texts) => {
    const lower = texts.map((text) => text.toLowerCase());
    const starts = new Int32Array(lower.length + 1);
    lower.forEach((text, number) => (starts[number + 1] = starts[number] + text.length + 1));
    const all = lower.join("\n");
    /** @param {string} word one without blanks, so that it never goes from one text into the next */
    return (word) => {
      const found = new Uint8Array(texts.length);
      let number = 0;
      for (let at = all.indexOf(word); at >= 0; at = all.indexOf(word, starts[number])) {
        while (starts[number + 1] <= at) number += 1;
        found[number] = 1;
        number += 1;
        if (number === texts.length) break;
      }
      return found;
    };
  };
  const named = finder(ids);
  const said = finder(whys);
  /** The row of each clip in the columns of each run, NONE where the run has no such clip. */
  const rowOf = runs.map(({ clips }) => {
    const rows = new Int32Array(ids.length).fill(NONE);
    clips.id.forEach((/** @type {number} */ id, /** @type {number} */ row) => (rows[id] = row));
    return rows;
  });
  /** How bad each clip is in the run where it is worst, NaN where that is not known; and which run that is. */
  const worst = new Float32Array(ids.length).fill(NaN);
  const worstRun = new Int16Array(ids.length).fill(NONE);
  runs.forEach(({ clips }, run) =>
    clips.id.forEach((/** @type {number} */ id, /** @type {number} */ row) => {
      const bad = clips.badness[row];
      if (worstRun[id] === NONE) worstRun[id] = run;
      if (bad === null || worst[id] >= bad) return;
      worst[id] = bad;
      worstRun[id] = run;
    }),
  );

  /**
   * Return what a sentence is about, without its numbers, names and details: "41% of frames without a person" tells of
   * the same as "7% of ...", and "'a.mp4' cannot be read: ..." of the same as any other file that cannot be.
   * @param {string} part
   */
  const about = (part) => part
    .replace(/^[\d.]+ ?% of /, "")
    .replace(/'[^']*'/g, "'…'")
    .replace(/: .*$/s, "")
    .replace(/[ :(]+(once|twice|[\d.]+)\b.*$/s, "")
    .replace(/\s*\([^()]*$/, "")
    .slice(0, 60);

  /** The kinds of trouble, most frequent first, and those of each sentence as bits. */
  const troubles = () => {
    /** @type {Map<string, number>} */
    const numbers = new Map();
    const times = new Int32Array(whys.length);
    for (const { clips } of runs) for (const why of clips.why) if (why !== NONE) times[why] += 1;
    const parts = whys.map((why, number) => (times[number] ? why.split("; ").map(about) : []));
    parts.forEach((kinds, why) => kinds.forEach((kind) => numbers.set(kind, (numbers.get(kind) ?? 0) + times[why])));
    const names = [...numbers.keys()].sort((a, b) => (numbers.get(b) ?? 0) - (numbers.get(a) ?? 0)).slice(0, MOST_KINDS);
    const bit = new Map(names.map((name, place) => [name, 1 << place]));
    const bits = Int32Array.from(parts, (kinds) => kinds.reduce((all, kind) => all | (bit.get(kind) ?? 0), 0));
    return { names, bits, bit };
  };
  /** @type {ReturnType<typeof troubles> | null} */
  let known = null;
  const kinds = () => (known ??= troubles());

  /** @param {string} key the columns of runs that count for order: of the chosen run, or of all */
  const better = (key) => {
    if (key === "badness") return "low";
    if (key === "seconds" || key === "rows") return null;
    return P.data.measures[key]?.better ?? null;
  };

  /** @type {Map<string, Float64Array>} */
  const kept = new Map();
  /**
   * Return a number of each clip by which to order: that of the chosen run, else the worst of all runs. NaN: not known.
   * @param {string} key
   * @param {number} of
   */
  const column = (key, of) => {
    const name = `${key} ${of}`;
    let found = kept.get(name);
    if (found) return found;
    found = new Float64Array(ids.length).fill(NaN);
    const least = better(key) === "high";
    for (let run = 0; run < runs.length; run += 1) {
      const values = runs[run].clips[key];
      if ((of !== NONE && of !== run) || !values) continue;
      const members = runs[run].clips.id;
      for (let row = 0; row < members.length; row += 1) {
        const value = values[row];
        const before = found[members[row]];
        if (value !== null && (Number.isNaN(before) || (least ? value < before : value > before))) found[members[row]] = value;
      }
    }
    kept.set(name, found);
    return found;
  };

  /**
   * @typedef {{find: string, status: Set<number>, of: number, kind: string, marked: boolean, shown: boolean,
   *   sort: string, reverse: boolean}} Wish
   */

  /**
   * Return which clips have all words of a text, in their id or in what is said of them in the runs that count.
   * @param {string} text
   * @param {number[]} counting
   */
  const speaking = (text, counting) => {
    const found = new Uint8Array(ids.length).fill(1);
    for (const word of text.toLowerCase().split(/\s+/).filter(Boolean)) {
      const why = said(word);
      const hit = named(word);
      for (const run of counting) {
        const { id, why: reasons, warnings } = runs[run].clips;
        for (let row = 0; row < id.length; row += 1) if (why[reasons[row]] || why[warnings[row]]) hit[id[row]] = 1;
      }
      for (let id = 0; id < hit.length; id += 1) found[id] &= hit[id];
    }
    return found;
  };

  /**
   * Return which clips have a wanted status and kind of trouble in one of the runs that count.
   * @param {Wish} wish
   * @param {number[]} counting
   */
  const ended = (wish, counting) => {
    const found = new Uint8Array(ids.length);
    const mask = wish.kind ? kinds().bit.get(wish.kind) ?? 0 : 0;
    const any = !wish.status.size;
    for (const run of counting) {
      const { id, status, why } = runs[run].clips;
      for (let row = 0; row < id.length; row += 1) {
        if (!any && !wish.status.has(status[row])) continue;
        if (wish.kind && (why[row] === NONE || !(kinds().bits[why[row]] & mask))) continue;
        found[id[row]] = 1;
      }
    }
    return found;
  };

  /** @param {Int32Array} found @param {Wish} wish */
  const order = (found, wish) => {
    if (wish.sort === "name") return wish.reverse ? found.reverse() : found;
    const keys = column(wish.sort, wish.of);
    const sign = (better(wish.sort) === "high" ? 1 : -1) * (wish.reverse ? -1 : 1);
    return found.sort((a, b) => {
      const [one, other] = [keys[a], keys[b]];
      if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return a - b;
      if (Number.isNaN(one)) return 1;
      if (Number.isNaN(other)) return -1;
      return sign * (one - other);
    });
  };

  /**
   * Return the numbers of the clips that are wanted, in their order.
   * @param {Wish} wish
   * @param {Set<string>} marks
   */
  const select = (wish, marks) => {
    const counting = wish.of === NONE ? runs.map((_, run) => run) : [wish.of];
    const text = wish.find.trim() ? speaking(wish.find, counting) : null;
    const end = ended(wish, counting);
    const found = new Int32Array(ids.length);
    let number = 0;
    for (let id = 0; id < ids.length; id += 1) {
      if (!end[id] || (text && !text[id])) continue;
      if ((wish.marked && !marks.has(ids[id])) || (wish.shown && !(id in P.data.shown))) continue;
      found[number++] = id;
    }
    return order(found.subarray(0, number), wish);
  };

  /** @param {number} id @param {number} [run] the run that counts; NONE: where the clip is worst */
  const of = (id, run = NONE) => {
    const chosen = run === NONE ? worstRun[id] : run;
    const row = chosen === NONE ? NONE : rowOf[chosen][id];
    if (row === NONE) return { run: chosen, row, bad: NaN, why: "", warning: "", status: "" };
    const { clips } = runs[chosen];
    return {
      run: chosen,
      row,
      bad: clips.badness[row] ?? NaN,
      why: whys[clips.why[row]] ?? "",
      warning: whys[clips.warnings[row]] ?? "",
      status: STATUS[clips.status[row]] ?? "",
    };
  };

  P.clips = {
    STATUS,
    select,
    of,
    kinds: () => kinds().names,
    /** @param {number} id @param {number} run @param {string} key @returns {number | null} */
    value: (id, run, key) => runs[run].clips[key]?.[rowOf[run][id]] ?? null,
    /** @param {number} id */
    runsOf: (id) => runs.map((_, run) => run).filter((run) => rowOf[run][id] !== NONE),
    /** The number of the worst clip, NONE where none has anything wrong. */
    worst: () => worst.reduce((best, bad, id) => (bad > 0 && !(worst[best] >= bad) ? id : best), NONE),
    /** How long the films of all clips are together. */
    seconds: () => column("seconds", NONE).reduce((all, value) => all + (Number.isNaN(value) ? 0 : value), 0),
    /** How many clips ended so in a run, or in any of them. @param {number} status @param {number} [run] */
    ended: (status, run = NONE) => ended({ find: "", status: new Set([status]), of: run, kind: "", marked: false, shown: false, sort: "name", reverse: false },
      run === NONE ? runs.map((_, number) => number) : [run]).reduce((all, one) => all + one, 0),
    /** The keys of measures that any clip has. */
    measures: () => Object.keys(P.data.measures).filter((key) => runs.some(({ clips }) => key in clips)),
  };
})();
