// The time of a clip: a heat bar of what was found, the score of a person, a slider over rows, and pictures of the film.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;

  /** What letters of strips say; the height of a bar tells them apart without colours. */
  const LETTERS = {
    f: { word: "found", height: 0.55 },
    m: { word: "made up", height: 0.3 },
    ".": { word: "missing", height: 0 },
    j: { word: "jerky", height: 0.8 },
    s: { word: "left and right exchanged", height: 1 },
  };
  const BAR = 18;
  const CURVE = 44;
  const TOP = 4;
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
    legend.append(el("li", { class: "cv-legend-curve", dataset: { letter: "curve" } }, "line: score, 0 to 1"));
    const film = el("ol", { class: "cv-film", "aria-label": "pictures of the film" });
    const node = el("div", { class: "cv-time" }, box, legend, film);

    /** @param {CanvasRenderingContext2D} g @param {string} letter @param {number} x @param {number} width @param {number} y */
    const bar = (g, letter, x, width, y) => {
      const { height } = LETTERS[/** @type {keyof typeof LETTERS} */ (letter)] ?? LETTERS["."];
      const style = getComputedStyle(node);
      g.fillStyle = style.getPropertyValue(`--cv-${letter === "." ? "none" : letter}`);
      if (height) g.fillRect(x, y + BAR * (1 - height), width + 0.3, BAR * height);
      else g.fillRect(x, y + BAR - 1.5, width + 0.3, 1.5);
    };

    const draw = () => {
      const { poses, row, person } = view;
      const width = box.clientWidth;
      const height = TOP + BAR + 4 + CURVE;
      const g = P.canvas.fitted(canvas, width, height);
      if (!poses?.rows || !width) return;
      const style = getComputedStyle(node);
      const last = Math.max(1, poses.rows - 1);
      const X = (/** @type {number} */ at) => EDGE + ((width - 2 * EDGE) * at) / last;
      const each = (width - 2 * EDGE) / last;
      const one = poses.people.find((/** @type {any} */ p) => p.id === person);
      let from = 0;
      for (let at = 1; at <= poses.rows; at++) {
        const letter = view.letter(from, one);
        if (at < poses.rows && view.letter(at, one) === letter) continue;
        const x0 = Math.max(EDGE, X(from) - each / 2);
        bar(g, letter, x0, Math.min(width - EDGE, X(at - 1) + each / 2) - x0, TOP);
        from = at;
      }
      curve(g, poses, one, X, style);
      g.fillStyle = style.getPropertyValue("--cv-now");
      g.fillRect(X(row) - 0.75, 0, 1.5, height);
    };

    /** @param {CanvasRenderingContext2D} g @param {any} poses @param {any} one @param {(row: number) => number} X
     * @param {CSSStyleDeclaration} style */
    function curve(g, poses, one, X, style) {
      const base = TOP + BAR + 4 + CURVE - 1;
      g.strokeStyle = style.getPropertyValue("--cv-line");
      g.lineWidth = 1;
      g.beginPath();
      for (const share of [0, 0.5, 1]) {
        g.moveTo(EDGE, Math.round(base - share * (CURVE - 4)) + 0.5);
        g.lineTo(X(poses.rows - 1), Math.round(base - share * (CURVE - 4)) + 0.5);
      }
      g.stroke();
      const means = view.means(one);
      g.strokeStyle = style.getPropertyValue("--cv-curve");
      g.lineWidth = 1.5;
      g.lineJoin = "round";
      g.beginPath();
      let before = NaN;
      for (let row = 0; row < poses.rows; row++) {
        const mean = means[row];
        if (Number.isFinite(mean)) {
          const y = base - Math.min(1, Math.max(0, mean)) * (CURVE - 4);
          if (Number.isFinite(before)) g.lineTo(X(row), y);
          else g.moveTo(X(row), y);
          if (!Number.isFinite(before) && !Number.isFinite(means[row + 1] ?? NaN)) g.lineTo(X(row) + 1, y);
        }
        before = mean;
      }
      g.stroke();
    }

    const showLegend = () => {
      const { poses, strip } = view;
      const seen = new Set([...strip, ...(poses?.people ?? []).map((/** @type {any} */ p) => p.state).join("")]);
      for (const item of /** @type {NodeListOf<HTMLElement>} */ (legend.querySelectorAll("li"))) {
        const letter = item.dataset.letter ?? "";
        if (letter === "curve") {
          item.hidden = !poses?.people.some((/** @type {any} */ p) => p.score);
          continue;
        }
        item.hidden = !seen.has(letter);
        if (!item.hidden) bar(P.canvas.fitted(item.querySelector("canvas"), 12, BAR + 2), letter, 1, 10, 1);
      }
    };

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
      const now = clip.pictures.indexOf(picture);
      for (const [at, item] of [...film.children].entries()) {
        const button = /** @type {HTMLElement} */ (item.firstElementChild);
        const is = at === now;
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
        draw();
      },
      /** The clip, run or person is another one. */
      renew: () => {
        showFilm();
        showLegend();
      },
    };
  };
})();
