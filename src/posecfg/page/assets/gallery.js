// The gallery of clips, worst first: what is searched for, how it is ordered, and cards in steps while one scrolls.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  // Cards that fill a window, so that an order is seen at once; more are added while one scrolls.
  const FIRST = 24;
  const STEP = 60;
  // Cards that are on paper, see print.css; their pictures are drawn ahead.
  const PRINTED = 12;
  const SORTS = [["badness", "worst first"], ["name", "name"], ["people", "people"], ["seconds", "length"]];
  const KEYS = ["find", "status", "of", "kind", "marked", "shown", "sort", "reverse"];

  /** @param {Record<string, string>} address */
  const wish = (address) => {
    const of = Number(address.of ?? -1);
    const known = [...SORTS.map(([key]) => key), ...P.clips.measures()];
    return {
      find: address.find ?? "",
      status: new Set((address.status ?? "").split(",").map((word) => P.clips.STATUS.indexOf(word)).filter((number) => number >= 0)),
      of: P.data.runs[of] ? of : -1,
      kind: address.kind ?? "",
      marked: address.marked === "1",
      shown: address.shown === "1",
      sort: known.includes(address.sort) ? address.sort : "badness",
      reverse: address.reverse === "1",
    };
  };

  /** @param {string} label @param {string} key @param {string[][]} options @param {string} [usual] */
  const choice = (label, key, options, usual = "") => el("label", { class: "choice" }, el("span", {}, label),
    el("select", { dataset: { key }, onchange: (/** @type {any} */ event) => P.address.set({ [key]: event.target.value === usual ? null : event.target.value }) },
      ...options.map(([value, text]) => el("option", { value }, text))));

  /** @param {string} label @param {string} key */
  const tick = (label, key) => el("label", {}, el("input", { type: "checkbox", dataset: { key }, onchange: (/** @type {any} */ event) => P.address.set({ [key]: event.target.checked ? "1" : null }) }), label);

  /** Buttons for how clips ended; none where all ended alike. */
  const statuses = () => {
    const counts = P.clips.STATUS.map((/** @type {string} */ _, /** @type {number} */ number) => P.clips.ended(number));
    if (counts.filter(Boolean).length < 2) return null;
    return el("div", { class: "statuses", role: "group", "aria-label": "Clips that are" }, ...P.clips.STATUS.map((/** @type {string} */ word, /** @type {number} */ number) =>
      counts[number] ? el("button", { type: "button", class: "button", dataset: { status: word }, "aria-pressed": "false", onclick: () => {
        const now = new Set((P.address.get().status ?? "").split(",").filter(Boolean));
        if (!now.delete(word)) now.add(word);
        P.address.set({ status: [...now].join(",") });
      } }, `${word} `, el("small", {}, counts[number].toLocaleString("en"))) : null));
  };

  const controls = () => {
    const measures = P.clips.measures().filter((/** @type {string} */ key) => key !== "people");
    const sorts = [...SORTS.filter(([key]) => key !== "people" || "people" in P.data.measures), ...measures.map((/** @type {string} */ key) => [key, P.data.measures[key].label])];
    const runs = P.data.runs.map((/** @type {any} */ run, /** @type {number} */ number) => [String(number), run.name]);
    const kinds = P.clips.kinds();
    const whole = Object.keys(P.data.shown).length;
    const search = el("input", { type: "search", dataset: { key: "find" }, placeholder: "find clips and reasons", "aria-label": "Find clips by name and by what is wrong",
      oninput: (/** @type {any} */ event) => P.address.set({ find: event.target.value.trim() }) });
    return el("div", { class: "controls", role: "search", "aria-label": "Clips" }, search, statuses(),
      runs.length > 1 && choice("run", "of", [["", "worst of all runs"], ...runs]),
      kinds.length > 0 && choice("trouble", "kind", [["", "any"], ...kinds.map((/** @type {string} */ kind) => [kind, kind])]),
      choice("order", "sort", sorts, "badness"),
      el("div", { class: "ticks" }, tick("reversed", "reverse"), tick("marked", "marked"),
        whole > 0 && whole < P.data.ids.length && tick("with poses here", "shown")));
  };

  /** Bring the controls in line with the address, unless they are being typed in. @param {HTMLElement} bar @param {Record<string, string>} address */
  const follow = (bar, address) => {
    for (const node of bar.querySelectorAll("[data-key]")) {
      const input = /** @type {HTMLInputElement} */ (node);
      const value = address[input.dataset.key ?? ""] ?? "";
      if (input.type === "checkbox") input.checked = value === "1";
      else if (input.tagName === "SELECT") input.value = value || /** @type {any} */ (input).options[0].value;
      else if (input.value.trim() !== value) input.value = value;
    }
    const now = (address.status ?? "").split(",");
    for (const node of bar.querySelectorAll("[data-status]")) {
      const word = /** @type {HTMLElement} */ (node).dataset.status ?? "";
      node.setAttribute("aria-pressed", String(now.includes(word)));
      const number = node.querySelector("small");
      if (number) number.textContent = P.clips.ended(P.clips.STATUS.indexOf(word), wish(address).of).toLocaleString("en");
    }
  };

  /** What to do where there is nothing to see. @param {ReturnType<typeof wish>} wanted */
  const nothing = (wanted) => {
    if (!P.data.ids.length) return el("div", { class: "empty" }, el("strong", {}, "No clip has been worked on yet."), "Once the run has got further, make the page again with the same command.");
    const text = wanted.marked && !P.marks.all.size ? "Nothing is marked: press m on a card, or its button." : "Nothing here matches all of what is asked for.";
    return el("div", { class: "empty" }, el("strong", {}, "No clip to show."), `${text} `,
      el("button", { type: "button", class: "button", onclick: () => P.address.set(Object.fromEntries(KEYS.map((key) => [key, null]))) }, "Show all clips"));
  };

  const list = () => {
    const cards = el("div", { class: "cards" });
    const told = el("p", { class: "note count" });
    const paper = el("p", { class: "note paper" });
    const more = el("button", { type: "button", class: "button more", onclick: () => step(true) });
    /** @type {Int32Array} */
    let found = new Int32Array(0);
    let number = 0;
    /** @type {ReturnType<typeof wish>} */
    let wanted = wish({});
    let waits = 0;

    /** Add the next cards. @param {boolean} [asked] by a key or button, so that the focus goes to them */
    function step(asked = false) {
      const next = [...found.subarray(number, number + (number ? STEP : FIRST))].map((id) => P.card(id, wanted.of, wanted.sort));
      cards.append(...next);
      number += next.length;
      more.hidden = number >= found.length;
      more.textContent = `Show ${Math.min(STEP, found.length - number)} more of ${(found.length - number).toLocaleString("en")}`;
      if (asked) next[0]?.querySelector("a")?.focus();
      marks();
    }
    function marks() {
      for (const card of cards.children) {
        const marked = P.marks.has(P.data.ids[Number(/** @type {HTMLElement} */ (card).dataset.id)]);
        card.classList.toggle("marked", marked);
        card.querySelector(".mark")?.setAttribute("aria-pressed", String(marked));
      }
    }
    const show = (/** @type {Record<string, string>} */ address) => {
      wanted = wish(address);
      found = P.clips.select(wanted, P.marks.all);
      cards.replaceChildren();
      number = 0;
      step();
      if (!found.length) cards.append(nothing(wanted));
      const all = P.data.ids.length;
      paper.textContent = found.length > PRINTED ? `The first ${PRINTED} of them are on paper.` : "";
      told.textContent = found.length === all ? P.count(all, "clip") : `${found.length.toLocaleString("en")} of ${P.count(all, "clip")}`;
      P.say(told.textContent);
      clearTimeout(waits);
      waits = setTimeout(() => void P.drawCards([...cards.children].slice(0, PRINTED)), 600);
    };
    P.marks.listen(() => (wanted.marked ? show(P.address.get()) : marks()));
    new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && number < found.length && step(), { rootMargin: "800px" }).observe(more);
    cards.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
      const card = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".card"));
      if (card) P.marks.toggle(P.data.ids[Number(card.dataset.id)]);
    });
    return { nodes: [paper, cards, more], told, show, order: () => [...found] };
  };

  /** The section of clips; from then on ``P.gallery.order`` returns the numbers of those that are found, in their order. */
  P.gallery = () => {
    const { nodes, told, show, order } = list();
    P.gallery.order = order;
    const bar = P.data.ids.length > 1 ? controls() : el("div", {});
    let before = "none yet";
    P.address.listen((/** @type {Record<string, string>} */ address) => {
      const now = KEYS.map((key) => address[key] ?? "").join("\n");
      if (now === before) return;
      before = now;
      follow(bar, address);
      show(address);
    });
    const help = el("details", { class: "note help" }, el("summary", {}, "What badness is"), el("p", {}, P.data.badness.help));
    const { clips, of, why } = P.data.picked;
    return el("section", { id: "clips", "aria-labelledby": "clips-title" },
      el("div", { class: "section-head" }, el("h2", { id: "clips-title", tabIndex: -1 }, "Clips"), told, help),
      bar,
      el("div", { class: "under" }, P.data.ids.length > 0 && P.legend(),
        of > 0 && el("p", { class: "note" }, Object.keys(P.data.shown).length ? `${why[0].toUpperCase()}${why.slice(1)}.` : clips ? "No poses are in this page, only their numbers." : "")),
      ...nodes);
  };
})();
