// The command palette (Ctrl+K, or [data-open-palette]): what this page offers, recent tickets, every page of the rail,
// and from the server tickets, customers, people and services. A combobox: focus stays in the field, the list is named by
// aria-activedescendant. Commands are the elements with data-key or data-command, and the next steps of a ticket.
(() => {
  const { words = {}, store } = window.itsm || {};
  const palette = document.getElementById("palette");
  if (!palette || !window.itsm) return;
  const input = palette.querySelector("input");
  const list = document.getElementById("palette-list");
  const status = palette.querySelector("[data-palette-said]");
  const MOST = 8;
  const WAIT = 140; // ms between the last letter and the question to the server

  // What the page offers ----------------------------------------------------------------------------------

  function textOf(node) {
    const copy = (node.matches("input") ? node.closest("label") : node).cloneNode(true);
    copy.querySelectorAll("kbd, svg, .count, .count-dot").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim() || node.getAttribute("aria-label") || node.title;
  }

  function groupOf(node) {
    if (node.closest("[data-bulk-bar]")) return "selected";
    return node.closest(".rail, .views, .topbar, .portal-top") ? "pages" : "here";
  }

  function commands() {
    const seen = new Set();
    return [...document.querySelectorAll("[data-key], [data-command], .actions a, .actions button[type=submit]")]
      .filter((node) => !node.matches("input[type=search], select") && !node.closest("dialog, [hidden], [data-palette-skip]"))
      .map((node) => ({ node, key: node.dataset.key || "", text: textOf(node), group: groupOf(node) }))
      .filter((item) => item.text && !seen.has(item.text) && seen.add(item.text));
  }

  // A page without an entry in the rail.
  function further() {
    const { bulks, bulksWord } = palette.dataset;
    return bulks && document.querySelector(".rail") ? [{ url: bulks, text: bulksWord, key: "", group: "pages" }] : [];
  }

  function recent() {
    try { return (JSON.parse(store.get(`recent:${document.body.dataset.user || ""}`)) || []).map((entry) => ({ url: entry.url, text: `${entry.number} ${entry.title}`, key: "", group: "recent" })); } catch { return []; }
  }

  // How well a text answers what was typed; 0: not at all. Letters in order count in Latin script, Chinese as it stands.
  function score(text, asked) {
    if (!asked) return 1;
    const whole = text.toLowerCase();
    const at = whole.indexOf(asked);
    if (at === 0) return 100;
    if (at > 0) return /[\s(（·]/.test(whole[at - 1]) ? 80 : 60;
    const parts = asked.split(/\s+/);
    if (parts.length > 1 && parts.every((part) => whole.includes(part))) return 50;
    if (asked.length < 2 || !/^[\x20-\x7e]+$/.test(asked)) return 0;
    let place = -1;
    let gaps = 0;
    for (const letter of asked.replace(/\s/g, "")) {
      const next = whole.indexOf(letter, place + 1);
      if (next === -1) return 0;
      if (place >= 0) gaps += next - place - 1;
      place = next;
    }
    return gaps > 3 * asked.length ? 0 : Math.max(1, 40 - gaps);
  }

  // The list ------------------------------------------------------------------------------------------------

  let own = [];
  let found = [];
  let items = [];
  let chosen = 0;
  let isMoved = false; // what was chosen with the arrows stays chosen when answers come in

  function matching(asked) {
    const names = ["selected", "here", "recent", "pages"];
    return names.map((name) => {
      const fitting = own.filter((item) => item.group === name).map((item) => ({ item, points: score(item.text, asked) })).filter((each) => each.points > 0);
      fitting.sort((a, b) => b.points - a.points);
      return { label: palette.dataset[name], items: fitting.slice(0, asked ? MOST : 6).map((each) => each.item), best: fitting[0]?.points || 0 };
    }).filter((group) => group.items.length);
  }

  function groups() {
    const asked = input.value.trim().toLowerCase();
    const shown = matching(asked);
    if (asked) shown.sort((a, b) => b.best - a.best);
    const search = document.querySelector(".topbar-search[action]");
    const last = asked && search ? [{ label: palette.dataset.search, items: [{ key: "", url: `${search.getAttribute("action")}?q=${encodeURIComponent(input.value.trim())}`, text: words.search_for.replace("{text}", input.value.trim()) }] }] : [];
    // what the server found stands behind good matches of the page and before poor ones
    const good = shown.filter((group) => !asked || group.best >= 60);
    const known = new Set(shown.flatMap((group) => group.items.map((item) => item.url)).filter(Boolean));
    const fresh = found.map((group) => ({ ...group, items: group.items.filter((item) => !known.has(item.url)) })).filter((group) => group.items.length);
    return [...good, ...fresh, ...shown.filter((group) => !good.includes(group)), ...last];
  }

  function line(item, index) {
    const node = document.createElement("div");
    node.id = `palette-${index}`;
    node.className = "palette-item";
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(index === chosen));
    const text = document.createElement("span");
    text.className = "palette-text";
    text.textContent = item.text;
    node.append(text);
    if (item.hint) { const hint = document.createElement("span"); hint.className = "meta"; hint.textContent = item.hint; node.append(hint); }
    if (item.key) { const key = document.createElement("kbd"); key.textContent = item.key; node.append(key); }
    node.addEventListener("click", () => run(item));
    return node;
  }

  function paint({ keep = false } = {}) {
    const before = keep ? items[chosen] : null;
    const shown = groups();
    items = shown.flatMap((group) => group.items);
    const same = before ? items.findIndex((item) => item.text === before.text && item.url === before.url) : -1;
    chosen = same >= 0 ? same : Math.max(0, Math.min(keep ? chosen : 0, items.length - 1));
    let index = 0;
    list.replaceChildren(...shown.map((group, at) => {
      const box = document.createElement("div");
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", `palette-group-${at}`);
      const caption = document.createElement("div");
      caption.className = "palette-caption";
      caption.id = `palette-group-${at}`;
      caption.textContent = group.label;
      caption.setAttribute("role", "presentation");
      box.append(caption, ...group.items.map((item) => line(item, index++)));
      return box;
    }));
    mark();
  }

  function mark() {
    list.querySelectorAll("[role=option]").forEach((node, index) => node.setAttribute("aria-selected", String(index === chosen)));
    const node = document.getElementById(`palette-${chosen}`);
    if (node) { input.setAttribute("aria-activedescendant", node.id); node.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(items.length > 0));
  }

  function say() { status.textContent = items.length ? palette.dataset.found.replace("{n}", items.length) : palette.dataset.none; }

  function run(item) {
    palette.close();
    if (item.url) location.assign(item.url);
    else if (item.run) item.run();
    else window.itsm.act(item.node);
  }

  // The server's part: asked after a pause; an old question is given up ------------------------------------

  let timer;
  let asking;
  function ask() {
    clearTimeout(timer);
    asking?.abort();
    const asked = input.value.trim();
    if (!asked || !palette.dataset.find) { found = []; return; }
    timer = setTimeout(async () => {
      asking = new AbortController();
      try {
        const answer = await fetch(`${palette.dataset.find}?q=${encodeURIComponent(asked)}`, { signal: asking.signal, credentials: "same-origin", headers: { Accept: "application/json" } });
        if (!answer.ok || answer.redirected) return;
        found = (await answer.json()).groups.map((group) => ({ label: group.label, items: group.items.map((item) => ({ ...item, key: "" })) }));
        paint({ keep: isMoved });
        say();
      } catch { /* given up, or no connection: what the page knows stays */ }
    }, WAIT);
  }

  // Opening ---------------------------------------------------------------------------------------------------

  function open() {
    if (palette.open) return;
    own = [...(window.itsm.rowCommands?.() || []), ...commands(), ...recent(), ...further()];
    found = [];
    input.value = "";
    isMoved = false;
    paint();
    palette.showModal();
    input.focus();
  }

  input.addEventListener("input", () => { found = input.value.trim() ? found : []; isMoved = false; paint(); say(); ask(); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = items.length - 1;
    const places = { ArrowDown: chosen >= last ? 0 : chosen + 1, ArrowUp: chosen <= 0 ? last : chosen - 1, PageDown: Math.min(last, chosen + 6), PageUp: Math.max(0, chosen - 6) };
    if (event.key in places) { chosen = Math.max(0, places[event.key]); isMoved = true; mark(); }
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { if (items[chosen]) run(items[chosen]); }
    else return;
    event.preventDefault();
  });
  palette.addEventListener("close", () => { clearTimeout(timer); asking?.abort(); });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-palette]")) open();
    if (event.target.closest("[data-palette-close]")) palette.close();
  });
  window.itsm.openPalette = open;
})();
