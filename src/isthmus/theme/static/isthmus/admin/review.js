// Keys for the review queue and the list of suggestions: whatever carries data-key is pressed by that key, in a list
// (data-row) that of the row one is in, which j and k move. Without this file the same buttons are there to be pressed.
(() => {
  "use strict";
  const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const rows = [...document.querySelectorAll("[data-row]")];
  let current = 0;

  function enter(number) {
    rows[current].removeAttribute("aria-current");
    current = Math.max(0, Math.min(rows.length - 1, number));
    rows[current].setAttribute("aria-current", "true");
    rows[current].scrollIntoView({ block: "nearest" });
  }

  function press(element) {
    if (element instanceof HTMLDetailsElement) {
      element.open = true;
      const field = element.querySelector("input:not([type=hidden]), select");
      field.focus();
      if (field.select) field.select();
    } else if (element instanceof HTMLInputElement && element.type !== "checkbox") {
      element.focus();
    } else {
      element.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && document.activeElement.closest("details[data-key]")) {
      const details = document.activeElement.closest("details[data-key]");
      details.open = false;
      details.querySelector("summary").focus();
      return;
    }
    if (event.key.length !== 1 || isTyping(event.target)) return;
    if (rows.length && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      enter(current + (event.key === "j" ? 1 : -1));
      return;
    }
    const within = rows[current] || document;
    const found = within.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!found) return;
    event.preventDefault();
    press(found);
  });

  if (rows.length) enter(0);
})();
