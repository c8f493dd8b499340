// The time of a clip: a heat bar of what was found, the score of a person, a slider over rows, and pictures of the film.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;

  /** What letters of strips say; the height of a bar tells them apart without colours. */
  const LETTERS = {
    f: { word: "found", height: 0.4 },
    m: { word: "made up, dashed", height: 0.2 },
    ".": { word: "missing", height: 0 },
    j: { word: "jerky", height: 0.7 },
    s: { word: "left and right exchanged", height: 1 },
  };
  const BAR = 18;
  const CURVE = 44;
  const TOP = 4;
  const BASE = TOP + BAR + 4 + CURVE - 1;
  /** Half of the slider's thumb, which cannot go nearer to an edge. */
  const EDGE = 8;

  /** @param {any} view */
  P.timeline = (view) => {
    const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { class: "cv-heat", "aria-hidden": "true" }));
    const slider = /** @type {HTMLInputElement} */ (
      el("input", { type: "range", class: "cv-slider", min: "0", step: "1", "aria-label": "row of the clip" })
    );
    slider.addEventListener("input", () => view.go(Number(slider.value)));
    const box = el("div", { class: "cv-heatbox" }, canvas, slider);
    const legend = el("ul", { class: "cv-legend" });
    for (const [letter, { word }] of Object.entries(LETTERS)) {
      const key = el("canvas", { "aria-hidden": "true", class: "cv-key" });
      legend.append(el("li", { dataset: { letter } }, key, word));
    }
    const score = el("li", {}, "line: score, 0 to 1");
    const distance = el("li", {});
    const side = (/** @type {string} */ word) => el("li", {}, el("span", { class: `cv-side-key ${word}`, "aria-hidden": "true" }), word);
    const anew = el("li", {}, "tick: followed anew from here");
    legend.append(score, distance, anew, side("left"), side("right"), el("li", {}, "fainter: low score"));
    const film = el("ol", { class: "cv-film", "aria-label": "pictures of the film" });
    const node = el("div", { class: "cv-time" }, box, legend, film);

    const now = el("div", { class: "cv-now", "aria-hidden": "true" });
    box.append(now);
    /** What the canvas was last drawn for; a row that moves is no reason to draw it again. */
    let drawn = "";
    let far = 0;
    const place = (/** @type {number} */ row) => EDGE + ((box.clientWidth - 2 * EDGE) * row) / Math.max(1, view.poses.rows - 1);

    /** @param {CanvasRenderingContext2D} g @param {string} letter @param {number} x @param {number} width @param {number} y */
    const bar = (g, letter, x, width, y) => {
      const { height } = LETTERS[/** @type {keyof typeof LETTERS} */ (letter)] ?? LETTERS["."];
      g.fillStyle = getComputedStyle(node).getPropertyValue(`--cv-${letter === "." ? "none" : letter}`);
      if (height) g.fillRect(x, y + BAR * (1 - height), width + 0.3, BAR * height);
      else g.fillRect(x, y + BAR - 1.5, width + 0.3, 1.5);
    };

    /** Rows from which a person is followed anew, of the one who is chosen or of all. @returns {number[]} */
    const breaks = () => (view.poses?.people ?? []).filter((/** @type {any} */ p) => view.person === null || p.id === view.person).flatMap((/** @type {any} */ p) => p.breaks);

    /** Draw a line over all rows, with gaps where there is no value. @param {CanvasRenderingContext2D} g
     * @param {ArrayLike<number>} values from 0 to 1 */
    const curve = (g, values) => {
      g.lineJoin = "round";
      g.beginPath();
      for (let row = 0; row < values.length; row++) {
        if (!Number.isFinite(values[row])) continue;
        const y = BASE - Math.min(1, Math.max(0, values[row])) * (CURVE - 4);
        if (Number.isFinite(values[row - 1] ?? NaN)) g.lineTo(place(row), y);
        else g.moveTo(place(row), y);
        if (!Number.isFinite(values[row + 1] ?? NaN)) g.lineTo(place(row) + 1, y);
      }
      g.stroke();
    };

    const paint = () => {
      const { poses, person } = view;
      const width = box.clientWidth;
      const style = getComputedStyle(node);
      const key = [width, devicePixelRatio, style.getPropertyValue("--cv-curve")].join();
      if (key === drawn || !width) return;
      drawn = key;
      showLegend();
      const g = P.canvas.fitted(canvas, width, BASE + 1);
      if (!poses?.rows) return;
      const one = poses.people.find((/** @type {any} */ p) => p.id === person);
      const half = (place(1) - place(0)) / 2;
      let from = 0;
      for (let at = 1; at <= poses.rows; at++) {
        const letter = view.letter(from, one);
        if (at < poses.rows && view.letter(at, one) === letter) continue;
        const start = Math.max(EDGE, place(from) - half);
        bar(g, letter, start, Math.min(width - EDGE, place(at - 1) + half) - start, TOP);
        from = at;
      }
      g.fillStyle = style.getPropertyValue("--cv-curve");
      for (const row of breaks()) g.fillRect(place(row) - half - 0.5, TOP + BAR, 1, 6);
      g.strokeStyle = style.getPropertyValue("--cv-line");
      g.lineWidth = 1;
      g.beginPath();
      for (const share of [0, 0.5, 1]) {
        g.moveTo(EDGE, Math.round(BASE - share * (CURVE - 4)) - 0.5);
        g.lineTo(width - EDGE, Math.round(BASE - share * (CURVE - 4)) - 0.5);
      }
      g.stroke();
      g.strokeStyle = style.getPropertyValue("--cv-curve");
      g.lineWidth = 1.5;
      curve(g, view.means(one));
      if (!view.other) return;
      const distances = view.distances();
      g.lineWidth = 1.25;
      g.setLineDash([2, 3]);
      curve(g, distances.map((/** @type {number} */ px) => px / far));
      g.setLineDash([]);
    };

    /** Show which letters there are, and what lines are of. */
    function showLegend() {
      const { poses, strip } = view;
      const seen = new Set([...strip, ...(poses?.people ?? []).map((/** @type {any} */ p) => p.state).join("")]);
      const distances = view.other ? view.distances().filter(Number.isFinite) : [];
      // Less than a px cannot be seen, and is no difference worth a line.
      far = Math.max(1, ...distances);
      score.hidden = !poses?.people.some((/** @type {any} */ p) => p.score);
      distance.hidden = !distances.length;
      anew.hidden = !breaks().length;
      distance.textContent = `dotted: distance of both runs, 0 to ${far.toFixed(far < 10 ? 1 : 0)} px`;
      for (const item of /** @type {NodeListOf<HTMLElement>} */ (legend.querySelectorAll("[data-letter]"))) {
        const letter = item.dataset.letter ?? "";
        item.hidden = !seen.has(letter);
        if (!item.hidden) bar(P.canvas.fitted(item.querySelector("canvas"), 12, BAR + 2), letter, 1, 10, 1);
      }
    }

    const showFilm = () => {
      film.replaceChildren(
        ...view.clip.pictures.map((/** @type {any} */ picture) => {
          const image = el("img", { src: picture.src, alt: "", width: picture.w, height: picture.h, loading: "lazy" });
          const time = `${picture.time.toFixed(2)} s`;
          const press = () => view.goTime(picture.time);
          return el("li", {}, el("button", { type: "button", "aria-label": `go to ${time}`, onclick: press }, image, el("span", {}, time)));
        }),
      );
      film.hidden = !view.clip.pictures.length;
    };

    const move = () => {
      const { poses, row, clip, picture } = view;
      slider.max = String(Math.max(0, (poses?.rows ?? 1) - 1));
      slider.disabled = !(poses?.rows > 1);
      slider.value = String(row);
      if (!view.playing && poses) slider.setAttribute("aria-valuetext", P.poses.words(poses, row));
      const current = clip.pictures.indexOf(picture);
      for (const [at, item] of [...film.children].entries()) {
        const button = /** @type {HTMLElement} */ (item.firstElementChild);
        const is = at === current;
        if (is === button.hasAttribute("aria-current")) continue;
        if (is) {
          button.setAttribute("aria-current", "true");
          film.scrollLeft = /** @type {HTMLElement} */ (item).offsetLeft - film.clientWidth / 2 + 40;
        } else button.removeAttribute("aria-current");
      }
    };

    return {
      node,
      draw: () => {
        move();
        paint();
        now.hidden = !view.poses?.rows;
        if (view.poses?.rows) now.style.transform = `translateX(${place(view.row)}px)`;
      },
      /** The clip, run or person is another one. */
      renew: (/** @type {boolean} */ whole) => {
        drawn = "";
        if (whole) showFilm();
      },
    };
  };
})();
