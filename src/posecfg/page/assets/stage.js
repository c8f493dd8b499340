// What is seen of a row: its picture with people over it, a second run beside it, and people in space.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  /** How much of a picture is seen that is not of the row's own frame. */
  const DIM = 0.62;
  /** What is behind a picture that is dimmed: figures on pictures are bright. */
  const BEHIND = "#0b0e12";
  const TURN = 0.12;

  /** @param {string} kind @param {Record<string, any>} [props] */
  const pane = (kind, props = {}) => {
    const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { class: "fig cv-canvas", role: "img", "aria-label": "poses", ...props }));
    const words = el("span", {});
    const caption = el("figcaption", {}, words);
    return { canvas, words, caption, node: el("figure", { class: `cv-pane cv-${kind}` }, canvas, caption) };
  };

  /** @param {any} view */
  P.stage = (view) => {
    const main = pane("main");
    const second = pane("second");
    const space = pane("space", { tabIndex: 0, "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown" });
    const turned = { ...P.turn.START };
    const reset = el("button", { type: "button", class: "button plain", onclick: () => turn(P.turn.START) }, "Reset view");
    space.caption.append(reset);
    const switches = el("div", { class: "cv-switch", role: "group", "aria-label": "what is shown" });
    for (const [kind, word] of [["main", "Picture"], ["space", "3D"]]) {
      const press = () => {
        show(kind);
      };
      switches.append(el("button", { type: "button", class: "button", "aria-pressed": kind === "main" ? "true" : "false", dataset: { kind }, onclick: press }, word));
    }
    const panes = el("div", { class: "cv-panes" }, main.node, second.node, space.node);
    const node = el("div", { class: "cv-stage", dataset: { shown: "main" } }, switches, panes);
    /** Show the picture or the space where there is no place for both. @param {string} kind */
    function show(kind) {
      node.dataset.shown = kind;
      for (const button of /** @type {Iterable<HTMLElement>} */ (switches.children)) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
      draw();
    }

    /** @param {{yaw: number, pitch: number}} to */
    function turn(to) {
      turned.yaw = to.yaw;
      turned.pitch = Math.min(1.5, Math.max(-1.5, to.pitch));
      draw();
    }
    let drag = /** @type {{x: number, y: number} | null} */ (null);
    space.canvas.addEventListener("pointerdown", (event) => {
      drag = { x: event.clientX, y: event.clientY };
      space.canvas.setPointerCapture(event.pointerId);
    });
    space.canvas.addEventListener("pointermove", (event) => {
      if (!drag) return;
      turn({ yaw: turned.yaw - (event.clientX - drag.x) * 0.01, pitch: turned.pitch + (event.clientY - drag.y) * 0.01 });
      drag = { x: event.clientX, y: event.clientY };
    });
    const drop = () => (drag = null);
    space.canvas.addEventListener("pointerup", drop);
    space.canvas.addEventListener("pointercancel", drop);
    space.canvas.addEventListener("keydown", (event) => {
      /** @type {Record<string, [number, number]>} */
      const steps = { ArrowLeft: [TURN, 0], ArrowRight: [-TURN, 0], ArrowUp: [0, TURN], ArrowDown: [0, -TURN] };
      const by = steps[event.key];
      if (!by && event.key !== "0") return;
      event.preventDefault();
      event.stopPropagation();
      turn(by ? { yaw: turned.yaw + by[0], pitch: turned.pitch + by[1] } : P.turn.START);
    });

    /** Draw a picture and people. @param {ReturnType<typeof pane>} at @param {[any, number, boolean][]} runs poses, row, hollow */
    const flat = (at, runs) => {
      const { clip, image, person, exact } = view;
      const { canvas } = at;
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      if (!width || !height) return;
      const g = P.canvas.fitted(canvas, width, height);
      const extent = view.extent;
      const frame = P.canvas.placed(extent, width, height);
      const [x, y] = [frame.x + extent.x * frame.scale, frame.y + extent.y * frame.scale];
      const colours = P.canvas.colours(canvas, Boolean(image));
      if (image) {
        g.fillStyle = BEHIND;
        g.fillRect(x, y, extent.w * frame.scale, extent.h * frame.scale);
        g.globalAlpha = exact && !view.playing ? 1 : DIM;
        g.drawImage(image, x, y, extent.w * frame.scale, extent.h * frame.scale);
        g.globalAlpha = 1;
      } else if (clip.size) {
        g.strokeStyle = colours.line;
        g.strokeRect(x + 0.5, y + 0.5, extent.w * frame.scale - 1, extent.h * frame.scale - 1);
      }
      for (const [poses, row, tubes] of runs) P.figure.people(g, poses, row, frame, colours, { person, tubes, names: width > 260 });
      if (!view.playing) canvas.setAttribute("aria-label", runs.map(([one, r]) => P.poses.words(one, r)).join(" The other run: "));
      const text = caption(runs);
      if (at.words.textContent !== text) at.words.textContent = text;
    };

    /** Say what is seen in a picture. @param {[any, number, boolean][]} runs */
    function caption(runs) {
      const { clip, image, exact, picture } = view;
      const [of, row] = runs[0];
      const names = runs.map(([one, , tubes]) => (view.other ? `${view.nameOf(one)}${tubes ? " (hollow lines)" : ""}` : "")).filter(Boolean);
      const seen = image && picture ? (exact && !view.playing ? `picture of ${picture.time.toFixed(2)} s` : `picture of ${picture.time.toFixed(2)} s, dimmed: not this row's own`) : clip.note;
      const empty = row >= 0 && !of.people.some((/** @type {any} */ p) => p.state[row] !== ".") ? "nobody in this row" : "";
      const none = of.people.length && !of.people.some((/** @type {any} */ p) => p.xy) ? "no points in px, so none on the picture: see 3D" : "";
      return [names.join(" and "), seen, empty, none].filter(Boolean).join(" · ");
    }

    /** Draw what is in space: the run that is shown, or else the other one; both where they are over each other. */
    function drawSpace() {
      const { poses, other, mode, flipped } = view;
      const runs = /** @type {[any, number][]} */ ([[poses, view.row], [other, view.otherRow()]]);
      if (flipped && other) runs.reverse();
      const [first, next] = runs.filter(([one]) => P.turn.has(one));
      if (!first || !space.canvas.clientWidth) return;
      const [one, row] = first;
      const over = next && mode === "over" && !flipped && next[0].space === one.space ? next : null;
      P.turn.draw(space.canvas, one, row, turned, { person: view.person, over });
      const names = [other && view.nameOf(one), over && `${view.nameOf(other)} (hollow lines)`].filter(Boolean);
      const text = [names.join(" and "), "drag or arrow keys turn"].filter(Boolean).join(" · ");
      if (space.words.textContent !== text) space.words.textContent = text;
      if (!view.playing) space.canvas.setAttribute("aria-label", `In space (${one.space}). ${P.poses.words(one, row)} Arrow keys turn it, 0 turns it back.`);
    }

    function draw() {
      const { poses, other, row, mode } = view;
      const back = view.otherRow();
      const first = /** @type {[any, number, boolean]} */ ([poses, row, false]);
      const next = /** @type {[any, number, boolean]} */ ([other, back, true]);
      const flipped = other && view.flipped;
      if (!poses) return;
      flat(main, flipped ? [next] : other && mode === "over" ? [first, next] : [first]);
      if (other && mode === "side") flat(second, [next]);
      drawSpace();
    }
    new ResizeObserver(() => draw()).observe(panes);

    return {
      node,
      draw,
      /** The clip, runs or mode are other ones. */
      renew: () => {
        const solid = P.turn.has(view.poses) || P.turn.has(view.other);
        second.node.hidden = !(view.other && view.mode === "side");
        space.node.hidden = switches.hidden = !solid;
        if (!solid) show("main");
        const { w, h } = view.extent;
        const ratio = Math.min(2.4, Math.max(0.75, w / h));
        for (const one of [main, second]) one.canvas.style.aspectRatio = String(ratio);
        main.node.style.flexGrow = second.node.style.flexGrow = String(Math.max(1, ratio));
      },
    };
  };
})();
