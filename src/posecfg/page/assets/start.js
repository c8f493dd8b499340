// Put the parts of the page together once all scripts are there.
"use strict";
(() => {
  const P = globalThis.posecfg;
  const page = /** @type {HTMLElement} */ (document.getElementById("page"));
  const parts = [
    { id: "sheet", label: P.data.kind === "run" ? "Run" : P.data.kind === "sweep" ? "Jobs" : "Runs", node: P.sheet() },
    { id: "plots", label: "Plots", node: P.plots() },
    { id: "clips", label: "Clips", node: P.gallery() },
  ].filter(({ node }) => node);
  page.replaceChildren(P.head(parts), ...parts.map(({ node }) => node));
  document.body.append(P.marksBar());
  P.address.tell();
})();
