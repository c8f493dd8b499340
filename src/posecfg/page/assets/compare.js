// Two runs of one clip: rows of the same time, people who are the same, and how far their keypoints are apart.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /** Return pairs of numbers of keypoints that have the same name. @param {any} a @param {any} b @returns {[number, number][]} */
  const shared = (a, b) => {
    const places = new Map(b.keypoints.map((/** @type {string} */ word, /** @type {number} */ at) => [word, at]));
    return a.keypoints.map((/** @type {string} */ word, /** @type {number} */ at) => [at, places.get(word)]).filter((/** @type {any} */ pair) => pair[1] !== undefined);
  };

  /** Return the sum of distances and their number. @param {Float32Array} a @param {number} from @param {Float32Array} b
   * @param {number} fromB @param {[number, number][]} pairs */
  const apart = (a, from, b, fromB, pairs) => {
    let sum = 0;
    let count = 0;
    for (const [i, j] of pairs) {
      const far = Math.hypot(a[2 * (from + i)] - b[2 * (fromB + j)], a[2 * (from + i) + 1] - b[2 * (fromB + j) + 1]);
      if (!Number.isFinite(far)) continue;
      sum += far;
      count++;
    }
    return { sum, count };
  };

  /** @param {any} poses @param {number} row @param {number | null} person */
  const present = (poses, row, person) =>
    poses.people.filter((/** @type {any} */ p) => p.xy && p.state[row] !== "." && (person === null || p.id === person));

  P.compare = {
    /**
     * Return the mean distance px of keypoints of the same name, of people who are nearest to each other.
     * @param {any} poses @param {number} row @param {any} other @param {number} otherRow @param {number | null} person
     * @returns {{mean: number, count: number, people: number}} ``mean`` is NaN where nothing can be compared
     */
    distance: (poses, row, other, otherRow, person) => {
      const pairs = shared(poses.skeleton, other.skeleton);
      const [from, fromB] = [row * poses.skeleton.keypoints.length, otherRow * other.skeleton.keypoints.length];
      const free = new Set(present(other, otherRow, null));
      let [sum, count, people] = [0, 0, 0];
      for (const one of present(poses, row, person)) {
        let best = null;
        for (const two of free) {
          const found = apart(one.xy, from, two.xy, fromB, pairs);
          if (found.count && (!best || found.sum / found.count < best.found.sum / best.found.count)) best = { two, found };
        }
        if (!best) continue;
        free.delete(best.two);
        sum += best.found.sum;
        count += best.found.count;
        people++;
      }
      return { mean: count ? sum / count : NaN, count, people };
    },

    /** Say how many people of a row one run alone has. @param {any} view @param {number} otherRow @param {number} both */
    alone: (view, otherRow, both) => {
      const { poses, other, row, person } = view;
      const more = [[poses, row, person], [other, otherRow, null]].map(([of, at, who]) => [view.nameOf(of), present(of, at, who).length - both]);
      if (person !== null) more.pop();
      const told = more.filter(([, number]) => number > 0).map(([name, number]) => `${number} more in ${name}`);
      return told.length ? ` There ${more.some(([, number]) => number > 1) || told.length > 1 ? "are" : "is"} ${told.join(" and ")}.` : "";
    },

    /** Say how far two runs are apart in a row. @param {any} view */
    words: (view) => {
      const { poses, other, row, person } = view;
      if (!poses?.rows || !other?.rows) return "Nothing to compare: one of both has no rows.";
      const flat = (/** @type {any} */ of) => !of.people.length || of.people.some((/** @type {any} */ p) => p.xy);
      if (!flat(poses) || !flat(other)) return "Nothing to compare: one of both has no points in px.";
      const otherRow = view.otherRow();
      const { mean, count, people } = P.compare.distance(poses, row, other, otherRow, person);
      const late = Math.abs(other.times[otherRow] - poses.times[row]);
      const time = late > other.step * 0.51 + 1e-4 ? ` Its nearest row is ${late.toFixed(2)} s away.` : "";
      if (!count) return `Nobody in this row whom both runs have.${time}`;
      const who = people > 1 ? ` of ${people} people` : "";
      return `${mean.toFixed(1)} px apart on average, over ${P.count(count, "keypoint")} of the same name${who}.${P.compare.alone(view, otherRow, people)}${time}`;
    },
  };
})();
