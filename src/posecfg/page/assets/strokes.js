// Bones and joints on a canvas, wherever their points come from: of pictures or of space.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /**
   * @typedef {{left: string, right: string, middle: string, halo: string, muted: string, line: string, paper: string}} Colours
   * @typedef {{bones: Uint16Array, joints: Uint16Array, side: keyof Colours, fine: boolean, dense: boolean}} Part
   *   ``fine`` parts are hands and faces, ``dense`` ones faces of so many points that dots of a usual size would cover them.
   * @typedef {{skeleton: any, at: Float32Array, levels: Uint8Array, alphas: number[], made: boolean, wide: number}} Body
   *   ``at`` are x and y of each keypoint on the canvas, NaN where there is none; ``levels`` tells of each how it is drawn:
   *   those of level 0 first, each with the strength of its level in ``alphas``. Made-up bodies are dashed and hollow.
   */

  /** @type {(keyof Colours)[]} */
  const SIDES = ["middle", "left", "right"];
  // The group of points of a face, and how many of them are a mesh.
  const FACE = 2;
  const MESH = 150;
  /** @type {WeakMap<object, {parts: Part[], rims: Part[]}>} */
  const plans = new WeakMap();

  /** Return bones and joints of a skeleton that are drawn alike, and those that have a rim of one width.
   * @param {any} skeleton @returns {{parts: Part[], rims: Part[]}} */
  const plan = (skeleton) => {
    let found = plans.get(skeleton);
    if (found) return found;
    const groups = P.poses.groups(skeleton);
    const { bones } = skeleton;
    /** @type {number[]} */
    const sides = skeleton.sides;
    const sideOf = (/** @type {[number, number]} */ [a, b]) => (sides[a] === sides[b] || !sides[b] ? sides[a] : sides[a] ? 0 : sides[b]);
    const mesh = groups.filter((/** @type {number} */ group) => group === FACE).length > MESH;
    // 0: body, 1: hands and faces of few points, 2: faces of many.
    const grade = (/** @type {number} */ k) => (groups[k] < 2 ? 0 : mesh && groups[k] === FACE ? 2 : 1);
    /** @param {number} own @param {number} side -1 all @returns {Part} */
    const part = (own, side) => ({
      bones: Uint16Array.from(bones.filter((/** @type {[number, number]} */ bone) => (side < 0 || sideOf(bone) === side) && own === Math.min(...bone.map(grade))).flat()),
      joints: Uint16Array.from([...sides.keys()].filter((k) => (side < 0 || sides[k] === side) && own === grade(k))),
      side: SIDES[Math.max(0, side)],
      fine: own > 0,
      dense: own === 2,
    });
    const parts = [2, 1, 0].flatMap((own) => [0, 1, 2].map((side) => part(own, side))).filter((one) => one.joints.length || one.bones.length);
    found = { parts, rims: [part(2, -1), part(1, -1), part(0, -1)] };
    plans.set(skeleton, found);
    return found;
  };

  /** @param {Float32Array} at @param {number} k */
  const there = (at, k) => at[2 * k] + at[2 * k + 1] < Infinity;

  /** @param {CanvasRenderingContext2D} g @param {Body} body @param {Part} part @param {number} level -1 all @param {number} width */
  const lines = (g, { at, levels, made }, part, level, width) => {
    let any = false;
    g.beginPath();
    for (let i = 0; i < part.bones.length; i += 2) {
      const a = part.bones[i];
      const b = part.bones[i + 1];
      if (!there(at, a) || !there(at, b) || (level >= 0 && Math.min(levels[a], levels[b]) !== level)) continue;
      g.moveTo(at[2 * a], at[2 * a + 1]);
      g.lineTo(at[2 * b], at[2 * b + 1]);
      any = true;
    }
    if (!any) return;
    const dashed = made && level >= 0;
    g.lineCap = part.fine || dashed ? "butt" : "round";
    g.lineWidth = width;
    if (dashed) g.setLineDash([width * 2.2, width * 1.6]);
    g.stroke();
    if (dashed) g.setLineDash([]);
  };

  /** @param {CanvasRenderingContext2D} g @param {Body} body @param {Part} part @param {number} level -1 all @param {number} radius */
  const dots = (g, { at, levels, made }, part, level, radius) => {
    let any = false;
    g.beginPath();
    for (const k of part.joints) {
      if (!there(at, k) || (level >= 0 && levels[k] !== level)) continue;
      any = true;
      const x = at[2 * k];
      const y = at[2 * k + 1];
      // So small a square looks like a dot, and is drawn much faster.
      if (part.fine || radius < 1.3) g.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
      else {
        g.moveTo(x + radius, y);
        g.arc(x, y, radius, 0, 2 * Math.PI);
      }
    }
    if (!any) return;
    g.lineWidth = Math.max(0.8, radius * 0.5);
    if (made && level >= 0) g.stroke();
    else g.fill();
  };

  const scratch = document.createElement("canvas");

  P.strokes = {
    /** Draw a body. @param {CanvasRenderingContext2D} g @param {Body} body @param {Colours} colours @param {number} [strength] */
    body: (g, body, colours, strength = 1) => {
      const { parts } = plan(body.skeleton);
      for (let level = 0; level < body.alphas.length; level++) {
        for (const part of parts) {
          g.strokeStyle = g.fillStyle = colours[part.side];
          g.globalAlpha = strength * body.alphas[level];
          lines(g, body, part, level, Math.max(0.7, body.wide * (part.dense ? 0.3 : part.fine ? 0.5 : 1)));
          dots(g, body, part, level, part.dense ? Math.min(0.6, 0.15 * body.wide) : part.fine ? 0.45 * body.wide : 1.1 * body.wide);
        }
      }
      g.globalAlpha = 1;
    },
    /** Draw the rim around a body, in one colour. @param {CanvasRenderingContext2D} g @param {Body} body @param {string} colour
     * @param {number} [strength] */
    rim: (g, body, colour, strength = 1) => {
      g.strokeStyle = g.fillStyle = colour;
      g.globalAlpha = strength;
      for (const part of plan(body.skeleton).rims) {
        // Around the hands and faces of small figures a rim cannot be seen, but takes as long as all the rest.
        if (part.fine && body.wide < 2.7) continue;
        lines(g, body, part, -1, part.dense ? 0.3 * body.wide + 1 : (part.fine ? 0.5 : 1) * body.wide + 2);
        if (part.dense) continue;
        dots(g, body, part, -1, part.fine ? 0.5 * body.wide + 0.7 : 1.15 * body.wide + 1);
      }
      g.globalAlpha = 1;
    },
    /** Draw bodies in lines that are hollow, which tells them from others without colour. @param {CanvasRenderingContext2D} g
     * @param {Body[]} bodies @param {Colours} colours @param {number[]} strengths */
    hollow: (g, bodies, colours, strengths) => {
      const { width, height } = g.canvas;
      if (scratch.width !== width || scratch.height !== height) Object.assign(scratch, { width, height });
      const s = /** @type {CanvasRenderingContext2D} */ (scratch.getContext("2d"));
      s.setTransform(1, 0, 0, 1, 0, 0);
      s.clearRect(0, 0, width, height);
      s.setTransform(g.getTransform());
      for (const [i, body] of bodies.entries()) {
        const outer = { ...body, wide: body.wide * 1.65 };
        P.strokes.rim(s, outer, colours.halo);
        P.strokes.body(s, outer, colours, strengths[i]);
      }
      s.globalCompositeOperation = "destination-out";
      for (const body of bodies) P.strokes.body(s, { ...body, wide: body.wide * 0.75, alphas: body.alphas.map(() => 1) }, colours);
      s.globalCompositeOperation = "source-over";
      g.save();
      g.setTransform(1, 0, 0, 1, 0, 0);
      g.drawImage(scratch, 0, 0);
      g.restore();
    },
    /** Draw the coarse bones alone, as a shadow. @param {CanvasRenderingContext2D} g @param {Body} body @param {string} colour
     * @param {number} strength */
    shadow: (g, body, colour, strength) => {
      g.strokeStyle = colour;
      g.globalAlpha = strength;
      lines(g, body, plan(body.skeleton).rims[2], -1, body.wide);
      g.globalAlpha = 1;
    },
  };
})();
