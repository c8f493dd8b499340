// People drawn on a canvas: bones by side, joints by size, low scores fainter, made-up rows dashed, over a picture or not.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /**
   * @typedef {{left: string, right: string, middle: string, halo: string, muted: string, line: string, paper: string}} Colours
   * @typedef {{x: number, y: number, scale: number}} Frame where px of the film are on a canvas
   */

  /** Shown scores: four steps from faint to full. */
  const FAINT = [0.28, 0.52, 0.78, 1];
  /** @param {Float32Array | null} score @param {number} k */
  const step = (score, k) => {
    const value = score ? score[k] : 1;
    return value >= 0.6 ? 3 : value >= 0.4 ? 2 : value >= 0.2 ? 1 : Number.isNaN(value) ? 3 : 0;
  };

  /** Return a person of a row as it is drawn. @param {any} poses @param {any} person @param {number} row @param {Frame} frame
   * @param {number} wide */
  const bodyOf = (poses, { xy, score, state }, row, frame, wide) => {
    const { skeleton } = poses;
    const count = skeleton.keypoints.length;
    const at = new Float32Array(2 * count);
    const levels = new Uint8Array(count);
    for (let k = 0; k < count; k++) {
      const from = row * count + k;
      at[2 * k] = frame.x + frame.scale * xy[2 * from];
      at[2 * k + 1] = frame.y + frame.scale * xy[2 * from + 1];
      levels[k] = step(score, from);
    }
    return { skeleton, at, levels, alphas: FAINT, made: state[row] === "m", wide };
  };

  /** Return the width of lines of a person. @param {number[]} box @param {number} scale */
  const wideOf = (box, scale) => Math.min(4.2, Math.max(1.1, 0.45 * Math.sqrt(Math.hypot(box[2] - box[0], box[3] - box[1]) * scale * 0.16)));

  P.figure = {
    /**
     * Draw the people of a row. ``person`` is the id of the one who counts, others are fainter. ``tubes`` draws hollow
     * lines, which tell a second run from the first without colour.
     * @param {CanvasRenderingContext2D} g @param {any} poses @param {number} row @param {Frame} frame @param {Colours} colours
     * @param {{person?: number | null, tubes?: boolean, names?: boolean}} [how]
     */
    people: (g, poses, row, frame, colours, how = {}) => {
      const { person = null, tubes = false, names = false } = how;
      const count = poses.skeleton.keypoints.length;
      const there = poses.people.filter((/** @type {any} */ p) => p.xy && row >= 0 && row < poses.rows && p.state[row] !== ".");
      there.sort((/** @type {any} */ a, /** @type {any} */ b) => Number(a.id === person) - Number(b.id === person));
      if (tubes) {
        const bodies = there.map((/** @type {any} */ p) => bodyOf(poses, p, row, frame, wideOf(P.canvas.box(p.xy, row * count, (row + 1) * count), frame.scale)));
        P.strokes.hollow(g, bodies, colours, there.map((/** @type {any} */ p) => (person === null || p.id === person ? 1 : 0.35)));
        return;
      }
      for (const p of there) {
        const box = P.canvas.box(p.xy, row * count, (row + 1) * count);
        if (!(box[2] >= box[0])) continue;
        const strength = person === null || p.id === person ? 1 : 0.3;
        const body = bodyOf(poses, p, row, frame, wideOf(box, frame.scale));
        P.strokes.rim(g, body, colours.halo, strength);
        P.strokes.body(g, body, colours, strength);
        if (names && poses.people.length > 1) label(g, p, box, frame, colours, strength);
      }
    },

    /**
     * Draw a row of a clip on a canvas of a card: its picture, and all people of a run.
     * @param {HTMLCanvasElement} canvas
     * @param {{clip: any, run: number | string, row?: number, picture?: any, person?: number | null, size?: [number, number]}} what
     *   ``clip`` as P.clip gives it; ``picture`` one of its pictures, whose time says the row where none is given;
     *   ``size`` CSS px, that of the canvas' place unless given
     * @returns {Promise<string>} what is in the row, in words
     */
    draw: async (canvas, { clip, run, row, picture, person = null, size }) => {
      const poses = await P.poses.of(clip, run);
      const image = picture ? await P.canvas.image(picture) : null;
      const [width, height] = size ?? [canvas.clientWidth || 160, canvas.clientHeight || 90];
      const g = P.canvas.fitted(canvas, width, height);
      const extent = P.canvas.extent(clip, poses ? [poses] : []);
      const frame = P.canvas.placed(extent, width, height);
      if (image) g.drawImage(image, frame.x, frame.y, extent.w * frame.scale, extent.h * frame.scale);
      if (!poses) return "This run does not have the clip.";
      const at = row ?? P.poses.nearest(poses.times, picture?.time ?? 0);
      P.figure.people(g, poses, at, frame, P.canvas.colours(canvas, Boolean(image)), { person });
      return P.poses.words(poses, at);
    },
  };

  /** Write the id of a person above the head. @param {CanvasRenderingContext2D} g @param {any} person @param {number[]} box
   * @param {Frame} frame @param {Colours} colours @param {number} strength */
  function label(g, person, box, frame, colours, strength) {
    const text = String(person.id);
    g.font = "600 11px system-ui, sans-serif";
    const width = g.measureText(text).width + 8;
    const x = frame.x + (frame.scale * (box[0] + box[2])) / 2;
    const y = Math.max(9, frame.y + frame.scale * box[1] - 12);
    g.globalAlpha = Math.max(0.5, strength);
    g.fillStyle = colours.paper;
    g.beginPath();
    g.roundRect(x - width / 2, y - 8, width, 16, 3);
    g.fill();
    g.fillStyle = colours.muted;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.fillText(text, x, y + 0.5);
    g.globalAlpha = 1;
  }
})();
