// The poses of a clip in one run, unpacked once, and what can be asked of them: rows by time, groups of keypoints, words.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /**
   * @typedef {{name: string, keypoints: string[], bones: [number, number][], sides: number[]}} Skeleton
   * @typedef {{id: number, state: string, there: number, breaks: number[], xy: Float32Array | null,
   *   score: Float32Array | null, xyz: Float32Array | null}} Person
   * @typedef {{skeleton: Skeleton, rows: number, every: number, times: Float32Array, step: number, index: Float32Array | null,
   *   people: Person[], film: string | null, command: string, space: string, notes: string[]}} Poses
   */

  const NO_SKELETON = { name: "none", keypoints: [], bones: [], sides: [] };
  const HANDS = /hand_root|thumb|finger|pinky/;
  const FACE = /jaw|chin|brow|nostril|lip|mouth|pupil|eyelid|nose_|eye_|eye\d|face/;
  const FEET = /toe|heel/;
  /** A skeleton of so many keypoints has hands and a face that are drawn thin and listed apart. */
  const FINE = 40;

  /** @type {WeakMap<object, Promise<Poses>>} */
  const known = new WeakMap();

  /**
   * Return numbers, null where there are none; what is damaged becomes a note.
   * @param {any} packed @param {number} count @param {Set<string>} notes
   */
  const numbers = async (packed, count, notes) => {
    if (!packed) return null;
    try {
      const { values } = await P.pack.decode(packed);
      if (values.length >= count) return values;
      notes.add(`Expected ${count} numbers of poses, but got ${values.length}.`);
    } catch (error) {
      notes.add(String(error instanceof Error ? error.message : error));
    }
    return null;
  };

  /** @param {Float32Array} times */
  const usualStep = (times) => {
    const steps = Array.from(times.subarray(1), (time, i) => time - times[i]).filter((step) => step > 0);
    return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0.04;
  };

  /** @param {any} run @returns {Promise<Poses>} */
  const unpacked = async (run) => {
    /** @type {Set<string>} */
    const notes = new Set(run.note ? [run.note] : []);
    const rows = run.rows ?? 0;
    const skeleton = P.data.skeletons[run.skeleton] ?? NO_SKELETON;
    const size = rows * skeleton.keypoints.length;
    let times = await numbers(run.times, rows, notes);
    if (!times || !times.every(Number.isFinite)) times = Float32Array.from({ length: rows }, (_, row) => row / 25);
    const people = await Promise.all(
      (run.people ?? []).map(async (/** @type {any} */ one) => {
        const [xy, score, xyz] = await Promise.all([
          numbers(one.xy, size * 2, notes),
          numbers(one.score, size, notes),
          numbers(one.xyz, size * 3, notes),
        ]);
        const state = String(one.state ?? "").padEnd(rows, ".");
        return { id: one.id, state, there: rows - state.split(".").length + 1, breaks: one.breaks ?? [], xy, score, xyz };
      }),
    );
    const index = await numbers(run.index, rows, notes);
    const { every = 1, film = null, command = "", space = "px" } = run;
    return { skeleton, rows, every, times, step: usualStep(times), index, people, film, command, space, notes: [...notes] };
  };

  P.poses = {
    /**
     * Return the poses of a clip in a run, null where the run lacks the clip.
     * @param {any} clip as P.clip gives it
     * @param {number | string} run
     * @returns {Promise<Poses | null>}
     */
    of: (clip, run) => {
      const data = clip.runs?.[run];
      if (!data) return Promise.resolve(null);
      let found = known.get(data);
      if (!found) known.set(data, (found = unpacked(data)));
      return found;
    },

    /**
     * Return the row whose time is nearest; -1 without rows.
     * @param {ArrayLike<number>} times in order
     * @param {number} time
     */
    nearest: (times, time) => {
      let low = 0;
      let high = times.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (times[middle] <= time) low = middle;
        else high = middle;
      }
      return high < 0 || Math.abs(times[low] - time) <= Math.abs(times[high] - time) ? Math.min(low, high) : high;
    },

    /**
     * Return the group of each keypoint: 0 body, 1 feet, 2 face, 3 left hand, 4 right hand.
     * @param {Skeleton} skeleton
     */
    groups: (skeleton) =>
      skeleton.keypoints.map((name) => {
        if (skeleton.keypoints.length <= FINE) return 0;
        if (HANDS.test(name)) return name.includes("left") ? 3 : 4;
        return FEET.test(name) ? 1 : FACE.test(name) ? 2 : 0;
      }),
    GROUPS: ["body", "feet", "face", "left hand", "right hand"],

    /**
     * Return the mean score of a person in a row, NaN without any; and how many keypoints are missing.
     * @param {Poses} poses @param {Person} person @param {number} row
     */
    scores: (poses, person, row) => {
      const count = poses.skeleton.keypoints.length;
      let sum = 0;
      let scored = 0;
      let missing = 0;
      for (let k = row * count; k < (row + 1) * count; k++) {
        const score = person.score?.[k] ?? NaN;
        if (Number.isFinite(score)) {
          sum += score;
          scored++;
        }
        if (!Number.isFinite(person.xy?.[2 * k] ?? NaN) && !Number.isFinite(person.xyz?.[3 * k] ?? NaN)) missing++;
      }
      return { mean: scored ? sum / scored : NaN, missing };
    },

    /**
     * Say what is in a row, for those who do not see the picture.
     * @param {Poses} poses @param {number} row
     */
    words: (poses, row) => {
      if (!poses.rows) return "No rows: nothing was looked at.";
      const count = poses.skeleton.keypoints.length;
      const there = poses.people.filter((one) => one.state[row] !== ".");
      const parts = there.slice(0, 6).map((one) => {
        const { mean, missing } = P.poses.scores(poses, one, row);
        const how = one.state[row] === "m" ? "made up" : "found";
        const score = Number.isFinite(mean) ? `, mean score ${mean.toFixed(2)}` : "";
        return `person ${one.id} ${how}${score}${missing ? `, ${missing} of ${count} keypoints missing` : ""}`;
      });
      if (there.length > 6) parts.push(`${there.length - 6} more`);
      const who = there.length ? parts.join("; ") : "no person";
      return `Row ${row} of ${poses.rows}, ${poses.times[row].toFixed(2)} s: ${who}.`;
    },
  };
})();
