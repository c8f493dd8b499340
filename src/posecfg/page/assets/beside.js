// Beside a clip: its people, another run to compare with, scores of keypoints, and the film with poses drawn.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const MODES = [["over", "over each other"], ["toggle", "in turn"], ["side", "side by side"]];
  /** While a clip plays, lists of numbers follow so many times a second. */
  const CALM = 120;

  /** @param {string} title @param {...any} children */
  const part = (title, ...children) => el("section", { class: "cv-part" }, el("h3", {}, title), ...children);

  /** @param {any} view */
  P.sidePanel = (view) => {
    const people = el("div", { class: "cv-people", role: "group", "aria-label": "person" });
    const peoplePart = part("People", people);
    const scores = el("div", { class: "cv-scores" });
    const scoresTitle = el("span", { class: "quiet" });
    const scoresPart = part("Scores ", scores);
    scoresPart.firstElementChild?.append(scoresTitle);
    const select = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": "run to compare with", onchange: () => view.set({ with: select.value === "" ? null : Number(select.value) }) }));
    const modes = el("div", { class: "cv-modes", role: "group", "aria-label": "how two runs are shown" });
    for (const [mode, word] of MODES) modes.append(el("button", { type: "button", class: "button", dataset: { mode }, onclick: () => view.set({ mode }) }, word));
    const flip = el("button", { type: "button", class: "button", onclick: () => view.flip() }, "Show the other");
    const apart = el("p", { class: "cv-apart" });
    const comparePart = part("Compare", select, modes, flip, apart);
    const film = el("div", { class: "cv-filmed" });
    const node = el("div", { class: "cv-side" }, comparePart, peoplePart, scoresPart, film);

    /** @type {{bar: HTMLElement, number: HTMLElement, of: number[]}[]} */
    let bars = [];
    /** Those that are not within a group that is closed. */
    let seen = bars;
    const look = () => {
      seen = bars.filter(({ bar }) => bar.closest("summary") || (bar.closest("details")?.open ?? true));
    };

    const showPeople = () => {
      const all = view.poses?.people ?? [];
      peoplePart.hidden = !all.length;
      if (all.length < 2) {
        people.replaceChildren(...all.map((/** @type {any} */ p) => el("span", {}, `person ${p.id}, in ${P.count(p.there, "row")}`)));
        return;
      }
      const choice = (/** @type {number | null} */ id, /** @type {string} */ word, /** @type {string} */ rows) =>
        el("button", { type: "button", class: "button", dataset: { id: String(id) }, onclick: () => view.set({ person: id }) }, word, el("span", { class: "quiet" }, ` ${rows}`));
      people.replaceChildren(choice(null, "all", `${all.length} people`), ...all.map((/** @type {any} */ p) => choice(p.id, `person ${p.id}`, P.count(p.there, "row"))));
    };

    /** @param {string} word @param {number[]} of */
    const line = (word, of) => {
      const bar = el("span", { class: "cv-fill" });
      const number = el("span", { class: "cv-number" }, "–");
      bars.push({ bar, number, of });
      return [el("span", { class: "cv-name" }, word), el("span", { class: "cv-bar", "aria-hidden": "true" }, bar), number];
    };

    const showScores = () => {
      bars = [];
      const { poses } = view;
      scoresPart.hidden = !poses?.people.some((/** @type {any} */ p) => p.score);
      if (scoresPart.hidden) return void scores.replaceChildren();
      const groups = P.poses.groups(poses.skeleton);
      const rows = (/** @type {number[]} */ keys) => el("ul", {}, ...keys.map((k) => el("li", {}, ...line(poses.skeleton.keypoints[k].replaceAll("_", " "), [k]))));
      const used = P.poses.GROUPS.map((/** @type {string} */ word, /** @type {number} */ group) => ({
        word,
        keys: groups.map((/** @type {number} */ g, /** @type {number} */ k) => (g === group ? k : -1)).filter((/** @type {number} */ k) => k >= 0),
      })).filter((/** @type {any} */ one) => one.keys.length);
      if (used.length === 1) return void scores.replaceChildren(rows(used[0].keys));
      scores.replaceChildren(
        ...used.map((/** @type {any} */ one, /** @type {number} */ at) =>
          el("details", { open: at === 0 }, el("summary", {}, ...line(`${one.word} (${one.keys.length})`, one.keys)), rows(one.keys)),
        ),
      );
      return undefined;
    };

    const fill = () => {
      const { poses, row, person } = view;
      const there = (poses?.people ?? []).filter((/** @type {any} */ p) => p.score && p.state[row] !== "." && (person === null || p.id === person));
      const count = poses?.skeleton.keypoints.length ?? 0;
      scoresTitle.textContent = !there.length ? "nobody in this row" : there.length > 1 ? `mean of ${there.length} people` : `person ${there[0].id}`;
      for (const { bar, number, of } of seen) {
        let sum = 0;
        let known = 0;
        for (const p of there) {
          for (const k of of) {
            const value = p.score[row * count + k];
            if (!Number.isFinite(value)) continue;
            sum += value;
            known++;
          }
        }
        const mean = known ? sum / known : NaN;
        bar.style.transform = `scaleX(${known ? Math.min(1, Math.max(0, mean)) : 0})`;
        number.textContent = known ? mean.toFixed(2) : "–";
      }
    };

    const showCompare = () => {
      const runs = Object.keys(view.clip.runs).map(Number).filter((run) => run !== view.run);
      comparePart.hidden = !runs.length || !view.poses;
      const option = (/** @type {string} */ value, /** @type {string} */ word, /** @type {boolean} */ on) => el("option", { value, selected: on }, word);
      const off = view.with === null;
      select.replaceChildren(option("", "no other run", off), ...runs.map((run) => option(String(run), view.runName(run), view.with === run)));
      modes.hidden = apart.hidden = off;
      flip.hidden = off || view.mode !== "toggle";
      for (const button of /** @type {Iterable<HTMLElement>} */ (modes.children)) button.setAttribute("aria-pressed", String(button.dataset.mode === view.mode));
    };

    const showFilm = () => {
      const source = view.poses?.film;
      film.replaceChildren();
      if (!source) return;
      const player = /** @type {HTMLVideoElement} */ (el("video", { controls: true, preload: "metadata", src: source }));
      const box = part("Film with poses drawn", player);
      box.hidden = true;
      player.addEventListener("error", () => box.remove());
      player.addEventListener("loadedmetadata", () => (box.hidden = false));
      film.append(box);
    };

    scores.addEventListener("toggle", () => (look(), fill()), true);
    let last = 0;
    return {
      node,
      draw: () => {
        if (view.playing && performance.now() - last < CALM) return;
        last = performance.now();
        fill();
        if (view.other) apart.textContent = P.compare.words(view);
        flip.setAttribute("aria-pressed", String(Boolean(view.flipped)));
      },
      /** @param {boolean} whole whether the clip or run are other ones, not the person or mode alone */
      renew: (whole) => {
        if (whole) {
          showPeople();
          showScores();
          look();
          showFilm();
        }
        showCompare();
        for (const button of /** @type {Iterable<HTMLElement>} */ (people.querySelectorAll("button"))) button.setAttribute("aria-pressed", String(button.dataset.id === String(view.person)));
      },
    };
  };
})();
