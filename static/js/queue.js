// The queue stays still while it is read: what changed is announced, and shown when asked for, with the row, the
// selection and the focus where they were. Attributes: [data-live] (where to ask), [data-live-note], [data-live-words],
// [data-live-show], [data-live-heading], [data-view-count]. Asking rests in hidden tabs and becomes rarer while
// nothing happens. On a ticket opened from a list: [data-place] with data-after (stay, next, back).
(() => {
  const FIRST = 20_000;
  const RAREST = 120_000;
  const COUNTS_EVERY = 4; // quiet answers, after which the counts of the views are asked for all the same
  let wait = FIRST;
  let quiet = 0;
  let timer;
  let kept = null;
  const live = () => document.querySelector("[data-live]");

  // Asking ----------------------------------------------------------------------------------------------

  function schedule() {
    clearTimeout(timer);
    if (live() && !document.hidden) timer = setTimeout(ask, wait);
  }

  async function ask() {
    const room = live();
    if (!room || document.hidden) return;
    const url = new URL(room.dataset.live, location.href);
    if (quiet >= COUNTS_EVERY) { url.searchParams.set("counts", "1"); quiet = 0; }
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.status === 200 && answer.headers.get("Content-Type")?.startsWith("application/json")) {
        const news = await answer.json();
        if (room.isConnected) tell(room, news);
        if (news.total) wait = FIRST; else rest();
      } else rest();
    } catch { rest(); }
    schedule();
  }

  function rest() { quiet += 1; wait = Math.min(RAREST, wait * 1.5); }

  function tell(room, news) {
    for (const each of news.counts) {
      const node = document.querySelector(`[data-view-count="${CSS.escape(each.key)}"]`);
      if (!node) continue;
      node.textContent = each.count;
      node.classList.toggle("is-bad", each.is_bad);
    }
    const note = room.querySelector("[data-live-note]");
    if (!note) return;
    note.hidden = news.total === 0;
    const words = note.querySelector("[data-live-words]");
    if (words.textContent !== news.words) words.textContent = news.words;
    badge(news.total);
  }

  function badge(count) {
    const plain = document.title.replace(/^\(\d+\+?\) /, "");
    document.title = count ? `(${count > 99 ? "99+" : count}) ${plain}` : plain;
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden && live()) { wait = FIRST; ask(); }
  });
  // whoever works here again is told soon again
  document.addEventListener("pointerdown", () => { if (wait > FIRST) { wait = FIRST; schedule(); } });
  document.addEventListener("keydown", () => { if (wait > FIRST) { wait = FIRST; schedule(); } });

  // Showing ---------------------------------------------------------------------------------------------

  function keep() {
    const number = (node) => node?.closest("[data-row]")?.dataset.row || "";
    kept = {
      current: document.querySelector("[data-row].is-current")?.dataset.row || "",
      focus: number(document.activeElement),
      chosen: [...document.querySelectorAll("[data-row-select]:checked")].map((box) => box.value),
      top: window.scrollY,
    };
  }

  function restore() {
    const { current, focus, chosen, top } = kept;
    kept = null;
    const row = (number) => number && document.querySelector(`[data-row="${CSS.escape(number)}"]`);
    row(current)?.classList.add("is-current");
    let last = null;
    for (const number of chosen) {
      const box = row(number)?.querySelector("[data-row-select]");
      if (box) { box.checked = true; last = box; }
    }
    last?.dispatchEvent(new Event("change", { bubbles: true }));
    const back = row(focus || current)?.querySelector("[data-row-link]") || document.querySelector("[data-live-heading]");
    back?.focus({ preventScroll: true });
    window.scrollTo({ top });
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-live-show]")) keep(); }, true);
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target?.id !== "desk") return;
    wait = FIRST;
    quiet = 0;
    badge(0);
    if (kept) restore();
    schedule();
  });

  // The next ticket after sending -----------------------------------------------------------------------

  const LEADS_ON = /\/(comment|resolve|fulfil|assign|escalate|close)\/$/;
  document.addEventListener("htmx:after:swap", (event) => {
    const { request, response } = event.detail.ctx;
    const place = document.querySelector("[data-place]");
    if (!place || request?.method !== "POST" || response?.status !== 200) return;
    if (!LEADS_ON.test(new URL(request.action, location.href).pathname)) return;
    const { after, next, back } = place.dataset;
    if (after === "back" || (after === "next" && !next)) location.assign(back);
    else if (after === "next") location.assign(next);
    else offer(place);
  });

  function offer(place) {
    const room = place.querySelector("[data-place-offer]");
    const { words, none, number } = room.dataset;
    if (!number) { room.textContent = none; return; }
    const link = document.createElement("a");
    link.href = place.dataset.next;
    link.textContent = number;
    room.replaceChildren(`${words} `, link);
  }

  // Columns: chosen and put in order by buttons ---------------------------------------------------------

  const said = (form, text) => { form.querySelector("[data-columns-said]").textContent = text; };
  const nameOf = (line) => line.querySelector("[data-column-name]").textContent;

  function move(line, by) {
    const other = by < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(line); else other.after(line);
    const lines = [...line.parentElement.children];
    said(line.closest("[data-columns]"), `${nameOf(line)}: ${lines.indexOf(line) + 1} / ${lines.length}`);
  }

  function add(line) {
    const form = line.closest("[data-columns]");
    const shown = form.querySelector("[data-columns-shown]");
    if (shown.children.length >= Number(line.parentElement.dataset.most)) return;
    const button = line.querySelector("[data-column-add]");
    line.offered = button;
    button.replaceWith(line.querySelector("template").content.cloneNode(true));
    line.querySelector("input").disabled = false;
    shown.append(line);
    said(form, `${nameOf(line)}: ${shown.children.length} / ${shown.children.length}`);
    line.querySelector("[data-column-drop]").focus();
  }

  function drop(line) {
    const form = line.closest("[data-columns]");
    const name = nameOf(line);
    const neighbour = line.nextElementSibling || line.previousElementSibling;
    if (line.offered) {
      line.querySelectorAll("[data-column-name], button").forEach((node) => { if (!node.closest("template")) node.remove(); });
      line.querySelector("template").before(line.offered);
      line.querySelector("input").disabled = true;
      form.querySelector("[data-columns-offered]").prepend(line);
    } else line.remove();
    said(form, `${name}: –`);
    neighbour?.querySelector("button")?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-column-move], [data-column-add], [data-column-drop]");
    const line = button?.closest("[data-column]");
    if (!line) return;
    if ("columnMove" in button.dataset) { move(line, Number(button.dataset.columnMove)); button.focus(); }
    else if ("columnAdd" in button.dataset) add(line);
    else drop(line);
  });

  function sight() {
    const views = document.querySelector(".views");
    const active = views?.querySelector(".is-active");
    if (active && views.scrollWidth > views.clientWidth) views.scrollLeft = active.offsetLeft - views.offsetLeft - 24;
  }
  document.addEventListener("htmx:after:swap", sight);
  sight();
  schedule();
})();
