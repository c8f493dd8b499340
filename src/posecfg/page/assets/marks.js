// Clips that the reader has marked: as a list to download, and as a command that works on them again.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const KEY = `marks:${P.data.title}`;
  const FILE = "marked.txt";

  const here = new Set(P.data.ids);
  const read = () => {
    try {
      const kept = JSON.parse(P.session.get(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((id) => here.has(id)) : [];
    } catch {
      return [];
    }
  };
  /** @type {Set<string>} */
  const marked = new Set(read());
  /** @type {Set<() => void>} */
  const listeners = new Set();

  const changed = () => {
    P.session.set(KEY, JSON.stringify([...marked]));
    for (const listener of listeners) listener();
  };

  P.marks = {
    all: marked,
    /** @param {string} id */
    has: (id) => marked.has(id),
    /** Mark a clip, or take its mark away. @param {string} id */
    toggle: (id) => {
      if (!marked.delete(id)) marked.add(id);
      P.say(`${id} ${marked.has(id) ? "is marked" : "is not marked any more"}, ${marked.size} marked`);
      changed();
    },
    /** @param {() => void} listener */
    listen: (listener) => void listeners.add(listener),
  };

  const download = () => {
    const url = URL.createObjectURL(new Blob([[...marked].sort().join("\n"), "\n"], { type: "text/plain" }));
    const link = /** @type {HTMLAnchorElement} */ (el("a", { href: url, download: FILE, hidden: true }));
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };

  /** The run whose command is told: the one that is chosen, else the first that has one. */
  const run = () => {
    const chosen = Number(P.address.get().of ?? -1);
    if (P.data.runs[chosen]) return chosen;
    return Math.max(0, P.data.runs.findIndex((/** @type {any} */ one) => one.command));
  };

  P.marksBar = () => {
    const number = el("strong", {});
    const command = () => P.commandWith(run(), `only=${FILE}`);
    const bar = el("div", { class: "marks", role: "region", "aria-label": "Marked clips" }, number,
      el("button", { type: "button", class: "button", onclick: download }, `Download ${FILE}`),
      P.copyButton("Copy command", command, `Copy command that works on the clips of ${FILE}`),
      el("span", { class: "quiet" }, "change a setting of it, or add ", el("code", {}, "redo=true"), ": as it is, these clips are done"),
      el("button", { type: "button", class: "button plain", onclick: () => P.address.set({ marked: "1" }) }, "Show them"),
      el("button", { type: "button", class: "button plain", onclick: () => {
        marked.clear();
        P.say("no clip is marked");
        changed();
      } }, "Unmark all"));
    const show = () => {
      bar.hidden = marked.size === 0;
      number.textContent = `${marked.size.toLocaleString("en")} marked`;
    };
    P.marks.listen(show);
    show();
    return bar;
  };
})();
