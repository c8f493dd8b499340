// The head of a clip's view: its name, run, what is wrong with it, its counts, and the command that makes it again.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const { el } = P;
  const STATUS = ["done", "skipped", "failed"];

  /** Return what a run tells of a clip in its columns, null where it lacks it. @param {number} run @param {string} id */
  const row = (run, id) => {
    const columns = P.data.runs[run]?.clips;
    const at = columns?.id.indexOf(P.data.ids.indexOf(id)) ?? -1;
    if (at < 0) return null;
    return Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, /** @type {any[]} */ (values)[at]]));
  };

  /** @param {string} label @param {any} value */
  const fact = (label, value) => (value === null || value === undefined || value === "" ? [] : [el("div", {}, el("dt", {}, label), el("dd", {}, value))]);

  /** @param {number | null | undefined} seconds */
  const duration = (seconds) => (typeof seconds === "number" ? `${seconds.toFixed(seconds < 10 ? 2 : 1)} s` : null);

  /** @param {any} view */
  const runs = (view) => {
    const having = P.data.runs.map((/** @type {any} */ _, /** @type {number} */ run) => run).filter((/** @type {number} */ run) => view.clip.runs[run] || row(run, view.id));
    if (having.length < 2 && having.includes(view.run)) return view.runName(view.run);
    const options = [...new Set([...having, view.run])].sort((a, b) => a - b).map((run) => el("option", { value: String(run), selected: run === view.run }, view.runName(run)));
    const select = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": "run", onchange: () => view.set({ run: Number(select.value), with: Number(select.value) === view.with ? view.run : view.with, person: null }) }, ...options));
    return select;
  };

  /** @param {any} view @param {number} missing @param {number} made */
  const facts = (view, missing, made) => {
    const found = row(view.run, view.id);
    const poses = view.poses;
    const size = view.clip.size;
    return el(
      "dl",
      { class: "cv-facts" },
      ...fact("run", runs(view)),
      ...fact("detector", P.data.runs[view.run]?.settings?.detector ?? P.data.runs[view.run]?.detector),
      ...fact("length", duration(found?.seconds)),
      ...fact("rows", found ? found.rows.toLocaleString("en") : poses?.rows),
      ...fact("people", poses ? String(poses.people.length) : null),
      ...fact("missing", missing ? missing.toLocaleString("en") : null),
      ...fact("made up", made ? made.toLocaleString("en") : null),
      ...fact("picture", size ? `${size[0]} × ${size[1]} px` : null),
      ...fact("skeleton", poses?.skeleton.keypoints.length ? `${poses.skeleton.name}, ${poses.skeleton.keypoints.length} keypoints` : null),
    );
  };

  /** @param {string} text */
  const copyable = (text) => {
    const code = el("code", { title: text }, text);
    const button = P.copyButton?.("Copy", () => text, "copy the command that makes this clip again");
    return el("div", { class: "cv-command" }, code, button);
  };

  /** Say in words what is wrong with a clip. @param {any} found */
  const why = (found) => {
    const { badness, status } = found;
    const score = typeof badness === "number" && el("span", { class: "cv-bad", title: P.data.badness.help }, `badness ${Math.round(badness)} of 100`);
    const texts = [found.why, found.warnings].map((at) => P.data.whys[at]).filter(Boolean).map((text) => `${text}${/[.!?]$/.test(text) ? "" : "."}`);
    if (status) texts.unshift(`It is ${STATUS[status]}.`);
    if (!texts.length && score) texts.push("Nothing is wrong with it that could be told.");
    return el("p", { class: "cv-why" }, score, texts.join(" "));
  };

  /** Return the bar that is always in sight. @param {any} view @param {{order: string[], goClip: (by: number) => void, close: () => void, help: () => void}} how */
  const bar = (view, { order, goClip, close, help }) => {
    const { id } = view;
    const at = order.indexOf(id);
    const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ word) =>
      el("button", { type: "button", class: "button", "aria-label": word, disabled: at < 0 || order[at + by] === undefined, onclick: () => goClip(by) }, sign);
    const link = () => {
      view.set({});
      return location.href;
    };
    const marked = () => String(Boolean(P.marks?.has?.(id)));
    const mark = P.data.ids.includes(id) && P.marks?.toggle && el("button", { type: "button", class: "button cv-mark", "aria-pressed": marked(), "aria-keyshortcuts": "m" }, "Mark");
    if (mark) {
      mark.addEventListener("click", () => P.marks.toggle(id));
      P.marks.listen?.(() => mark.setAttribute("aria-pressed", marked()));
    }
    return [
      el(
        "div",
        { class: "cv-steps" },
        step(-1, "‹", "previous clip"),
        el("span", { class: "quiet" }, at < 0 ? "–" : `${(at + 1).toLocaleString("en")} of ${order.length.toLocaleString("en")}`),
        step(1, "›", "next clip"),
      ),
      el("h2", { id: "cv-title", dir: "auto", tabIndex: -1 }, P.visible(id)),
      el(
        "div",
        { class: "cv-steps" },
        mark,
        P.copyButton("Copy link", link, "Copy link to this clip, frame and person"),
        el("button", { type: "button", class: "button cv-help", onclick: help, "aria-keyshortcuts": "?" }, "Keys"),
        el("button", { type: "button", class: "button", onclick: close, "aria-keyshortcuts": "Escape" }, "Close"),
      ),
    ];
  };

  P.clipBar = bar;

  /** Return what is told of a clip in words and counts. @param {any} view @returns {HTMLElement[]} */
  P.clipHead = (view) => {
    const found = row(view.run, view.id);
    if (!P.data.ids.includes(view.id)) return [];
    const command = P.command?.(view.run, view.id) ?? view.poses?.command ?? "";
    return [...(found ? [why(found)] : []), facts(view, found?.missing ?? 0, found?.made ?? 0), ...(found && command ? [copyable(command)] : [])];
  };

  /** Say why a clip is not shown, and what to type. @param {any} view */
  P.clipWithout = (view) => {
    const known = P.data.ids.includes(view.id);
    const elsewhere = Object.keys(view.clip.runs).map(Number);
    const folder = P.data.runs[view.run]?.folder ?? "FOLDER";
    const found = row(view.run, view.id);
    const text = !known
      ? "No clip of this name is in this page. Close this, and find it by a part of its name."
      : elsewhere.length
        ? `This run has no poses of the clip; ${elsewhere.map(view.runName).join(", ")} ${elsewhere.length > 1 ? "have" : "has"} them.`
        : found?.status
          ? "There are no poses of it to be shown."
          : `Its poses are not in this page: ${P.data.picked.why}. To have more of them in it, type:`;
    const command = known && !elsewhere.length && !found?.status ? `posecfg report ${P.shell(folder)} clips=${P.data.ids.length}` : "";
    return el("div", { class: "cv-without" }, view.clip.note ? el("p", {}, view.clip.note) : null, el("p", {}, text), command ? copyable(command) : null);
  };
})();
