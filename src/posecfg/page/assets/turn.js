// People in space on a canvas: turned by dragging or keys, with a floor, in a scale that is fixed over the clip.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const START = { yaw: 0.5, pitch: 0.22 };
  const DEPTHS = 5;

  /** @param {any} poses @returns {{centre: number[][], floor: number, reach: number, middle: number[], apart: boolean}} */
  const spread = (poses) => {
    const count = poses.skeleton.keypoints.length;
    const people = poses.people.filter((/** @type {any} */ p) => p.xyz);
    const boxes = people.map((/** @type {any} */ p) => {
      const each = [0, 1, 2].map((axis) => {
        /** @type {number[]} */
        const values = [];
        const every = Math.max(1, Math.floor((poses.rows * count) / 4000));
        for (let k = 0; k < poses.rows * count; k += every) if (Number.isFinite(p.xyz[3 * k + axis])) values.push(p.xyz[3 * k + axis]);
        values.sort((a, b) => a - b);
        const at = (/** @type {number} */ share) => values[Math.round(share * (values.length - 1))] ?? 0;
        return [at(0.005), at(0.5), at(0.995)];
      });
      return each;
    });
    const size = Math.max(1e-6, ...boxes.map((/** @type {number[][]} */ b) => Math.max(...b.map(([low, , high]) => high - low))));
    // People who are all about the same place do not share a space: each is about the own middle.
    const near = (/** @type {number[][]} */ a, /** @type {number[][]} */ b) => Math.hypot(...a.map((axis, i) => axis[1] - b[i][1])) < 0.3 * size;
    const apart = people.length > 1 && boxes.every((/** @type {number[][]} */ b) => near(b, boxes[0]));
    const columns = Math.ceil(Math.sqrt(people.length));
    const centre = boxes.map((/** @type {any} */ _b, /** @type {number} */ i) => (apart ? [((i % columns) - (columns - 1) / 2) * size, 0, Math.floor(i / columns) * size] : [0, 0, 0]));
    const low = [0, 1, 2].map((axis) => Math.min(...boxes.map((/** @type {number[][]} */ b, /** @type {number} */ i) => b[axis][0] + centre[i][axis])));
    const high = [0, 1, 2].map((axis) => Math.max(...boxes.map((/** @type {number[][]} */ b, /** @type {number} */ i) => b[axis][2] + centre[i][axis])));
    const middle = low.map((value, axis) => (value + high[axis]) / 2);
    const reach = Math.hypot(...high.map((value, axis) => value - low[axis])) / 2 || 1;
    return { centre, floor: high[1], reach, middle, apart };
  };
  /** @type {WeakMap<object, ReturnType<typeof spread>>} */
  const spreads = new WeakMap();

  /** Return a step of a grid that is round: 1, 2 or 5 times a power of ten. @param {number} reach */
  const round = (reach) => {
    const power = 10 ** Math.floor(Math.log10(reach / 2));
    return [1, 2, 5, 10].map((k) => k * power).find((step) => step >= reach / 3.2) ?? power;
  };

  P.turn = {
    START,
    /** Tell whether a run has points in space. @param {any} poses */
    has: (poses) => Boolean(poses?.people.some((/** @type {any} */ p) => p.xyz)),

    /**
     * Draw a row in space.
     * @param {HTMLCanvasElement} canvas @param {any} poses @param {number} row
     * @param {{yaw: number, pitch: number}} turned @param {{person?: number | null, tubes?: boolean, over?: any}} [how]
     */
    draw: (canvas, poses, row, turned, how = {}) => {
      const { clientWidth: width, clientHeight: height } = canvas;
      const g = P.canvas.fitted(canvas, width, height);
      const colours = P.canvas.colours(canvas);
      let space = spreads.get(poses);
      if (!space) spreads.set(poses, (space = spread(poses)));
      const scale = (0.46 * Math.min(width, height)) / space.reach;
      const [cy, sy, cp, sp] = [Math.cos(turned.yaw), Math.sin(turned.yaw), Math.cos(turned.pitch), Math.sin(turned.pitch)];
      const { middle } = space;
      /** @type {(x: number, y: number, z: number) => [number, number, number]} */
      const seen = (x, y, z) => {
        const [a, b, c] = [x - middle[0], y - middle[1], z - middle[2]];
        const across = a * cy + c * sy;
        const away = c * cy - a * sy;
        return [width / 2 + scale * across, height / 2 + scale * (b * cp - away * sp), away * cp + b * sp];
      };
      floor(g, space, seen, colours, poses.space);
      const people = poses.people.filter((/** @type {any} */ p) => p.xyz);
      for (const [i, p] of people.entries()) {
        if (!p.state[row] || p.state[row] === ".") continue;
        const strength = (how.person ?? null) === null || p.id === how.person ? 1 : 0.3;
        body(g, poses, p, row, space.centre[i], space, seen, colours, strength, scale);
      }
    },
  };

  /** Draw the floor, its grid with the length of a step. @param {CanvasRenderingContext2D} g @param {ReturnType<typeof spread>} space
   * @param {(x: number, y: number, z: number) => [number, number, number]} seen @param {any} colours @param {string} unit */
  function floor(g, space, seen, colours, unit) {
    const step = round(space.reach);
    const count = Math.ceil(space.reach / step);
    const x0 = Math.round(space.middle[0] / step) * step;
    const z0 = Math.round(space.middle[2] / step) * step;
    g.strokeStyle = colours.line;
    g.lineWidth = 1;
    g.beginPath();
    for (let i = -count; i <= count; i++) {
      for (const [a, b] of [
        [seen(x0 + i * step, space.floor, z0 - count * step), seen(x0 + i * step, space.floor, z0 + count * step)],
        [seen(x0 - count * step, space.floor, z0 + i * step), seen(x0 + count * step, space.floor, z0 + i * step)],
      ]) {
        g.moveTo(a[0], a[1]);
        g.lineTo(b[0], b[1]);
      }
    }
    g.stroke();
    const digits = Math.max(0, -Math.floor(Math.log10(step)));
    const word = unit.startsWith("metres") ? "m" : unit.split(",")[0];
    g.fillStyle = colours.muted;
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "alphabetic";
    g.textAlign = "left";
    g.fillText(`grid ${step.toFixed(digits)} ${word}`, 10, g.canvas.clientHeight - 10);
  }

  /** Draw a person, what is far away first and fainter, over a shadow. @param {CanvasRenderingContext2D} g @param {any} poses
   * @param {any} p @param {number} row @param {number[]} at @param {ReturnType<typeof spread>} space
   * @param {(x: number, y: number, z: number) => [number, number, number]} seen @param {any} colours @param {number} strength @param {number} scale */
  function body(g, poses, p, row, at, space, seen, colours, strength, scale) {
    const count = poses.skeleton.keypoints.length;
    const from = 3 * row * count;
    const points = Array.from({ length: count }, (_, k) => seen(p.xyz[from + 3 * k] + at[0], p.xyz[from + 3 * k + 1] + at[1], p.xyz[from + 3 * k + 2] + at[2]));
    const wide = Math.min(4.2, Math.max(1.1, 0.2 * Math.sqrt(space.reach * scale)));
    const parts = P.figure.parts(poses.skeleton);
    g.lineCap = "round";
    g.globalAlpha = 0.1 * strength;
    g.strokeStyle = colours.middle;
    g.lineWidth = wide;
    g.beginPath();
    for (const part of parts) {
      if (part.fine) continue;
      for (let i = 0; i < part.bones.length; i += 2) {
        const [a, b] = [part.bones[i], part.bones[i + 1]].map((k) => seen(p.xyz[from + 3 * k] + at[0], space.floor, p.xyz[from + 3 * k + 2] + at[2]));
        if (!(a[0] + b[0] < Infinity)) continue;
        g.moveTo(a[0], a[1]);
        g.lineTo(b[0], b[1]);
      }
    }
    g.stroke();
    const made = p.state[row] === "m";
    const bin = (/** @type {number} */ depth) => Math.min(DEPTHS - 1, Math.max(0, Math.floor(((depth / space.reach + 0.7) / 1.4) * DEPTHS)));
    for (let far = DEPTHS - 1; far >= 0; far--) {
      for (const part of parts) {
        const width = wide * (part.fine ? 0.5 : 1) * (1.15 - 0.08 * far);
        g.globalAlpha = strength * (1 - 0.1 * far);
        g.strokeStyle = g.fillStyle = colours[part.side];
        g.lineWidth = width;
        if (made) g.setLineDash([width * 1.5, width * 2]);
        g.beginPath();
        for (let i = 0; i < part.bones.length; i += 2) {
          const a = points[part.bones[i]];
          const b = points[part.bones[i + 1]];
          if (!(a[2] + b[2] < Infinity) || bin((a[2] + b[2]) / 2) !== far) continue;
          g.moveTo(a[0], a[1]);
          g.lineTo(b[0], b[1]);
        }
        g.stroke();
        g.setLineDash([]);
        g.lineWidth = Math.max(0.8, width * 0.5);
        g.beginPath();
        const radius = part.fine ? 0.45 * wide : 1.1 * wide;
        for (const k of part.joints) {
          const point = points[k];
          if (!(point[2] < Infinity) || bin(point[2]) !== far) continue;
          g.moveTo(point[0] + radius, point[1]);
          g.arc(point[0], point[1], radius, 0, 2 * Math.PI);
        }
        if (made) g.stroke();
        else g.fill();
      }
    }
    g.globalAlpha = 1;
  }
})();
