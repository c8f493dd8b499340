// People drawn on a canvas: bones by side, joints by size, low scores fainter, made-up rows dashed, over a picture or not.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /**
   * @typedef {{left: string, right: string, middle: string, halo: string, muted: string, line: string, paper: string}} Colours
   * @typedef {{bones: Uint16Array, joints: Uint16Array, side: keyof Colours, fine: boolean}} Part
   * @typedef {{x: number, y: number, scale: number}} Frame where px of the film are on a canvas
   */

  /** Shown scores: four steps from faint to full. */
  const FAINT = [0.28, 0.52, 0.78, 1];
  /** @type {(keyof Colours)[]} */
  const SIDES = ["middle", "left", "right"];
  /** @type {WeakMap<object, Part[]>} */
  const plans = new WeakMap();

  /** Return bones and joints of a skeleton that are drawn alike. @param {any} skeleton @returns {Part[]} */
  const parts = (skeleton) => {
    let found = plans.get(skeleton);
    if (found) return found;
    const groups = P.poses.groups(skeleton);
    const { bones } = skeleton;
    /** @type {number[]} */
    const sides = skeleton.sides;
    found = [];
    for (const fine of [true, false]) {
      for (const side of [0, 1, 2]) {
        const of = (/** @type {number} */ k) => fine === groups[k] > 1;
        const ofBone = (/** @type {[number, number]} */ [a, b]) => {
          const both = sides[a] === sides[b] || !sides[b] ? sides[a] : sides[a] ? 0 : sides[b];
          return both === side && fine === (groups[a] > 1 && groups[b] > 1);
        };
        const joints = [...sides.keys()].filter((k) => sides[k] === side && of(k));
        found.push({ bones: Uint16Array.from(bones.filter(ofBone).flat()), joints: Uint16Array.from(joints), side: SIDES[side], fine });
      }
    }
    plans.set(skeleton, found);
    return found;
  };

  /** @param {Float32Array | null} score @param {number} k */
  const step = (score, k) => {
    const value = score ? score[k] : 1;
    return value >= 0.6 ? 3 : value >= 0.4 ? 2 : value >= 0.2 ? 1 : Number.isNaN(value) ? 3 : 0;
  };

  /** Draw one person of a row. @param {CanvasRenderingContext2D} g @param {any} poses @param {any} person @param {number} row
   * @param {Frame} frame @param {Colours} colours @param {number} strength @param {number} wide @param {boolean} halo */
  const one = (g, poses, person, row, frame, colours, strength, wide, halo) => {
    const { xy, score } = person;
    const count = poses.skeleton.keypoints.length;
    const from = row * count;
    const made = person.state[row] === "m";
    const X = (/** @type {number} */ k) => frame.x + frame.scale * xy[2 * (from + k)];
    const Y = (/** @type {number} */ k) => frame.y + frame.scale * xy[2 * (from + k) + 1];
    const there = (/** @type {number} */ k) => xy[2 * (from + k)] + xy[2 * (from + k) + 1] < Infinity;
    const line = (/** @type {Part} */ part, /** @type {number} */ level) => {
      let any = false;
      g.beginPath();
      for (let i = 0; i < part.bones.length; i += 2) {
        const a = part.bones[i];
        const b = part.bones[i + 1];
        if (!there(a) || !there(b)) continue;
        if (level >= 0 && Math.min(step(score, from + a), step(score, from + b)) !== level) continue;
        g.moveTo(X(a), Y(a));
        g.lineTo(X(b), Y(b));
        any = true;
      }
      if (any) g.stroke();
    };
    const dots = (/** @type {Part} */ part, /** @type {number} */ level, /** @type {number} */ radius) => {
      let any = false;
      g.beginPath();
      for (const k of part.joints) {
        if (!there(k) || (level >= 0 && step(score, from + k) !== level)) continue;
        g.moveTo(X(k) + radius, Y(k));
        g.arc(X(k), Y(k), radius, 0, 2 * Math.PI);
        any = true;
      }
      if (any && made && level >= 0) g.stroke();
      else if (any) g.fill();
    };
    g.lineCap = "round";
    if (halo) {
      g.globalAlpha = strength;
      g.strokeStyle = g.fillStyle = colours.halo;
      for (const part of parts(poses.skeleton)) {
        g.lineWidth = (part.fine ? 0.5 : 1) * wide + 2;
        line(part, -1);
        dots(part, -1, (part.fine ? 0.5 : 1.15) * wide + 1);
      }
    }
    for (const part of parts(poses.skeleton)) {
      const width = Math.max(0.7, wide * (part.fine ? 0.5 : 1));
      g.strokeStyle = g.fillStyle = colours[part.side];
      for (let level = 0; level < 4; level++) {
        g.globalAlpha = strength * FAINT[level];
        g.lineWidth = width;
        if (made) g.setLineDash([width * 1.5, width * 2]);
        line(part, level);
        g.setLineDash([]);
        g.lineWidth = Math.max(0.8, width * 0.5);
        dots(part, level, part.fine ? 0.45 * wide : 1.1 * wide);
      }
    }
    g.globalAlpha = 1;
  };

  /** Return the width of lines of a person. @param {number[]} box @param {number} scale */
  const wideOf = (box, scale) => Math.min(4.2, Math.max(1.1, 0.45 * Math.sqrt(Math.hypot(box[2] - box[0], box[3] - box[1]) * scale * 0.16)));

  const scratch = document.createElement("canvas");

  P.figure = {
    parts,

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
      if (tubes) return hollow(g, poses, row, frame, colours, there, person);
      for (const p of there) {
        const box = P.canvas.box(p.xy, row * count, (row + 1) * count);
        if (!(box[2] >= box[0])) continue;
        const strength = person === null || p.id === person ? 1 : 0.3;
        one(g, poses, p, row, frame, colours, strength, wideOf(box, frame.scale), true);
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

  /** Draw people in lines that are hollow, on a canvas of their own. @param {CanvasRenderingContext2D} g @param {any} poses
   * @param {number} row @param {Frame} frame @param {Colours} colours @param {any[]} there @param {number | null} person */
  function hollow(g, poses, row, frame, colours, there, person) {
    const { width, height } = g.canvas;
    if (scratch.width !== width || scratch.height !== height) Object.assign(scratch, { width, height });
    const s = /** @type {CanvasRenderingContext2D} */ (scratch.getContext("2d"));
    s.setTransform(1, 0, 0, 1, 0, 0);
    s.clearRect(0, 0, width, height);
    s.setTransform(g.getTransform());
    const count = poses.skeleton.keypoints.length;
    for (const inner of [false, true]) {
      s.globalCompositeOperation = inner ? "destination-out" : "source-over";
      for (const p of there) {
        const wide = wideOf(P.canvas.box(p.xy, row * count, (row + 1) * count), frame.scale);
        const strength = person === null || p.id === person ? 1 : 0.35;
        if (!(wide > 0)) continue;
        const flat = inner ? { ...poses, people: [] } : poses;
        one(s, flat, inner ? { ...p, score: null } : p, row, frame, colours, inner ? 1 : strength, inner ? wide * 0.9 : wide * 2, !inner);
      }
    }
    s.globalCompositeOperation = "source-over";
    g.save();
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(scratch, 0, 0);
    g.restore();
  }

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
