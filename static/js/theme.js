// Runs before the first paint: resolves the theme and the folded rail, so that nothing flashes or shifts.
// <html data-theme-choice="auto|light|dark"> is the account's choice; localStorage "theme" this device's,
// which holds until the account's choice changes.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const apply = () => {
    const choice = read("theme") || root.dataset.themeChoice || "auto";
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };
  try {
    const account = root.dataset.themeChoice || "auto";
    if (read("theme-account") !== account) { localStorage.removeItem("theme"); localStorage.setItem("theme-account", account); }
  } catch { /* private mode */ }
  apply();
  dark.addEventListener("change", () => { apply(); document.dispatchEvent(new Event("theme:change")); });
  if (read("rail") === "narrow") root.classList.add("is-rail-narrow");
  window.itsmTheme = {
    set(choice) {
      try { localStorage.setItem("theme", choice); } catch { /* private mode: this page only */ }
      root.dataset.themeChoice = choice;
      apply();
      document.dispatchEvent(new Event("theme:change"));
    },
  };
})();
