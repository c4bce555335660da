// Beside others: who else has this ticket open, what they did meanwhile, and nothing typed is lost over it.
// Reads [data-workspace] (templates/workspace/_live.html), which every step brings anew with the version of the page.
// [data-live-people] and [data-live-news] (in the composer) are filled; a[data-show-news] puts what is new in place.
(() => {
  const NEWS_EVERY = 10_000;
  const WRITING_FOR = 60_000; // who has not typed for so long is not writing any more
  const { store } = window.itsm || {};
  const place = () => document.querySelector("[data-workspace]");

  // Drafts kept in this browser show in lists ---------------------------------------------------------------

  function showDrafts() {
    const word = document.getElementById("row-act")?.dataset.draftWord;
    for (const box of document.querySelectorAll("[data-row-select]")) {
      const title = box.closest("[data-row]")?.querySelector("[data-row-link]");
      const isKept = Boolean(store?.get(`draft:${document.body.dataset.user || ""}:${box.value}`));
      const sign = title?.parentElement.querySelector(".row-draft");
      if (isKept === Boolean(sign)) continue;
      if (sign) { sign.remove(); continue; }
      const made = document.createElement("span");
      made.className = "row-draft badge-it tone-warn";
      made.textContent = word;
      const below = title?.parentElement.querySelector(".row-sub");
      if (below) below.append(made);
      else title?.after(made);
    }
  }
  showDrafts();
  document.addEventListener("htmx:after:swap", showDrafts);
  if (!place()) return;

  const own = document.body.getAttribute("hx-headers:inherited");
  const token = own ? JSON.parse(own)["X-CSRFToken"] : "";
  let seen = Number(place().dataset.version);
  let typedAt = 0;
  let said = "";
  let people = "";
  let news = "";
  let stopped = false;

  const form = () => document.querySelector("form[data-composer]");
  const isInFront = () => document.visibilityState === "visible";

  function writing() {
    const text = document.getElementById("composer-body")?.value.trim();
    if (!text || Date.now() - typedAt > WRITING_FOR) return "";
    return form().querySelector("[name=visibility]:checked")?.value === "internal" ? "note" : "reply";
  }

  // The script's part of the composer, which comes anew with every message sent.
  function paint() {
    for (const [selector, html] of [["[data-live-people]", people], ["[data-live-news]", news]]) {
      const slot = document.querySelector(selector);
      if (!slot || slot.innerHTML === html) continue;
      slot.innerHTML = html;
      slot.hidden = !html;
    }
  }

  function noteVersion(version) {
    if (version > seen) seen = version;
    const field = form()?.querySelector("[name=version]");
    if (field && Number(field.value) < seen) field.value = seen;
  }

  async function ask(url, options = {}) {
    const answer = await fetch(url, { credentials: "same-origin", headers: { "X-CSRFToken": token }, ...options });
    if (answer.redirected || [401, 403, 404].includes(answer.status)) { stopped = true; return null; } // logged out, or moved out of sight
    return answer.ok ? answer : null;
  }

  // Signs of life ---------------------------------------------------------------------------------------

  let beatTimer;
  async function beat() {
    clearTimeout(beatTimer);
    if (stopped || !isInFront() || !place()) return;
    said = writing();
    try {
      const answer = await ask(place().dataset.here, { method: "POST", body: new URLSearchParams({ writing: said }) });
      if (answer) { people = answer.status === 204 ? "" : (await answer.text()).trim(); paint(); }
    } catch { /* the next one may come through */ }
    clearTimeout(beatTimer);
    if (place()) beatTimer = setTimeout(beat, Number(place().dataset.beat) * 1000);
  }

  document.addEventListener("input", (event) => {
    if (event.target.id !== "composer-body" && event.target.name !== "visibility") return;
    typedAt = Date.now();
    if (writing() !== said) { clearTimeout(beatTimer); beatTimer = setTimeout(beat, 300); }
  });
  window.addEventListener("pagehide", () => {
    if (!place()) return;
    navigator.sendBeacon(place().dataset.here, new URLSearchParams({ gone: "1", csrfmiddlewaretoken: token }));
  });

  // News ------------------------------------------------------------------------------------------------

  let newsTimer;
  async function look() {
    clearTimeout(newsTimer);
    if (stopped || !isInFront() || !place()) return;
    const since = seen;
    try {
      const answer = await ask(`${place().dataset.news}?since=${since}`);
      if (answer && since === seen) {
        if (answer.status === 200) {
          if (!news) beat(); // who wrote has stopped writing
          news = (await answer.text()).trim();
          paint();
        }
        else if (answer.headers.get("X-Version")) noteVersion(Number(answer.headers.get("X-Version"))); // one's own, in another window
      }
    } catch { /* the next one may come through */ }
    clearTimeout(newsTimer);
    newsTimer = setTimeout(look, NEWS_EVERY);
  }

  const ids = (scope) => new Set([...scope.querySelectorAll(".entry[id]")].map((entry) => entry.id));

  // Reads the page anew and replaces its parts; the composer, open forms and the cursor stay as they are.
  async function show() {
    const answer = await ask(place().dataset.url).catch(() => null);
    if (!answer) { location.reload(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = ids(document);
    const focused = document.activeElement;
    for (const part of page.querySelectorAll("[id^='record-']:not(#record-said)")) {
      const old = document.getElementById(part.id);
      if (!old || part.parentElement.closest("[id^='record-']")) continue;
      const made = document.importNode(part, true);
      old.replaceWith(made);
      window.htmx?.process(made);
    }
    news = "";
    noteVersion(Number(place()?.dataset.version || 0));
    form()?.querySelector("[data-unseen]")?.remove();
    paint();
    const fresh = [...document.querySelectorAll(".entry[id]")].filter((entry) => !known.has(entry.id));
    fresh.forEach((entry) => entry.classList.add("is-new"));
    const first = fresh[0];
    if (!first) return;
    first.scrollIntoView({ block: "center" });
    if (focused?.isConnected && focused !== document.body) return; // who types goes on typing
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-show-news]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    show();
  }, true);

  // A refused message keeps its files: a field for files cannot be filled by the server --------------------

  let chosen = null;
  document.addEventListener("htmx:before:swap", () => { chosen = form()?.querySelector("[data-file-input]")?.files || null; });
  document.addEventListener("htmx:after:swap", (event) => {
    const input = form()?.querySelector("[data-file-input]");
    const isRefused = form()?.querySelector("[data-unseen], .form-error");
    if (event.detail.ctx.target?.id === "composer-slot" && input && isRefused && chosen?.length) {
      input.files = chosen;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (event.detail.ctx.target?.id === "composer-slot" && said && !isRefused) { typedAt = 0; beat(); } // it was sent
    const version = Number(place()?.dataset.version || 0);
    if (version > seen) { news = ""; noteVersion(version); }
    paint();
  });

  document.addEventListener("visibilitychange", () => { if (isInFront()) { beat(); look(); } });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { beat(); look(); } });

  // A form that only answers with a sentence --------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-quiet]") || event.defaultPrevented) return;
    event.preventDefault();
    const answer = await ask(form.action, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token, Accept: "application/json" } }).catch(() => null);
    if (answer) window.itsm.toast((await answer.json()).said, "good");
    else window.itsm.toast(window.itsm.words.failed, "bad");
  });

  // Recent tickets, for the palette ----------------------------------------------------------------------

  function remember() {
    const { number, title, url } = place().dataset;
    const key = `recent:${document.body.dataset.user || ""}`;
    let list;
    try { list = JSON.parse(store.get(key)) || []; } catch { list = []; }
    list = [{ number, title, url }, ...list.filter((entry) => entry.number !== number)].slice(0, 12);
    store.set(key, JSON.stringify(list));
  }

  if (store) remember();
  beat();
  newsTimer = setTimeout(look, NEWS_EVERY);
})();
