// The view of one clip, over the page: opened by the address, closed by Escape, the button or the way back.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const PARTS = { clip: null, run: null, frame: null, person: null, with: null, mode: null };

  const head = el("header", { class: "cv-top" });
  const about = el("div", { class: "cv-head" });
  const body = el("div", { class: "cv-body" });
  const keys = P.clipKeys.list();
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog", { class: "cv", "aria-labelledby": "cv-title" }, head, about, body, keys));

  /** @type {any[]} */
  let parts = [];
  const view = P.view(() => parts.forEach((part) => part.draw()), renew);
  const player = P.player(view);
  const stage = P.stage(view);
  const timeline = P.timeline(view);
  const beside = P.sidePanel(view);
  view.moved = player.moved;
  const notes = el("div", {});
  const main = el("div", { class: "cv-main" }, notes, stage.node, player.node, timeline.node);

  /** Ids of clips in the order of the gallery. @returns {string[]} */
  const order = () => {
    const found = P.gallery.order?.() ?? [];
    return found.length ? found.map((/** @type {number} */ number) => P.data.ids[number]) : P.data.ids;
  };

  /** @param {number} by */
  const neighbour = (by) => {
    const all = order();
    return all[all.indexOf(view.id) + by];
  };
  /** @param {number} by */
  const goClip = (by) => {
    const to = neighbour(by);
    if (to !== undefined) P.address.set({ ...PARTS, clip: to, run: view.run, with: view.with, mode: view.with === null ? null : view.mode }, true);
  };
  const close = () => P.address.set(PARTS, true);

  /** Lay out the parts of a clip. */
  function lay() {
    // What is used in the head keeps the focus, though it is made anew.
    const active = document.activeElement;
    const used = head.contains(active) || about.contains(active) ? active?.getAttribute("aria-label") ?? "" : null;
    head.replaceChildren(...P.clipBar(view, { order: order(), goClip, close, help: () => P.clipKeys.show(keys) }));
    about.replaceChildren(...P.clipHead(view));
    const { poses } = view;
    if (used !== null) /** @type {HTMLElement} */ (dialog.querySelector(`[aria-label="${CSS.escape(used)}"]:enabled`) ?? head.querySelector("h2")).focus();
    parts = [];
    if (!poses) {
      body.replaceChildren(P.clipWithout(view));
      return;
    }
    parts = [stage, timeline, beside, player];
    notes.replaceChildren(...poses.notes.map((/** @type {string} */ note) => el("p", { class: "cv-note" }, `${note[0]?.toUpperCase() ?? ""}${note.slice(1)}${/[.!?]$/.test(note) ? "" : "."}`)));
    if (main.parentNode !== body) body.replaceChildren(main, beside.node);
  }

  /** @param {boolean} whole whether the clip or run are other ones */
  function renew(whole) {
    if (whole) {
      player.stop();
      lay();
    }
    parts.forEach((part) => part.renew(whole));
  }

  /** How often something was asked for: what is read later than what came after it is not shown. */
  let wanted = 0;

  /** @param {Record<string, string>} address */
  const follow = async (address) => {
    const { clip: id } = address;
    const mine = ++wanted;
    const still = () => mine === wanted;
    if (!id) {
      if (!dialog.open) return;
      // The focus goes to the card of the clip that was seen last, where it is there.
      const card = document.querySelector(`.card[data-id="${P.data.ids.indexOf(view.id)}"] a`);
      dialog.close();
      /** @type {HTMLElement | null} */ (card)?.focus();
      return;
    }
    const number = P.data.ids.indexOf(id);
    const shown = P.data.shown[number];
    let clip = view.clip?.id === id ? view.clip : { id, runs: {}, pictures: [], size: null, note: "" };
    if (shown && view.clip?.id !== id) {
      try {
        clip = await P.clip(shown.n);
      } catch (error) {
        clip.note = `What is shown of this clip cannot be read: ${error instanceof Error ? error.message : error}`;
      }
    }
    if (!still()) return;
    await view.take(clip, address, still);
    if (!still() || dialog.open) return;
    dialog.showModal();
    head.querySelector("h2")?.focus();
    dialog.scrollTop = 0;
    view.later();
  };

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("close", () => {
    player.stop();
    view.rest();
    view.clip = null;
    if (P.address.get().clip) close();
  });
  P.clipKeys.listen(dialog, { view, player, goClip, help: () => P.clipKeys.show(keys) });
  for (const query of ["(prefers-color-scheme: dark)", "(resolution: 1dppx)"]) matchMedia(query).addEventListener("change", view.later);
  new MutationObserver(view.later).observe(document.documentElement, { attributes: true });
  document.body.append(dialog);
  P.address.listen((/** @type {Record<string, string>} */ address) => void follow(address));
  void follow(P.address.get());
})();
