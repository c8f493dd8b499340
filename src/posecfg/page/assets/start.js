// Put the parts of the page together once all scripts are there.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const page = /** @type {HTMLElement} */ (document.getElementById("page"));
  page.append(P.el("h1", {}, P.data.title));
})();
