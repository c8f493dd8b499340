// What all scripts of the page share: its data, nodes, the address, and clips that are read when they are needed.
"use strict";
(() => {
  const P = (globalThis.posecfg ??= {});

  /** The whole report but poses and pictures; see page/report.py. */
  P.data = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("data")).textContent ?? "");

  /**
   * Make a node. Texts are text, never markup; a property that begins with "on" is a listener.
   * @param {string} tag
   * @param {Record<string, any>} [props]
   * @param {...(Node | string | number | null | undefined | false)} children
   * @returns {HTMLElement}
   */
  P.el = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "dataset") Object.assign(node.dataset, value);
      else if (name in node && name !== "list" && typeof value !== "string") Reflect.set(node, name, value);
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children) {
      if (child === null || child === undefined || child === false) continue;
      node.append(child instanceof Node ? child : String(child));
    }
    return node;
  };

  /**
   * Make a node of a drawing.
   * @param {string} tag
   * @param {Record<string, string | number | null | undefined>} [props]
   * @param {...(Node | string | null | undefined | false)} children
   * @returns {SVGElement}
   */
  P.svg = (tag, props = {}, ...children) => {
    const node = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag));
    for (const [name, value] of Object.entries(props)) {
      if (value !== null && value !== undefined) node.setAttribute(name, String(value));
    }
    for (const child of children) if (child) node.append(child);
    return node;
  };

  // ---- the address: what is shown, so that it can be passed on ----
  const listeners = new Set();
  /** What a browser would not write to its address, as some do where it changes too often. @type {string | null} */
  let unwritten = null;
  const written = () => unwritten ?? location.hash.slice(1);

  P.address = {
    /** @returns {Record<string, string>} */
    get: () => Object.fromEntries(new URLSearchParams(written())),
    /**
     * Change parts of the address; null takes one away. Only ``push`` makes a step that the back button undoes.
     * @param {Record<string, string | number | null>} change
     * @param {boolean} [push]
     */
    set: (change, push = false) => {
      const now = new URLSearchParams(written());
      for (const [key, value] of Object.entries(change)) {
        if (value === null || value === "") now.delete(key);
        else now.set(key, String(value));
      }
      const next = now.toString();
      if (next === written()) return;
      try {
        history[push ? "pushState" : "replaceState"](null, "", next ? `#${next}` : location.pathname + location.search);
        unwritten = null;
      } catch {
        unwritten = next;
      }
      P.address.tell();
    },
    /** @param {(address: Record<string, string>) => void} listener */
    listen: (listener) => void listeners.add(listener),
    tell: () => {
      const now = P.address.get();
      for (const listener of listeners) listener(now);
    },
  };
  const moved = () => {
    unwritten = null;
    P.address.tell();
  };
  addEventListener("popstate", moved);
  addEventListener("hashchange", moved);

  // ---- clips with poses: each is read when it is first looked at, from the page or from a file in a folder beside it ----
  const clips = new Map();
  const awaited = new Map();

  /**
   * Take a clip from a file beside the page, which is a script that calls this.
   * @param {number} number
   * @param {any} clip
   */
  P.take = (number, clip) => awaited.get(number)?.(clip);

  /**
   * @param {number} number
   * @returns {Promise<any>}
   */
  const beside = (number) =>
    new Promise((resolve, reject) => {
      awaited.set(number, resolve);
      const script = document.createElement("script");
      script.src = `${encodeURIComponent(P.data.beside)}/clip-${number}.js`;
      script.onload = () => script.remove();
      script.onerror = () => reject(new Error(`The folder ${P.data.beside} is not beside this page: keep them together.`));
      document.head.append(script);
    });

  /**
   * Return a clip that is shown whole, by its number among them.
   * @param {number} number
   * @returns {Promise<any>}
   */
  P.clip = (number) => {
    let found = clips.get(number);
    if (!found) {
      const node = document.getElementById(`clip-${number}`);
      if (node) found = Promise.resolve(JSON.parse(node.textContent ?? ""));
      else found = P.data.beside ? beside(number) : Promise.reject(new Error("no such clip"));
      clips.set(number, found);
    }
    return found;
  };

  // ---- names and numbers as they are read ----
  /** Both ends of a long name, as it is often the last letters that tell one from another. @param {string} text @param {number} most */
  P.cut = (text, most) => {
    const back = Math.floor((most - 1) / 2);
    return text.length > most ? `${text.slice(0, most - 1 - back)}…${text.slice(-back)}` : text;
  };
  /**
   * Return a name with what cannot be seen in it written out, such as marks that turn the direction of letters.
   * @param {string} name
   */
  P.visible = (name) => name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);


  /**
   * @param {number | null | undefined} value
   * @param {{unit: string, digits: number}} measure
   */
  P.number = (value, measure) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const shown = measure.unit === "%" ? value * 100 : value;
    const digits = { minimumFractionDigits: measure.digits, maximumFractionDigits: measure.digits };
    return shown.toLocaleString("en", digits) + (measure.unit === "%" ? " %" : "");
  };

  /** @param {number} seconds */
  P.duration = (seconds) => {
    if (!Number.isFinite(seconds)) return "–";
    if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
    const whole = Math.round(seconds);
    const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours.toLocaleString("en")} h ${two(minutes)} min` : `${minutes} min ${two(whole % 60)} s`;
  };

  /** @param {number} number @param {string} noun */
  P.count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
})();
