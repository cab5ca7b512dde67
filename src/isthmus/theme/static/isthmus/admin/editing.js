// Two comforts of the publication form. Without this file every field is there all the same.
(() => {
  "use strict";
  const LONG = 12; // Groups with more boxes than this get a filter.

  function showKind(select) {
    let found = false;
    document.querySelectorAll("[data-isthmus-kind]").forEach((group) => {
      group.hidden = group.dataset.isthmusKind !== select.value;
      found = found || !group.hidden;
    });
    document.querySelectorAll(".isthmus-kind-none").forEach((note) => {
      note.hidden = found;
    });
  }

  function addFilter(group) {
    const rows = [...group.querySelectorAll("li")];
    if (rows.length <= LONG || group.querySelector('input[type="search"]')) return;
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = "Show only…";
    field.setAttribute("aria-label", `Filter ${group.querySelector("legend")?.textContent ?? "categories"}`);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase();
      rows.forEach((row) => {
        const checked = row.querySelector("input").checked;
        row.hidden = !checked && !row.textContent.toLocaleLowerCase().includes(wanted);
      });
    });
    // The form is not sent by Enter in a field that belongs to no setting.
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    group.querySelector("ul").before(field);
  }

  function prepare() {
    const select = document.querySelector('select[name="kind"]');
    if (select) {
      showKind(select);
      select.addEventListener("change", () => showKind(select));
    }
    document.querySelectorAll("[data-isthmus-group]").forEach(addFilter);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", prepare);
  else prepare();
})();
