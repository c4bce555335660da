// The board of changes: pages are printed; the focus stays where it was when an item was swapped.
(() => {
  "use strict";
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  let last = "";
  let item = "";
  document.addEventListener("submit", (event) => {
    last = (event.submitter || document.activeElement)?.id || "";
    item = event.target.closest(".board-item")?.id || "";
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    if (!item || (document.activeElement && document.activeElement !== document.body)) return;
    (document.getElementById(last) || document.getElementById(item))?.focus({ preventScroll: true });
    item = "";
  });
})();
