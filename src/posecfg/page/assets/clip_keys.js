// The keys of a clip's view, and the list of them.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const KEYS = [
    ["space", "play or pause"],
    ["← →", "a row back or on"],
    ["shift ← →", "ten rows back or on"],
    ["home, end", "first and last row"],
    ["[ ]", "previous and next clip"],
    ["p", "next person"],
    ["t", "show the other run; held, only as long"],
    ["m", "mark the clip"],
    ["esc", "close"],
    ["?", "these keys"],
  ];
  /** A key that was down for less ms was pressed, not held. */
  const HELD = 300;

  /** Choose the next person, all after the last. @param {any} view */
  const nextPerson = (view) => {
    const ids = (view.poses?.people ?? []).map((/** @type {any} */ p) => p.id);
    if (ids.length > 1) view.set({ person: ids[view.person === null ? 0 : ids.indexOf(view.person) + 1] ?? null });
  };

  P.clipKeys = {
    list: () => {
      const rows = KEYS.flatMap(([key, does]) => [el("dt", {}, ...key.split(" ").map((one) => el("kbd", {}, one))), el("dd", {}, does)]);
      const list = el("div", { class: "cv-keys", popover: "auto", role: "dialog", "aria-label": "keys" }, el("h3", {}, "Keys"), el("dl", {}, ...rows));
      list.append(el("button", { type: "button", class: "button", onclick: () => list.hidePopover() }, "Close"));
      return list;
    },
    /** @param {HTMLElement} list */
    show: (list) => {
      list.togglePopover();
      if (list.matches(":popover-open")) list.querySelector("button")?.focus();
    },

    /** @param {HTMLElement} node @param {{view: any, player: any, goClip: (by: number) => void, help: () => void}} what */
    listen: (node, { view, player, goClip, help }) => {
      /** @type {Record<string, (event: KeyboardEvent) => void>} */
      const does = {
        " ": () => player.toggle(),
        ArrowLeft: (event) => view.go(view.row - (event.shiftKey ? 10 : 1)),
        ArrowRight: (event) => view.go(view.row + (event.shiftKey ? 10 : 1)),
        Home: () => view.go(0),
        End: () => view.go(Infinity),
        "[": () => goClip(-1),
        "]": () => goClip(1),
        p: () => nextPerson(view),
        m: () => P.marks?.toggle?.(view.id),
        "?": help,
      };
      let down = 0;
      // Where nothing has the focus, keys are heard by the document alone.
      const here = () => node.matches("[open]") && !document.querySelector("dialog[open]:not(.cv)");
      document.addEventListener("keydown", (event) => {
        if (!here() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
        const target = /** @type {HTMLElement} */ (event.target);
        if (target.matches("select, textarea, video, input[type=search], input[type=text]")) return;
        // What a button or box does by itself when the space key is pressed it still does.
        if (event.key === " " && target.matches("button, summary, input[type=checkbox]")) return;
        if (event.key === "t") {
          if (event.repeat || !view.other) return;
          down = performance.now();
          view.flip();
          return;
        }
        const act = does[event.key];
        if (!act) return;
        event.preventDefault();
        event.stopPropagation();
        act(event);
      });
      document.addEventListener("keyup", (event) => {
        if (event.key === "t" && down && (view.mode !== "toggle" || performance.now() - down > HELD)) view.flip();
        if (event.key === "t") down = 0;
      });
    },
  };
})();
