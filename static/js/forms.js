// Forms: drafts, typeahead, unsaved changes, bulk selection, files named, sent once.
// Attributes: form[data-draft="key"] (text kept in this browser until sent; [data-draft-state] says so),
// select|input[data-typeahead="/url/?q="] (JSON {results: [{value, text, hint}]}; data-depends="#id" adds &<name>=value),
// form[data-watch] (warns before leaving unsaved), form[data-once] (no second submit), [data-file-input],
// form[data-bulk] with [data-row-select], [data-select-all], [data-bulk-bar], [data-bulk-count], [data-bulk-clear],
// select|input[data-autosubmit] (a filter that applies when changed).
(() => {
  const { words = {}, store } = window.itsm || {};
  const each = (scope, selector, act) => {
    if (scope.matches?.(selector)) act(scope);
    scope.querySelectorAll?.(selector).forEach(act);
  };

  // Drafts ----------------------------------------------------------------------------------------------

  const draftFields = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type));
  const draftKey = (form) => `draft:${document.body.dataset.user || ""}:${form.dataset.draft}`;

  function readDraft(form) {
    const values = {};
    for (const field of draftFields(form)) {
      if (field.type === "radio" || field.type === "checkbox") {
        if (field.checked) (values[field.name] ||= []).push(field.value);
      } else if (field.value) (values[field.name] ||= []).push(field.value);
    }
    return values;
  }

  function saveDraft(form) {
    const hasText = [...form.elements].some((field) => field.matches("textarea, input[type=text]") && field.value.trim());
    if (hasText) store.set(draftKey(form), JSON.stringify({ at: Date.now(), values: readDraft(form) }));
    else store.remove(draftKey(form));
    const state = form.querySelector("[data-draft-state]");
    if (state) state.textContent = hasText ? words.draft_saved : "";
  }

  function restoreDraft(form) {
    const stored = store.get(draftKey(form));
    const touched = [...form.elements].some((field) => field.matches("textarea, input[type=text]") && field.value.trim());
    if (!stored || touched) return;
    let draft;
    try { draft = JSON.parse(stored); } catch { draft = null; }
    if (!draft || Date.now() - draft.at > 14 * 86400e3) return store.remove(draftKey(form));
    for (const field of draftFields(form)) {
      const values = draft.values[field.name];
      if (field.type === "radio" || field.type === "checkbox") field.checked = Boolean(values?.includes(field.value));
      else if (values && field.tagName !== "SELECT") field.value = values[0];
      else if (values && [...field.options].some((option) => option.value === values[0])) field.value = values[0];
    }
    const state = form.querySelector("[data-draft-state]");
    if (!state) return;
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-sm btn-ghost";
    drop.textContent = words.discard;
    drop.addEventListener("click", () => { form.reset(); store.remove(draftKey(form)); state.textContent = ""; });
    state.replaceChildren(`${words.draft_restored} `, drop);
  }

  function keepDraft(form) {
    restoreDraft(form);
    let timer;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => saveDraft(form), 400); });
    // The draft goes only when the server has taken it: the next page without an error drops the pending key.
    form.addEventListener("submit", () => { clearTimeout(timer); saveDraft(form); store.set("draft:pending", draftKey(form)); });
  }

  function settlePending() {
    const key = store.get("draft:pending");
    if (!key) return;
    store.remove("draft:pending");
    const refused = [...document.querySelectorAll("form[data-draft]")].some(
      (form) => draftKey(form) === key && form.querySelector(".form-error, [data-unseen], [aria-invalid='true']"),
    );
    if (!refused && document.getElementById("content") && !document.querySelector(".error-code")) store.remove(key);
  }

  // Typeahead -------------------------------------------------------------------------------------------

  function typeahead(field) {
    if (!window.TomSelect || field.tomselect) return;
    const depends = field.dataset.depends ? document.querySelector(field.dataset.depends) : null;
    const address = (query) => {
      const url = new URL(field.dataset.typeahead, location.href);
      url.searchParams.set("q", query);
      if (depends?.value) url.searchParams.set(depends.name, depends.value);
      return url;
    };
    const line = (data, escape) =>
      `<div>${escape(data.text)}${data.hint ? `<span class="meta">${escape(data.hint)}</span>` : ""}</div>`;
    let waiting = false;
    const select = new window.TomSelect(field, {
      valueField: "value", labelField: "text", searchField: [], maxItems: field.multiple ? null : 1,
      preload: "focus", loadThrottle: 200, placeholder: field.getAttribute("placeholder") || words.type_to_search,
      shouldLoad: () => true, openOnFocus: true, closeAfterSelect: true,
      refreshThrottle: 0, // later than at once, the list would open again over what was chosen meanwhile
      // What is offered belongs to what is typed: Enter takes nothing until the answer is there.
      onType() { waiting = true; select.clearOptions(); select.refreshOptions(true); },
      load(query, done) {
        select.clearOptions();
        const take = (results) => {
          const isAsked = select.inputValue() === query.trim();
          if (isAsked) waiting = false;
          select.isFocused = select.control.contains(document.activeElement); // if not, the list stays closed
          done(isAsked ? results : []);
        };
        fetch(address(query), { headers: { Accept: "application/json" }, credentials: "same-origin" })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
          .then((data) => take(data.results))
          .catch(() => { window.itsm?.toast(words.failed, "bad"); take([]); });
      },
      render: {
        option: line, item: line,
        no_results: () => (waiting ? "<div class=\"no-results p-2\">…</div>" : `<div class="no-results meta p-2">${words.nothing_found}</div>`),
      },
    });
    field.setAttribute("aria-hidden", "true"); // the label now names the visible control
    depends?.addEventListener("change", () => { select.clear(true); select.clearOptions(); select.load(""); });
  }

  // Bulk selection --------------------------------------------------------------------------------------

  function bulk(form) {
    const boxes = () => [...form.querySelectorAll("[data-row-select]")];
    const all = form.querySelector("[data-select-all]");
    const bar = form.querySelector("[data-bulk-bar]");
    const show = () => {
      const chosen = boxes().filter((box) => box.checked).length;
      if (bar) bar.hidden = chosen === 0;
      const count = form.querySelector("[data-bulk-count]");
      if (count) count.textContent = words.selected.replace("{n}", chosen);
      if (all) { all.checked = chosen > 0 && chosen === boxes().length; all.indeterminate = chosen > 0 && !all.checked; }
    };
    let last = null;
    form.addEventListener("click", (event) => {
      const box = event.target.closest("[data-row-select]");
      if (box && event.shiftKey && last) {
        const rows = boxes();
        const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
        rows.slice(from, to + 1).forEach((row) => { row.checked = box.checked; });
      }
      if (box) last = box;
      if (event.target.closest("[data-bulk-clear]")) boxes().forEach((row) => { row.checked = false; });
      if (box || event.target.closest("[data-bulk-clear]")) show();
    });
    form.addEventListener("change", (event) => {
      if (event.target === all) boxes().forEach((box) => { box.checked = all.checked; });
      show();
    });
    show();
  }

  // The rest --------------------------------------------------------------------------------------------

  const dirty = new Set();
  function watch(form) {
    form.addEventListener("input", () => dirty.add(form));
    form.addEventListener("submit", () => dirty.delete(form));
  }
  window.addEventListener("beforeunload", (event) => {
    for (const form of dirty) if (!form.isConnected) dirty.delete(form);
    if (dirty.size) event.preventDefault();
  });

  function once(form) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  }
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  function nameFiles(input) {
    const label = input.closest("label")?.querySelector("[data-file-words]");
    if (!label) return;
    const idle = label.textContent;
    input.addEventListener("change", () => {
      const names = [...input.files].map((file) => file.name).join(", ");
      label.textContent = names.length > 60 ? `${names.slice(0, 57)}…` : names || idle;
    });
  }

  function start(scope) {
    each(scope, "form[data-draft]", keepDraft);
    each(scope, "[data-typeahead]", typeahead);
    each(scope, "form[data-bulk]", bulk);
    each(scope, "form[data-watch]", watch);
    each(scope, "form[data-once]", once);
    each(scope, "[data-file-input]", nameFiles);
    each(scope, "[data-autosubmit]", (field) => field.addEventListener("change", () => field.form.requestSubmit()));
  }

  if (store) settlePending();
  start(document);
  // a form that comes back begins at its first mistake
  const mistake = document.querySelector("main .form-row.has-error");
  [...(mistake?.querySelectorAll("input, select, textarea, button") || [])].find((field) => field.offsetParent)?.focus();
  if (window.itsm) window.itsm.startForms = start;
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx.target;
    // a new form in place of the sent one, or nothing: a step that was taken leaves its place empty
    if (store && (target?.id === "act" || target?.querySelector?.("form[data-draft]"))) settlePending();
    if (target?.isConnected) start(target);
  });
})();
