// Play the rows of a clip at the film's own times, slower or faster, once or over and over.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const SPEEDS = [0.25, 0.5, 1, 1.5, 2];

  /** Controls and clock of a view that has ``poses``, ``row`` and ``go``. @param {any} view */
  P.player = (view) => {
    const play = el("button", { type: "button", class: "button cv-play", onclick: () => toggle() });
    const speed = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": "speed" }, ...SPEEDS.map((by) => el("option", { value: String(by), selected: by === 1 }, `${by}×`))));
    const again = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", checked: true }));
    const clock = el("output", { class: "cv-clock" });
    const rest = el("span", { class: "quiet cv-rest" });
    const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ word) =>
      el("button", { type: "button", class: "button", "aria-label": word, onclick: () => view.go(view.row + by) }, sign);
    const node = el(
      "div",
      { class: "cv-player", role: "group", "aria-label": "play" },
      step(-1, "‹", "previous row"),
      play,
      step(1, "›", "next row"),
      clock,
      rest,
      el("span", { class: "cv-gap" }),
      el("label", {}, again, "repeat"),
      speed,
    );

    /** The time of the clip at a moment of the window's clock. */
    let start = { time: 0, at: 0 };
    let asked = 0;
    const begin = () => (start = { time: view.poses.times[view.row], at: performance.now() });

    function tick() {
      asked = 0;
      const { poses } = view;
      if (!view.playing || !poses) return;
      const time = start.time + ((performance.now() - start.at) / 1000) * Number(speed.value);
      const last = poses.rows - 1;
      let row = view.row;
      while (row < last && poses.times[row + 1] <= time) row++;
      if (row !== view.row) view.go(row, true);
      // The last row stays for as long as rows usually do.
      if (row === last && time >= poses.times[last] + poses.step) {
        if (!again.checked) {
          stop();
          return;
        }
        view.go(0, true);
        begin();
      }
      asked = requestAnimationFrame(tick);
    }
    speed.addEventListener("change", () => view.poses?.rows && begin());

    const show = () => {
      play.textContent = view.playing ? "Pause" : "Play";
      play.toggleAttribute("disabled", !(view.poses?.rows > 1));
    };

    function stop() {
      if (asked) cancelAnimationFrame(asked);
      asked = 0;
      const was = view.playing;
      view.playing = false;
      show();
      if (was) view.go(view.row);
    }
    function toggle() {
      if (view.playing) {
        stop();
        return;
      }
      if (!(view.poses?.rows > 1)) return;
      view.playing = true;
      show();
      if (view.row >= view.poses.rows - 1) view.go(0, true);
      begin();
      asked = requestAnimationFrame(tick);
    }

    return {
      node,
      stop,
      toggle,
      /** The row was chosen by hand: go on from there. */
      moved: () => view.playing && begin(),
      draw: () => {
        const { poses, row } = view;
        if (!poses?.rows) return void ((clock.textContent = "–"), (rest.textContent = "no rows"));
        clock.textContent = `${poses.times[row].toFixed(2)} s`;
        const frame = poses.index ? ` · frame ${poses.index[row]} of the film` : "";
        rest.textContent = `row ${(row * poses.every).toLocaleString("en")} of ${(poses.rows * poses.every).toLocaleString("en")}${frame}`;
        return undefined;
      },
      renew: show,
    };
  };
})();
