// Frame: rail, theme, toasts, confirmations, relative times, and what htmx needs to fail gracefully.
// Attributes: data-rail-open, data-rail-close, data-rail-collapse, data-theme-set, data-toast[data-stay],
// data-close-toast, data-close-panel (inside data-panel), data-confirm (form), time[data-relative].
(() => {
  const root = document.documentElement;
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode */ } },
    remove(key) { try { localStorage.removeItem(key); } catch { /* private mode */ } },
  };
  const source = document.getElementById("ui-words");
  const words = source ? JSON.parse(source.textContent) : {};
  const ui = { words, store, toast };
  window.itsm = ui;

  // Rail ------------------------------------------------------------------------------------------------

  function drawer(open) {
    const button = document.querySelector("[data-rail-open]");
    const shade = document.querySelector("[data-rail-close]");
    if (!button || !shade) return;
    root.classList.toggle("is-rail-open", open);
    shade.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector("[data-rail] .rail-link")?.focus();
    else button.focus();
  }

  function collapse() {
    const narrow = root.classList.toggle("is-rail-narrow");
    store.set("rail", narrow ? "narrow" : "wide");
  }

  // Toasts ----------------------------------------------------------------------------------------------

  function toast(text, tone = "neutral", stay = tone === "bad") {
    const box = document.getElementById("toasts");
    if (!box) return;
    const node = document.createElement("div");
    node.className = `toast-it tone-${tone}`;
    node.dataset.toast = "";
    if (stay) node.dataset.stay = "";
    const line = document.createElement("span");
    line.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast-close";
    close.dataset.closeToast = "";
    close.setAttribute("aria-label", words.close || "Close");
    close.textContent = "×";
    node.append(line, close);
    box.append(node);
    expire(node);
  }

  function expire(node) {
    if ("stay" in node.dataset) return;
    let timer = setTimeout(() => node.remove(), 6000);
    node.addEventListener("mouseenter", () => clearTimeout(timer));
    node.addEventListener("mouseleave", () => { timer = setTimeout(() => node.remove(), 3000); });
  }

  // Relative times: the same words as itsm/templatetags/ui.py -------------------------------------------

  function relative(iso, now) {
    const seconds = Math.trunc((now - Date.parse(iso)) / 1000);
    const size = Math.abs(seconds);
    if (Number.isNaN(seconds) || size >= 7 * 86400) return null;
    if (size < 60) return seconds >= 0 ? words.now : null;
    const [unit, length] = size >= 86400 ? ["days", 86400] : size >= 3600 ? ["hours", 3600] : ["minutes", 60];
    const pattern = words[seconds >= 0 ? `${unit}_ago` : `in_${unit}`];
    return pattern ? pattern.replace("%d", Math.floor(size / length)) : null;
  }

  function refreshTimes() {
    const now = Date.now();
    for (const node of document.querySelectorAll("time[data-relative]")) {
      const text = relative(node.dateTime, now);
      if (text && text !== node.textContent) node.textContent = text;
    }
  }

  // Text put into a field at the cursor: data-insert names the field, data-text and data-link what is put in.

  function insert({ insert: target, text, link }) {
    const field = document.querySelector(target);
    if (!field) return;
    field.setRangeText(`${text}: ${location.origin}${link} `, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  // Clicks ----------------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit("[data-rail-open]")) drawer(true);
    else if (hit("[data-rail-close]")) drawer(false);
    else if (hit("[data-rail-collapse]")) collapse();
    else if (hit("[data-theme-set]")) window.itsmTheme.set(hit("[data-theme-set]").dataset.themeSet);
    else if (hit("[data-close-toast]")) hit("[data-toast]").remove();
    else if (hit("[data-close-panel]")) hit("[data-panel]").remove();
    else if (hit("[data-insert]")) insert(hit("[data-insert]").dataset);
  });
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset.confirm;
    if (words && !window.confirm(words)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("is-rail-open")) drawer(false);
  });

  // htmx: what was refused or lost is said; a redirect to a whole page is followed by the browser --------

  document.addEventListener("htmx:before:response", (event) => {
    const { response } = event.detail.ctx;
    const landed = new URL(response.raw.url || location.href, location.href);
    const asked = new URL(event.detail.ctx.request.action, location.href);
    if (response.raw.redirected && landed.pathname !== asked.pathname) {
      event.preventDefault();
      location.assign(landed.href);
    }
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { status } = event.detail.ctx.response;
    if (status >= 500) toast(words.server_error, "bad");
    else if (status === 403 || status === 404) toast(words.refused, "bad");
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !event.detail.ctx.response) toast(words.failed, "bad");
  });
  document.addEventListener("htmx:after:swap", (event) => {
    refreshTimes();
    const target = event.detail.ctx.target;
    // A message was sent: the keys act on the ticket again instead of being typed into the next one.
    if (target?.id === "composer-slot" && target.querySelector("[data-unseen]")) {
      const text = target.querySelector("#composer-body"); // it waits for a decision, and may be written on
      text.focus({ preventScroll: true });
      text.setSelectionRange(text.value.length, text.value.length);
    } else if (target?.id === "composer-slot" && !target.querySelector("[aria-invalid='true']")) document.getElementById("content").focus({ preventScroll: true });
    const find = (css) => target?.querySelector?.(css);
    const first = find("[data-panel] [aria-invalid='true']")
      || find("[data-panel] [autofocus], [data-panel] select, [data-panel] textarea, [data-panel] input:not([type=hidden])");
    if (first) { first.focus(); target.scrollIntoView({ block: "nearest" }); }
  });

  document.querySelectorAll("[data-toast]").forEach(expire);
  refreshTimes();
  setInterval(refreshTimes, 60_000);
})();
