"use strict";
(() => {
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const all = [...document.querySelectorAll(".finding")].map((element) => {
    const object = element.closest(".object");
    const data = element.dataset;
    return {
      element, object,
      severity: data.severity, namespace: object.dataset.namespace,
      frameworks: data.frameworks.split(" "), standing: Number(data.standing), accepted: Number(data.accepted),
      text: null,
    };
  });
  const objects = [...document.querySelectorAll(".object")];

  const textOf = (finding) => {
    // Read when it is first searched: a large report opens at once.
    finding.text ??= (finding.object.querySelector("h3").textContent + " " + finding.element.textContent).toLowerCase();
    return finding.text;
  };

  const apply = () => {
    const wanted = new FormData(form);
    const severities = new Set(wanted.getAll("severity"));
    const words = wanted.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const state = wanted.get("state"), framework = wanted.get("framework"), namespace = wanted.get("namespace");
    const left = new Set();
    let standing = 0, accepted = 0;
    for (const finding of all) {
      const fits = severities.has(finding.severity)
        && (state === "" || (state === "failed" ? finding.standing > 0 : finding.accepted > 0))
        && (framework === "" || finding.frameworks.includes(framework))
        && (namespace === "*" || finding.namespace === namespace)
        && words.every((word) => textOf(finding).includes(word));
      finding.element.hidden = !fits;
      if (fits) {
        left.add(finding.object);
        standing += finding.standing;
        accepted += finding.accepted;
      }
    }
    for (const object of objects) object.hidden = !left.has(object);
    const objectsText = left.size === 1 ? "1 object" : `${left.size} objects`;
    shown.textContent = `${standing} standing and ${accepted} accepted findings shown, in ${objectsText}`;
  };

  let waiting;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  for (const [id, open] of [["open-all", true], ["close-all", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      for (const finding of all) if (!finding.element.hidden) finding.element.open = open;
    });
  }
  form.hidden = false;
  // A browser keeps what was typed when a page is loaded again.
  apply();

  // A link into a closed part opens it.
  const reveal = () => {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target) return;
    for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper cannot be opened; frameworks and controls are printed as the reader left them.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".finding:not([open])")];
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of closed) part.open = false; closed = []; });
})();
