// The state of the clip that is looked at: which run, row and person, what is compared; all parts read it from here.
"use strict";
(() => {
  const P = globalThis.posecfg;
  /** Moves over rows are put into the address when they rest for so many ms. */
  const REST = 250;
  /** The most letters of a name of a run. */
  const NAME = 36;

  /** @param {string | undefined} text */
  const whole = (text) => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null);

  /** @param {any} clip @param {number} run */
  const stripOf = (clip, run) => P.data.shown[P.data.ids.indexOf(clip.id)]?.strips?.[run] ?? "";

  /** @param {any} poses */
  const lastRow = (poses) => Math.max(0, (poses?.rows ?? 0) - 1);

  /** Whether a picture is that of a row. @param {any} picture @param {any} poses @param {number} row */
  const isOf = (picture, poses, row) => {
    const index = poses?.index?.[row];
    return index !== undefined ? picture.index === index : Math.abs(picture.time - (poses?.times[row] ?? 0)) < 0.5 * (poses?.step ?? 0) + 1e-4;
  };

  /** Return the first row in which there is a person, of those that have a picture of their own where there are any.
   * @param {any} clip @param {any} poses */
  const firstRow = (clip, poses) => {
    /** @type {any[]} */
    const people = poses?.people ?? [];
    const rows = people.map((p) => p.state.search(/[^.]/)).filter((row) => row >= 0);
    const pictured = poses?.rows ? clip.pictures.map((/** @type {any} */ picture) => {
      const row = P.poses.nearest(poses.times, picture.time);
      return isOf(picture, poses, row) && people.some((p) => p.state[row] !== ".") ? row : NaN;
    }).filter(Number.isFinite) : [];
    if (pictured.length) return Math.min(...pictured);
    return rows.length ? Math.min(...rows) : 0;
  };

  /** @param {() => void} draw draws the row @param {(clip: boolean) => void} renew makes what is more than the row anew */
  P.view = (draw, renew) => {
    let waits = 0;
    let drawn = 0;
    let apart = { key: "", values: /** @type {number[]} */ ([]) };
    /** @type {WeakMap<object, Float32Array>} */
    const curves = new WeakMap();

    /** @type {any} */
    const view = {
      id: "",
      clip: /** @type {any} */ (null),
      poses: /** @type {any} */ (null),
      other: /** @type {any} */ (null),
      run: 0,
      with: /** @type {number | null} */ (null),
      person: /** @type {number | null} */ (null),
      mode: "over",
      row: 0,
      strip: "",
      extent: { x: 0, y: 0, w: 160, h: 90 },
      playing: false,
      flipped: false,
      picture: /** @type {any} */ (null),
      image: /** @type {HTMLImageElement | null} */ (null),
      exact: false,

      /** Take what an address says; tells whether the clip or run became another one. @param {any} clip
       * @param {Record<string, string>} address @param {() => boolean} still whether it is still wanted once it is read */
      take: async (clip, address, still) => {
        const run = whole(address.run) ?? Number(Object.keys(clip.runs)[0] ?? 0);
        const other = whole(address.with);
        const poses = await P.poses.of(clip, run);
        const second = other !== null && other !== run ? await P.poses.of(clip, other) : null;
        if (!still()) return;
        const changed = clip !== view.clip || run !== view.run || poses !== view.poses;
        const person = whole(address.person);
        const chosen = poses?.people.some((/** @type {any} */ p) => p.id === person) ? person : null;
        const mode = ["over", "toggle", "side"].includes(address.mode) ? address.mode : "over";
        const more = changed || second !== view.other || chosen !== view.person || mode !== view.mode;
        Object.assign(view, { clip, id: clip.id, run, poses, other: second, with: second ? other : null, person: chosen, mode });
        const row = Math.min(lastRow(poses), whole(address.frame) ?? (changed ? firstRow(clip, poses) : view.row));
        const moved = row !== view.row;
        // What is made anew is drawn at once: the row of another clip may be behind the end of this one.
        view.row = row;
        if (more) {
          view.flipped = false;
          view.strip = stripOf(clip, run);
          view.extent = P.canvas.extent(clip, [poses, second].filter(Boolean));
          renew(changed);
        }
        if (more || moved) view.show(row);
      },

      /** Change parts of the address. @param {Record<string, string | number | null>} change */
      set: (change) => {
        clearTimeout(waits);
        waits = 0;
        P.address.set({ frame: view.row, ...change });
      },

      /** Go to a row. @param {number} row @param {boolean} [playing] whether it is the clip that goes on by itself */
      go: (row, playing = false) => {
        if (!view.poses?.rows) return;
        view.show(Math.min(view.poses.rows - 1, Math.max(0, row)));
        if (playing) return;
        view.moved();
        clearTimeout(waits);
        waits = setTimeout(() => view.clip && P.address.set({ frame: view.row }), REST);
      },
      moved: () => {},
      /** Go to the row of a time. @param {number} time */
      goTime: (time) => view.go(P.poses.nearest(view.poses?.times ?? [], time)),

      /** Forget what waits to be put into the address. */
      rest: () => clearTimeout(waits),

      /** @param {number} row */
      show: (row) => {
        view.row = row;
        const { clip, poses } = view;
        const time = poses?.rows ? poses.times[row] : 0;
        const pictures = clip.pictures;
        const at = P.poses.nearest(pictures.map((/** @type {any} */ p) => p.time), time);
        const picture = pictures[at] ?? null;
        view.exact = Boolean(picture) && isOf(picture, poses, row);
        if (picture !== view.picture) {
          view.picture = picture;
          view.image = null;
          if (picture) {
            void P.canvas.image(picture).then((/** @type {HTMLImageElement | null} */ image) => {
              if (view.picture !== picture) return;
              view.image = image;
              view.later();
            });
          }
        }
        view.later();
      },

      /** Draw before the next picture of the screen, once. */
      later: () => {
        drawn ||= requestAnimationFrame(() => {
          drawn = 0;
          if (view.clip) draw();
        });
      },

      /** Show the other run instead, and back. @param {boolean} [on] */
      flip: (on = !view.flipped) => {
        if (!view.other || on === view.flipped) return;
        view.flipped = on;
        view.later();
      },

      otherRow: () => (view.other?.rows ? P.poses.nearest(view.other.times, view.poses?.times[view.row] ?? 0) : -1),
      /** @param {any} poses */
      nameOf: (poses) => view.runName(poses === view.other ? /** @type {number} */ (view.with) : view.run),
      /** Return the name of a run in few letters. @param {number} run */
      runName: (run) => P.cut(P.visible(P.data.runs[run]?.name ?? `run ${run}`), NAME),

      /** Return the letter of a row: that of the person who is chosen, else that of the strip. @param {number} row @param {any} one */
      letter: (row, one) => {
        const { poses, strip } = view;
        const own = one ?? (poses.people.length === 1 ? poses.people[0] : null);
        const state = own?.state[row];
        if (one && (state === "." || state === "m")) return state;
        if (!strip) return poses.people.reduce((/** @type {string} */ best, /** @type {any} */ p) => (p.state[row] === "f" || best === "." ? p.state[row] : best), ".");
        if (strip.length === poses.rows) return strip[row];
        const span = poses.times[poses.rows - 1] - poses.times[0];
        const share = span > 0 ? (poses.times[row] - poses.times[0]) / span : 0;
        return strip[Math.min(strip.length - 1, Math.floor(share * strip.length))];
      },

      /** Return the mean distance px of both runs in each row, NaN where nothing can be compared. @returns {number[]} */
      distances: () => {
        const { poses, other, person } = view;
        const key = [poses.rows, view.id, view.run, view.with, person].join("\n");
        if (apart.key === key) return apart.values;
        const of = (/** @type {number} */ row) => P.compare.distance(poses, row, other, P.poses.nearest(other.times, poses.times[row]), person).mean;
        apart = { key, values: Array.from({ length: other.rows ? poses.rows : 0 }, (_, row) => of(row)) };
        return apart.values;
      },

      /** Return the mean score of each row, of a person or of all. @param {any} one @returns {Float32Array} */
      means: (one) => {
        const { poses } = view;
        const key = one ?? poses;
        let found = curves.get(key);
        if (found) return found;
        const people = one ? [one] : poses.people;
        found = Float32Array.from({ length: poses.rows }, (_, row) => {
          const means = people.filter((/** @type {any} */ p) => p.state[row] !== ".").map((/** @type {any} */ p) => P.poses.scores(poses, p, row).mean).filter(Number.isFinite);
          return means.length ? means.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) / means.length : NaN;
        });
        curves.set(key, found);
        return found;
      },
    };
    return view;
  };
})();
