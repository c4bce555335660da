// Fields of an order that depend on another answer: [data-shown-field="q_x"][data-shown-value="y"] is shown while
// a control named q_x says y. What is hidden is disabled too, so that it is not sent; the server checks the same.
(() => {
  const answers = (form, name) =>
    [...form.elements].filter((field) => field.name === name && !field.disabled)
      .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
      .flatMap((field) => (field.selectedOptions ? [...field.selectedOptions].map((option) => option.value) : [field.value]));

  function settle(form) {
    // in the order of the page: what depends on a hidden field is hidden too
    for (const row of form.querySelectorAll("[data-shown-field]")) {
      const isShown = answers(form, row.dataset.shownField).includes(row.dataset.shownValue);
      row.hidden = !isShown;
      for (const field of row.querySelectorAll("input, select, textarea")) field.disabled = !isShown;
    }
  }

  for (const form of document.querySelectorAll("form[data-order]")) {
    form.addEventListener("change", () => settle(form));
    form.addEventListener("input", () => settle(form));
    settle(form);
  }
})();
