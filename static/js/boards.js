// The printable pages of the board of changes.
(() => {
  "use strict";
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
})();
