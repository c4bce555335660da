// Keys act by clicking what the page shows, so everything is reachable by mouse and screen reader as well.
// data-key="x" or data-key="g q": pressed, the first visible element with it is clicked (inputs are focused;
//   data-focus="#id" is focused after). The current row's own elements come first, then the page's.
// data-row: a row of a list; data-row-link: the link that Enter opens; data-row-select: the box of "x".
// data-command: offered in the palette (palette.js) beside every data-key. data-open-keys: opens the list of keys.
// In a list of tickets the keys of ROW act on the row reached with j and k, in a dialog, without leaving the list.
(() => {
  const { words = {}, store } = window.itsm || {};
  const sheet = document.getElementById("keys-sheet");
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

  // Steps of the ticket on its page: the cursor goes to the first; the others are next to it.
  function steps() {
    const first = [...document.querySelectorAll(".page-head-actions .actions :is(a, button)")].find(isShown);
    first?.focus();
    return Boolean(first);
  }

  // Acts on a row: what its own page offers under the same key, shown in a dialog over the list --------------

  const ROW = ["i", "a", "p", "e", "s", "r", "n", "w"];
  const dialog = document.getElementById("row-act");
  const slot = dialog?.querySelector("[data-row-act]");
  const HTMX = { "HX-Request": "true", Accept: "text/html, application/json" };
  let acting = "";

  const linkOf = (row) => row?.querySelector("[data-row-select]") && row.querySelector("[data-row-link]");
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  async function read(url, options = {}) {
    const answer = await fetch(url, { credentials: "same-origin", ...options });
    if (answer.status >= 500) throw new Error(String(answer.status));
    return answer;
  }

  async function rowAct(key) {
    const row = currentRow();
    const link = linkOf(row);
    if (!link || !dialog || acting) return;
    acting = key;
    try {
      const page = parsed(await (await read(link.href)).text());
      const title = `${row.querySelector("[data-row-select]").value} ${link.title || link.textContent.trim()}`;
      const node = key === "s" ? page.querySelector(".page-head-actions .actions") : page.querySelector(`[data-key="${key}"]`);
      if (!node) window.itsm.toast(dialog.dataset.impossible, "warn");
      else if (node.matches("input")) { node.checked = true; show(title, page.querySelector("form[data-composer]")); }
      else if (key === "s") show(title, node);
      else if (node.getAttribute("hx-get")) show(title, part(await (await read(node.getAttribute("hx-get"), { headers: HTMX })).text()));
      else await post(node.form, node);
    } catch { window.itsm.toast(words.failed, "bad"); } finally { acting = ""; }
  }

  const part = (html) => { const page = parsed(html); return page.querySelector("[data-panel], form[data-composer]"); };

  function show(title, node) {
    if (!node) return;
    dialog.querySelector("#row-act-title").textContent = title;
    const made = document.importNode(node, true);
    made.querySelectorAll("[data-key]").forEach((each) => each.removeAttribute("data-key"));
    slot.replaceChildren(made);
    if (!dialog.open) dialog.showModal();
    window.itsm.startForms?.(slot);
    const first = slot.querySelector("[aria-invalid='true'], textarea, .ts-control input, select, input:not([type=hidden], [type=radio]), a, button");
    first?.focus();
  }

  async function post(form, submitter) {
    const answer = await read(form.action, { method: "POST", headers: HTMX, body: new FormData(form, submitter) });
    if (answer.ok) {
      const isJson = answer.headers.get("Content-Type")?.includes("json");
      const said = isJson ? (await answer.json()).said : dialog.dataset.done;
      if (dialog.open) dialog.close();
      store?.remove("draft:pending");
      if (form.dataset.draft) store?.remove(`draft:${document.body.dataset.user || ""}:${form.dataset.draft}`);
      window.itsm.toast(said, "good");
      if (!isJson) refresh();
      return;
    }
    const node = part(await answer.text());
    if (node) show(dialog.querySelector("#row-act-title").textContent, node);
    else window.itsm.toast(words.refused, "bad");
  }

  // The list is read anew; the row stays the current one where it is still there.
  let lastNumber = "";
  function refresh() {
    lastNumber = currentRow()?.querySelector("[data-row-select]")?.value || "";
    const link = document.querySelector("[data-live-show]");
    if (link) link.click();
    else location.reload();
  }
  document.addEventListener("htmx:after:swap", () => {
    if (!lastNumber) return;
    const box = document.querySelector(`[data-row-select][value="${CSS.escape(lastNumber)}"]`);
    if (!box || currentRow()) return;
    box.closest("[data-row]").classList.add("is-current");
    box.closest("[data-row]").querySelector("[data-row-link]")?.focus({ preventScroll: true });
    lastNumber = "";
  });

  dialog?.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    event.preventDefault();
    event.stopPropagation();
    post(event.target, event.submitter).catch(() => window.itsm.toast(words.failed, "bad"));
  });
  dialog?.addEventListener("click", async (event) => {
    if (event.target.closest("[data-close-panel]")) { event.stopPropagation(); dialog.close(); return; }
    const step = event.target.closest("a[hx-get]");
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    show(dialog.querySelector("#row-act-title").textContent, part(await (await read(step.getAttribute("hx-get"), { headers: HTMX })).text()));
  }, true);
  dialog?.addEventListener("close", () => slot.replaceChildren());

  // For the palette: what the keys do with the current row, in the words of the list of keys.
  if (window.itsm) window.itsm.rowCommands = () => {
    if (!linkOf(currentRow()) || document.querySelector("[data-bulk-bar]:not([hidden])")) return [];
    const number = currentRow().querySelector("[data-row-select]").value;
    return ROW.map((key) => {
      const line = [...sheet.querySelectorAll("dt")].find((dt) => dt.textContent.trim() === key)?.nextElementSibling;
      return { key, group: "selected", text: `${number}: ${line?.textContent || key}`, run: () => rowAct(key) };
    });
  };
  if (window.itsm) window.itsm.act = act;

  const fixed = { s: steps, j: () => step(1), k: () => step(-1), x: select, Enter: open, "?": () => showKeys() };

  // Overlays --------------------------------------------------------------------------------------------

  function showKeys() { sheet?.showModal(); return Boolean(sheet); }

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
      else if (event.key.toLowerCase() === "k") { event.preventDefault(); window.itsm.openPalette?.(); }
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
    else if (ROW.includes(combined) && linkOf(currentRow())) { event.preventDefault(); rowAct(combined); }
    else if (fixed[combined]?.()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]")) showKeys();
    if (event.target.matches("dialog.sheet")) event.target.close();
  });
})();
