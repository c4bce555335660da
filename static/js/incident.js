// The new-incident page: the cursor waits for the caller's name, and a person found first brings the customer along.
// Attribute: [data-fill="#id_customer"] with data-value and data-text, in what the server answers about the person.
(() => {
  const form = document.getElementById("new-incident");
  if (!form) return;

  function fill(node) {
    const field = document.querySelector(node.dataset.fill);
    if (!field || field.value) return;
    const choice = { value: node.dataset.value, text: node.dataset.text };
    if (field.tomselect) {
      field.tomselect.addOption(choice);
      field.tomselect.setValue(choice.value, true); // silently: the person stays chosen
    } else field.append(new Option(choice.text, choice.value, true, true));
  }
  document.addEventListener("htmx:after:swap", (event) => {
    event.detail.ctx.target?.querySelectorAll?.("[data-fill]").forEach(fill);
  });

  const wrong = form.querySelector("[aria-invalid='true']");
  const first = wrong || document.getElementById("id_requester");
  if (!wrong && window.matchMedia("(max-width: 767.98px)").matches) return; // no keyboard over a small screen unasked
  if (first?.tomselect) first.tomselect.focus();
  else first?.focus();
})();
