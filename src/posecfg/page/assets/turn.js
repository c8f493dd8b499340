// People in space on a canvas: turned by dragging or keys, with a floor, in a scale that is fixed over the clip.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const START = { yaw: 0.5, pitch: 0.22 };
  /** How strong keypoints are that are far away, and those that are near. */
  const DEPTHS = [0.55, 0.7, 0.85, 1];

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

  /** @param {any} poses */
  const spreadOf = (poses) => {
    let found = spreads.get(poses);
    if (!found) spreads.set(poses, (found = spread(poses)));
    return found;
  };

  /** Return a step of a grid that is round: 1, 2 or 5 times a power of ten. @param {number} reach */
  const round = (reach) => {
    const power = 10 ** Math.floor(Math.log10(reach / 2));
    return [1, 2, 5, 10].map((k) => k * power).find((step) => step >= reach / 3.2) ?? power;
  };

  /** Return a person of a row as it is drawn, its shadow, and how far away it is. @param {any} poses @param {any} p
   * @param {number} row @param {ReturnType<typeof spread>} space @param {number} number of the person
   * @param {(x: number, y: number, z: number) => [number, number, number]} seen @param {number} wide */
  const bodyOf = (poses, p, row, space, number, seen, wide) => {
    const { skeleton } = poses;
    const count = skeleton.keypoints.length;
    const [dx, dy, dz] = space.centre[number];
    const at = new Float32Array(2 * count);
    const ground = new Float32Array(2 * count);
    const depth = new Float32Array(count);
    let [low, high] = [Infinity, -Infinity];
    for (let k = 0; k < count; k++) {
      const from = 3 * (row * count + k);
      const [x, y, z] = [p.xyz[from] + dx, p.xyz[from + 1] + dy, p.xyz[from + 2] + dz];
      [at[2 * k], at[2 * k + 1], depth[k]] = seen(x, y, z);
      [ground[2 * k], ground[2 * k + 1]] = seen(x, space.floor, z);
      if (depth[k] < low) low = depth[k];
      if (depth[k] > high) high = depth[k];
    }
    const levels = new Uint8Array(count);
    const span = Math.max(1e-9, high - low) / DEPTHS.length;
    for (let k = 0; k < count; k++) levels[k] = Math.min(DEPTHS.length - 1, Math.floor((high - depth[k]) / span) || 0);
    const common = { skeleton, levels, made: p.state[row] === "m", wide };
    const gone = p.state[row] === "." || !(high >= low);
    return { body: { ...common, at, alphas: DEPTHS }, shadow: { ...common, at: ground, alphas: [1] }, far: gone ? -Infinity : (low + high) / 2 };
  };

  /** Return all people of a row as they are drawn, those who are far away first. @param {any} poses @param {number} row
   * @param {ReturnType<typeof spread>} space @param {(x: number, y: number, z: number) => [number, number, number]} seen @param {number} wide */
  const bodies = (poses, row, space, seen, wide) => {
    const people = poses.people.filter((/** @type {any} */ p) => p.xyz);
    const there = people.map((/** @type {any} */ p, /** @type {number} */ i) => ({ p, ...bodyOf(poses, p, row, space, i, seen, wide) }));
    return there.filter((/** @type {any} */ one) => one.far > -Infinity).sort((/** @type {any} */ a, /** @type {any} */ b) => b.far - a.far);
  };

  P.turn = {
    START,
    /** Tell whether a run has points in space. @param {any} poses */
    has: (poses) => Boolean(poses?.people.some((/** @type {any} */ p) => p.xyz)),

    /**
     * Draw a row in space.
     * @param {HTMLCanvasElement} canvas @param {any} poses @param {number} row
     * @param {{yaw: number, pitch: number}} turned @param {{person?: number | null, over?: [any, number] | null}} [how] ``over`` is a second run and its row, drawn hollow
     */
    draw: (canvas, poses, row, turned, how = {}) => {
      const { clientWidth: width, clientHeight: height } = canvas;
      const g = P.canvas.fitted(canvas, width, height);
      const colours = P.canvas.colours(canvas);
      const space = spreadOf(poses);
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
      const wide = Math.min(4.2, Math.max(1.1, 0.2 * Math.sqrt(space.reach * scale)));
      const there = bodies(poses, row, space, seen, wide);
      const strength = (/** @type {any} */ p) => ((how.person ?? null) === null || p.id === how.person ? 1 : 0.3);
      for (const { shadow } of there) P.strokes.shadow(g, shadow, colours.middle, 0.1);
      for (const { p, body } of there) {
        if (there.length > 1) P.strokes.rim(g, body, colours.halo, strength(p));
        P.strokes.body(g, body, colours, strength(p));
      }
      const [over, overRow] = how.over ?? [null, -1];
      if (!over || overRow < 0) return;
      // The second run is seen from where the first is, in its scale.
      const second = bodies(over, overRow, { ...spreadOf(over), floor: space.floor }, seen, wide);
      P.strokes.hollow(g, second.map((/** @type {any} */ one) => one.body), colours, second.map(() => 1));
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
})();
