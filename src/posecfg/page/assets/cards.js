// A clip as a card: how bad it is and why, pictures of it, its course over time, and what all runs make of it.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el, svg } = P;
  const PICTURES = 3;
  const ROWS = 4;
  const BARS = 24;
  const NAME = 26;
  const WHERE = 48;
  // How high the letters of a strip stand, so that they are told apart without colour.
  const HIGH = /** @type {Record<string, number>} */ ({ f: 0.4, m: 0.4, j: 0.7, s: 1 });
  const WORDS = /** @type {Record<string, string>} */ ({ f: "found", j: "jerky", s: "left and right exchanged", m: "made up", ".": "no person" });

  /** @param {number} bad */
  const step = (bad) => Math.min(4, Math.floor(bad / 20));
  /** @param {number} bad */
  const badText = (bad) => (Number.isNaN(bad) ? "–" : String(Math.round(bad)));

  /** @param {number} bad @param {string} kind */
  const bar = (bad, kind) => {
    const fill = el("i", { class: Number.isNaN(bad) ? "" : `bad${step(bad)}` });
    if (!Number.isNaN(bad)) fill.style.width = `${bad && Math.max(bad, 1)}%`;
    return el("span", { class: kind, "aria-hidden": "true" }, fill);
  };

  // ---- the course over time ----
  /** @param {string} letters one a bin of time @param {(letter: string) => number} wide */
  const drawing = (letters, wide) => {
    /** @type {Record<string, string>} */
    const paths = {};
    let x = 0;
    for (const letter of letters) {
      const width = wide(letter);
      const high = HIGH[letter];
      if (high) paths[letter] = `${paths[letter] ?? ""}M${x.toFixed(2)} 1v-${high}h${width.toFixed(2)}V1z`;
      x += width;
    }
    return svg("svg", { viewBox: `0 0 ${Math.max(x, 1)} 1`, preserveAspectRatio: "none", "aria-hidden": "true" },
      ...Object.entries(paths).map(([letter, d]) => svg("path", { d, class: `strip-${letter}` })));
  };

  /** @param {Record<string, number>} share */
  const inWords = (share) => Object.entries(WORDS).filter(([letter]) => share[letter] > 0)
    .map(([letter, word]) => `${word} ${Math.round(100 * share[letter]) || "under 1"} %`).join(", ");

  /** @param {number} id @param {number} run */
  const strip = (id, run) => {
    const letters = P.data.shown[id]?.strips?.[run];
    /** @type {Record<string, number>} */
    const share = {};
    if (letters) {
      for (const letter of letters) share[letter] = (share[letter] ?? 0) + 1 / letters.length;
      return el("div", { class: "strip", role: "img", "aria-label": `over time: ${inWords(share)}` }, drawing(letters, () => 1));
    }
    const rows = P.clips.value(id, run, "rows");
    if (!rows) return null;
    const [missing, made] = ["missing", "made"].map((key) => (P.clips.value(id, run, key) ?? 0) / rows);
    Object.assign(share, { f: Math.max(0, 1 - missing - made), m: made, ".": missing });
    return el("div", { class: "strip counts", role: "img", "aria-label": `of all frames: ${inWords(share)}` }, drawing("fm.", (letter) => share[letter] * 96));
  };

  P.legend = () => el("ul", { class: "legend", "aria-label": "Bars over time" }, ...Object.entries(WORDS).map(([letter, word]) =>
    el("li", {}, svg("svg", { viewBox: "0 0 2 1", "aria-hidden": "true" }, HIGH[letter] ? svg("path", { d: `M0 1v-${HIGH[letter]}h2V1z`, class: `strip-${letter}` }) : null), word)));

  // ---- pictures, drawn when they come into sight ----
  /** The rows of a clip with people; all where there are none. @param {any} poses */
  const peopled = (poses) => {
    const all = Array.from({ length: poses?.rows ?? 0 }, (_, row) => row);
    const found = all.filter((row) => poses.people.some((/** @type {any} */ person) => person.state[row] !== "."));
    return found.length ? found : all;
  };
  /** @param {HTMLElement} place */
  const draw = async (place) => {
    const [id, run] = [Number(place.dataset.id), Number(place.dataset.run)];
    const canvases = [...place.querySelectorAll("canvas")];
    try {
      const clip = await P.clip(P.data.shown[id].n);
      const { pictures } = clip;
      const rows = peopled(clip.runs[run]);
      await Promise.all(canvases.map((canvas, place_) => {
        const at = (place_ + 0.5) / canvases.length;
        const picture = pictures[Math.floor(at * pictures.length)];
        return P.figure.draw(canvas, picture ? { clip, run, picture } : { clip, run, row: rows[Math.floor(at * rows.length)] ?? 0 });
      }));
      place.classList.add("drawn");
    } catch {
      place.replaceChildren(el("p", { class: "quiet" }, "These poses could not be read."));
    }
  };
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      void draw(/** @type {HTMLElement} */ (target));
    }
  }, { rootMargin: "300px" });
  addEventListener("posecfg:theme", () => document.querySelectorAll(".pictures.drawn").forEach((place) => void draw(/** @type {HTMLElement} */ (place))));

  /** Draw what is not in sight yet: on paper all is. @param {Iterable<Element>} cards */
  P.drawCards = async (cards) => {
    for (const card of cards) {
      const place = /** @type {HTMLElement | null} */ (card.querySelector(".pictures:not(.drawn)"));
      if (!place) continue;
      watch.unobserve(place);
      await draw(place);
    }
  };

  /** @param {number} id @param {number} run @param {() => void} open */
  const pictures = (id, run, open) => {
    if (!(id in P.data.shown) || !P.figure?.draw) return null;
    const place = el("div", { class: "pictures", dataset: { id, run }, "aria-hidden": "true", onclick: open },
      ...Array.from({ length: PICTURES }, () => el("canvas", {})));
    watch.observe(place);
    return place;
  };

  // ---- the same clip in all runs ----
  /** The name of a run in few letters: of a job of a sweep the values of its settings. @param {number} run */
  const brief = (run) => {
    const { name } = P.data.runs[run];
    const job = P.data.kind === "sweep" ? P.data.jobs.find((/** @type {any} */ one) => one.run === run) : null;
    return P.cut(P.visible(Object.values(job?.settings ?? {}).join(", ") || name), NAME);
  };
  /** @param {number} id @param {number} shown */
  const inRuns = (id, shown) => {
    /** @type {number[]} */
    const runs = P.clips.runsOf(id);
    if (P.data.runs.length < 2) return null;
    const all = runs.map((run) => ({ run, name: P.data.runs[run].name, ...P.clips.of(id, run) }));
    const text = (/** @type {any} */ one) => `${one.name}: ${one.status === "done" ? badText(one.bad) : one.status}`;
    if (all.length <= ROWS) {
      return el("ul", { class: "runs", "aria-label": "Badness by run" }, ...all.map((one) =>
        el("li", { class: one.run === shown ? "this" : "" }, el("span", { class: "name mono", title: one.name }, brief(one.run)), bar(one.bad, "bar thin"), el("span", { class: "value" }, one.status === "done" ? badText(one.bad) : one.status))));
    }
    if (all.length > BARS) {
      const bads = all.map((one) => one.bad).filter((bad) => !Number.isNaN(bad));
      return el("p", { class: "quiet" }, bads.length ? `${badText(Math.min(...bads))} to ${badText(Math.max(...bads))} in ${all.length} runs` : `in ${all.length} runs`);
    }
    return el("div", { class: "spark-row" }, el("span", { class: "quiet" }, `${all.length} runs`), el("div", { class: "spark", role: "img", "aria-label": `Badness by run: ${all.map(text).join("; ")}` }, ...all.map((one) => {
      const fill = el("i", { class: `${Number.isNaN(one.bad) ? "none" : `bad${step(one.bad)}`}${one.run === shown ? " this" : ""}`, title: text(one) });
      fill.style.height = `${one.bad > 0 ? Math.max(one.bad, 4) : 0}%`;
      return fill;
    })));
  };

  /** @param {number} id @param {number} run */
  const facts = (id, run) => {
    const found = [];
    const [seconds, rows, people] = ["seconds", "rows", "people"].map((key) => P.clips.value(id, run, key));
    if (seconds !== null) found.push(P.duration(seconds));
    if (rows) found.push(P.count(rows, "frame"));
    if (people !== null) found.push(`${P.number(people, { unit: "", digits: people % 1 ? 1 : 0 })} ${people === 1 ? "person" : "people"}`);
    return found.join(" · ");
  };

  /**
   * Return the card of a clip; ``of`` is the run that counts, -1: the one where the clip is worst.
   * @param {number} id
   * @param {number} of
   * @param {string} sort
   */
  P.card = (id, of, sort) => {
    const name = P.data.ids[id];
    const { run, bad, why, warning, status } = P.clips.of(id, of);
    const open = () => P.address.set({ clip: name, run, frame: null, person: null, with: null, mode: null }, true);
    const mark = el("button", { type: "button", class: "button plain mark", "aria-pressed": String(P.marks.has(name)), "aria-label": `Mark ${P.visible(name)}`, onclick: () => P.marks.toggle(name) }, "Mark");
    const measure = P.data.measures[sort];
    const value = measure && run >= 0 ? P.clips.value(id, run, sort) : null;
    const where = P.data.runs.length > ROWS && run >= 0 ? el("p", { class: "where quiet" }, "in ", el("span", { class: "mono", title: P.data.runs[run].name }, P.cut(P.visible(P.data.runs[run].name), WHERE))) : null;
    const reason = why || (status === "done" ? "nothing to complain of" : status);
    return el("article", { class: `card ${status}`, dataset: { id: String(id) }, "aria-label": P.visible(name) },
      pictures(id, run, open),
      el("div", { class: "card-head" },
        el("h3", {}, el("a", { class: "mono", href: `#${new URLSearchParams({ clip: name, run: String(run) })}`, onclick: (/** @type {Event} */ event) => {
          event.preventDefault();
          open();
        } }, P.visible(name))),
        el("span", { class: "badness" }, el("span", { class: "hidden" }, "badness "), badText(bad))),
      bar(bad, "bar"),
      el("p", { class: why ? "why" : "why quiet" }, status !== "done" && el("strong", {}, `${status}: `), reason),
      warning && el("p", { class: "warning" }, warning),
      where,
      run >= 0 && strip(id, run),
      el("p", { class: "facts quiet" }, facts(id, run), value !== null && el("span", {}, ` · ${measure.label} ${P.number(value, measure)} ${measure.unit === "%" ? "" : measure.unit}`)),
      inRuns(id, run),
      el("div", { class: "card-actions" }, mark, run >= 0 && P.copyButton("Copy command", () => P.command(run, name), `Copy command that makes ${P.visible(name)} again`)));
  };
})();
