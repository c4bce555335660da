// Keys act by clicking what the page shows, so everything is reachable by mouse and screen reader as well.
// data-key="x" or data-key="g q": pressed, the first visible element with it is clicked (inputs are focused;
//   data-focus="#id" is focused after). The current row's own elements come first, then the page's.
// data-row: a row of a list; data-row-link: the link that Enter opens; data-row-select: the box of "x".
// data-command: offered in the palette (Ctrl+K) beside every data-key. data-open-keys: opens the list of keys.
(() => {
  const words = window.itsm?.words || {};
  const sheet = document.getElementById("keys-sheet");
  const palette = document.getElementById("palette");
  let prefix = "";
  let prefixTimer;

  const isTyping = (node) =>
    node.isContentEditable || node.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])");
  const isShown = (node) => node.getClientRects().length > 0 || node.matches("label input") || Boolean(node.closest(".dropdown-menu"));
  const currentRow = () => document.querySelector("[data-row].is-current");

  function find(key) {
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const scopes = [document.querySelector("[data-bulk-bar]:not([hidden])"), currentRow(), document];
    for (const scope of scopes) {
      const hit = [...(scope?.querySelectorAll(selector) || [])].find(isShown);
      if (hit) return hit;
    }
    return null;
  }

  function act(node) {
    if (node.matches("input[type=search], input[type=text]")) { node.focus(); node.select(); return; }
    node.click();
    if (node.dataset.focus) document.querySelector(node.dataset.focus)?.focus();
  }

  // Rows ------------------------------------------------------------------------------------------------

  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")].filter(isShown);
    if (!rows.length) return false;
    const at = rows.indexOf(currentRow());
    const next = rows[at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    rows.forEach((row) => row.classList.toggle("is-current", row === next));
    next.querySelector("[data-row-link]")?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function select() {
    const box = currentRow()?.querySelector("[data-row-select]");
    if (box) box.click();
    return Boolean(box);
  }

  function open() {
    const row = currentRow();
    const focused = document.activeElement;
    if (!row || (focused && focused !== document.body)) return false; // a focused link or button opens itself
    row.querySelector("[data-row-link]")?.click();
    return true;
  }

  const fixed = { j: () => step(1), k: () => step(-1), x: select, Enter: open, "?": () => showKeys() };

  // Overlays --------------------------------------------------------------------------------------------

  function showKeys() { sheet?.showModal(); return Boolean(sheet); }

  function commands() {
    const seen = new Set();
    return [...document.querySelectorAll("[data-key], [data-command]")]
      .filter((node) => !node.matches("input[type=search]") && !node.closest("dialog, [hidden]"))
      .map((node) => {
        const copy = (node.matches("input") ? node.closest("label") : node).cloneNode(true);
        copy.querySelectorAll("kbd, svg, .count-dot").forEach((part) => part.remove());
        return { node, key: node.dataset.key || "", text: copy.textContent.trim() || node.getAttribute("aria-label") || node.title };
      })
      .filter((item) => item.text && !seen.has(item.text) && seen.add(item.text));
  }

  function showPalette() {
    if (!palette) return;
    const input = palette.querySelector("input");
    const list = palette.querySelector("ul");
    const all = commands();
    let chosen = 0;
    let items = [];
    const paint = () => {
      const text = input.value.trim().toLowerCase();
      items = all.filter((item) => item.text.toLowerCase().includes(text)).slice(0, 12);
      const search = document.querySelector(".topbar-search[action]");
      if (text && search) {
        const url = `${search.getAttribute("action")}?q=${encodeURIComponent(input.value.trim())}`;
        items.push({ url, key: "", text: words.search_for.replace("{text}", input.value.trim()) });
      }
      chosen = Math.max(0, Math.min(chosen, items.length - 1));
      list.replaceChildren(...items.map((item, index) => {
        const line = document.createElement("li");
        line.id = `palette-${index}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", String(index === chosen));
        line.append(item.text);
        if (item.key) { const key = document.createElement("kbd"); key.textContent = item.key; line.append(key); }
        line.addEventListener("click", () => run(item));
        return line;
      }));
      if (items.length) input.setAttribute("aria-activedescendant", `palette-${chosen}`);
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
    };
    const run = (item) => { palette.close(); if (item.url) location.assign(item.url); else act(item.node); };
    input.value = "";
    input.oninput = () => { chosen = 0; paint(); };
    input.onkeydown = (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown") chosen += 1;
      else if (event.key === "ArrowUp") chosen -= 1;
      else if (event.key === "Enter" && items[chosen]) { event.preventDefault(); run(items[chosen]); return; }
      else return;
      event.preventDefault();
      paint();
    };
    paint();
    palette.showModal();
    input.focus();
  }

  // Listening -------------------------------------------------------------------------------------------

  function send(event) {
    const form = event.target.closest("form");
    if (!form || form.method === "get") return;
    event.preventDefault();
    form.requestSubmit();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter") send(event);
      else if (event.key.toLowerCase() === "k") { event.preventDefault(); showPalette(); }
      return;
    }
    if (event.altKey) return;
    if (isTyping(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    if (document.querySelector("dialog[open]")) return;
    const combined = prefix ? `${prefix} ${event.key}` : event.key;
    clearTimeout(prefixTimer);
    prefix = "";
    if (event.key === "g" && combined === "g") {
      prefix = "g";
      prefixTimer = setTimeout(() => { prefix = ""; }, 1200);
      return;
    }
    const node = find(combined);
    if (node) { event.preventDefault(); act(node); }
    else if (fixed[combined]?.()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]")) showKeys();
    if (event.target.matches("dialog.sheet")) event.target.close();
  });
})();
