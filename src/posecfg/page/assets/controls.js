// What parts of the page are worked with: hints, copying, the theme, and what a screen reader is told.
"use strict";
(() => {
  const P = globalThis.posecfg;

  // ---- what is kept as long as the window is open; some browsers keep nothing for files ----
  P.session = {
    /** @param {string} key @returns {string | null} */
    get: (key) => {
      try {
        return sessionStorage.getItem(`posecfg:${key}`);
      } catch {
        return null;
      }
    },
    /** @param {string} key @param {string} value */
    set: (key, value) => {
      try {
        sessionStorage.setItem(`posecfg:${key}`, value);
      } catch {
        // Nothing is kept then, which is no harm.
      }
    },
  };

  // ---- what is told to screen readers ----
  const spoken = P.el("div", { class: "hidden", role: "status", "aria-live": "polite", id: "spoken" });
  /** @param {string} text */
  P.say = (text) => {
    spoken.textContent = text;
  };

  // ---- hints beside what the pointer or the focus is at ----
  const tip = P.el("div", { class: "tip", role: "tooltip", id: "tip", hidden: true });
  document.body.append(spoken, tip);

  /** @param {DOMRect} at @param {string} text */
  P.hint = (at, text) => {
    tip.textContent = text;
    tip.hidden = false;
    const own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(at.left + at.width / 2 - own.width / 2, 8), innerWidth - own.width - 8);
    const above = at.top - own.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above < 8 ? at.bottom + 8 : above}px`;
  };
  P.unhint = () => {
    tip.hidden = true;
  };
  /**
   * Show a text beside a node while the pointer is over it or it has the focus.
   * @param {HTMLElement} node
   * @param {string} text
   */
  P.explain = (node, text) => {
    const show = () => P.hint(node.getBoundingClientRect(), text);
    for (const name of ["pointerenter", "focus"]) node.addEventListener(name, show);
    for (const name of ["pointerleave", "blur", "click"]) node.addEventListener(name, P.unhint);
    node.setAttribute("aria-description", text);
    return node;
  };
  addEventListener("scroll", P.unhint, { passive: true, capture: true });
  addEventListener("keydown", (event) => event.key === "Escape" && P.unhint());

  // ---- copying; where a browser forbids it there is a field to copy from ----
  /** @param {string} text */
  const field = (text) => {
    const area = P.el("textarea", { readOnly: true, rows: Math.min(12, 2 + Math.ceil(text.length / 70)), "aria-label": "text to copy" });
    area.value = text;
    const dialog = /** @type {HTMLDialogElement} */ (P.el("dialog", { class: "copy-field", "aria-label": "Copy this text" },
      P.el("p", {}, "This browser does not let a page copy. Here is the text, already selected:"), area));
    dialog.append(P.el("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Close"));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    area.focus();
    area.select();
  };
  /**
   * Copy a text, and say so on the button that asked for it.
   * @param {string} text
   * @param {HTMLElement} [button]
   */
  P.copy = async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      field(text);
      return;
    }
    P.say("copied");
    if (!button || button.dataset.said) return;
    const before = button.textContent;
    button.dataset.said = "1";
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = before;
      delete button.dataset.said;
    }, 1400);
  };
  /**
   * Return a button that copies what ``text`` returns when it is pressed.
   * @param {string} label
   * @param {() => string} text
   * @param {string} [name] what a screen reader calls it
   */
  P.copyButton = (label, text, name) => {
    const button = P.el("button", { type: "button", class: "button plain copy", "aria-label": name, onclick: () => void P.copy(text(), button) }, label);
    return button;
  };

  // ---- light and dark ----
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = P.session.get("theme");
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  P.isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const told = () => dispatchEvent(new CustomEvent("posecfg:theme"));
  dark.addEventListener("change", told);

  // Paper is light, also for what is drawn on a canvas.
  addEventListener("beforeprint", () => {
    root.dataset.screen = root.dataset.theme ?? "";
    root.dataset.theme = "light";
    told();
  });
  addEventListener("afterprint", () => {
    if (root.dataset.screen) root.dataset.theme = root.dataset.screen;
    else delete root.dataset.theme;
    delete root.dataset.screen;
    told();
  });

  P.themeButton = () => {
    const button = P.el("button", { type: "button", class: "button plain" });
    const label = () => void (button.textContent = P.isDark() ? "Light" : "Dark");
    button.addEventListener("click", () => {
      root.dataset.theme = P.isDark() ? "light" : "dark";
      P.session.set("theme", root.dataset.theme);
      label();
      told();
    });
    dark.addEventListener("change", label);
    button.setAttribute("aria-label", "Switch between light and dark");
    label();
    return button;
  };
})();
