// Canvases of the page: their size on the screen, colours, pictures of films, and where px of a film are on them.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /**
   * @typedef {{left: string, right: string, middle: string, halo: string, muted: string, line: string, paper: string}} Colours
   * @typedef {{x: number, y: number, scale: number}} Frame where px of the film are on a canvas
   * @typedef {{x: number, y: number, w: number, h: number}} Extent px of the film that are shown
   */

  /** On pictures colours are bright and have a dark rim, which reads on any film, in light and dark alike. */
  const ON_PICTURE = { left: "#4db2ff", right: "#ff8069", middle: "#ffffff", halo: "rgb(8 12 16 / 0.62)" };

  /** @type {WeakMap<object, Promise<HTMLImageElement | null>>} */
  const images = new WeakMap();

  P.canvas = {
    /** Return the colours of a canvas, those of the style. @param {Element} node @param {boolean} [onPicture] @returns {Colours} */
    colours: (node, onPicture = false) => {
      const style = getComputedStyle(node);
      const of = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim() || "gray";
      const plain = { left: of("fig-left"), right: of("fig-right"), middle: of("fig-middle"), halo: of("fig-halo") };
      const rest = { muted: of("fig-muted"), line: of("fig-line"), paper: of("fig-paper") };
      return { ...(onPicture ? ON_PICTURE : plain), ...rest };
    },

    /** Fit a canvas to its place on the screen, and return what draws on it in CSS px, all clean.
     * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
    fitted: (canvas, width, height) => {
      const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
      const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
      if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
      const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      g.clearRect(0, 0, width, height);
      return g;
    },

    /** Return the size px of what is shown: that of the film, else the box of all points of all rows, with an edge.
     * @param {any} clip @param {any[]} poses @returns {Extent} */
    extent: (clip, poses) => {
      if (clip.size) return { x: 0, y: 0, w: clip.size[0], h: clip.size[1] };
      const boxes = poses.flatMap((run) => run.people.filter((/** @type {any} */ p) => p.xy).map((/** @type {any} */ p) => P.canvas.box(p.xy, 0, p.xy.length / 2)));
      const [x0, y0] = [0, 1].map((i) => Math.min(...boxes.map((box) => box[i])));
      const [x1, y1] = [2, 3].map((i) => Math.max(...boxes.map((box) => box[i])));
      if (!(x1 >= x0 && y1 >= y0)) return { x: 0, y: 0, w: 160, h: 90 };
      const edge = 0.08 * Math.max(x1 - x0, y1 - y0, 1);
      return { x: x0 - edge, y: y0 - edge, w: x1 - x0 + 2 * edge, h: y1 - y0 + 2 * edge };
    },

    /** Return where an extent is on a canvas. @param {Extent} extent
     * @param {number} width @param {number} height @returns {Frame} */
    placed: (extent, width, height) => {
      const scale = Math.min(width / extent.w, height / extent.h);
      return { scale, x: (width - extent.w * scale) / 2 - extent.x * scale, y: (height - extent.h * scale) / 2 - extent.y * scale };
    },

    /** Return the box [x0, y0, x1, y1] of a person in a row. @param {Float32Array} xy @param {number} from @param {number} to */
    box: (xy, from, to) => {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let k = from; k < to; k++) {
        const x = xy[2 * k];
        const y = xy[2 * k + 1];
        if (x < box[0]) box[0] = x;
        if (x > box[2]) box[2] = x;
        if (y < box[1]) box[1] = y;
        if (y > box[3]) box[3] = y;
      }
      return box;
    },

    /** Return a picture of a film, null where it is damaged. @param {{src: string}} picture */
    image: (picture) => {
      let found = images.get(picture);
      if (!found) {
        const image = new Image();
        image.src = picture.src;
        found = image.decode().then(
          () => image,
          () => null,
        );
        images.set(picture, found);
      }
      return found;
    },
  };
})();
