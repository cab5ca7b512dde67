// Suggestions while typing in the search field: a combobox whose list never takes the focus. Without this script the
// field is a plain form. Pattern: ARIA Authoring Practices, "Editable Combobox With List Autocomplete".
(() => {
  const WAIT_MS = 120;
  const KINDS = { series: "series", person: "person", category: "topic" };
  const field = document.getElementById("site-search");
  if (!field || !window.fetch || !window.AbortController) return;

  const list = document.createElement("ul");
  const told = document.createElement("p");
  let timer, running, chosen = -1;

  list.id = "site-search-suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  told.className = "unseen";
  told.setAttribute("role", "status");
  field.after(list);
  field.closest("form").append(told);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);

  // One letter says nothing, one syllable of Hangul or one Han character does.
  const isEnough = (text) => text.length > 1 || text >= "\u1100";

  const close = () => {
    clearTimeout(timer);
    running?.abort();
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const choose = (place) => {
    const rows = [...list.children];
    chosen = place;
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === place)));
    if (place < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", rows[place].id);
      rows[place].scrollIntoView({ block: "nearest" });
    }
  };

  const row = (suggestion, place) => {
    const item = document.createElement("li");
    const kind = document.createElement("span");
    item.id = `${list.id}-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.url = suggestion.url;
    kind.className = "kind";
    kind.textContent = KINDS[suggestion.kind] ?? "";
    item.append(suggestion.text, " ", kind);
    return item;
  };

  const show = (suggestions) => {
    if (!suggestions.length) close();
    else {
      list.replaceChildren(...suggestions.map(row));
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
      choose(-1);
    }
    const n = suggestions.length;
    told.textContent = n ? `${n} suggestion${n === 1 ? "" : "s"}, arrow down to reach them` : "";
  };

  const ask = async () => {
    running?.abort();
    running = new AbortController();
    const wanted = field.value;
    try {
      const address = `/api/v1/suggest?q=${encodeURIComponent(wanted.slice(0, 120))}`;
      const answer = await fetch(address, { signal: running.signal });
      // What was typed meanwhile has asked again; a field that was left wants nothing.
      if (answer.ok && field.value === wanted && document.activeElement === field) show(await answer.json());
    } catch {
      // Aborted, or the network is away: the form still works.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (!isEnough(field.value.trim())) close();
    else timer = setTimeout(ask, WAIT_MS);
  });

  field.addEventListener("keydown", (event) => {
    const n = list.children.length;
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      if (chosen >= 0) {
        event.preventDefault();
        location.assign(list.children[chosen].dataset.url);
      } else close();
    } else if (n && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      // One place more than there are rows: between the last and the first stands the field itself.
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + n + 1) % (n + 1)) - 1);
    }
  });

  // Not on click: the field would lose the focus first, and the list its rows.
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("li");
    event.preventDefault();
    if (item && event.button === 0) location.assign(item.dataset.url);
  });
  field.addEventListener("blur", close);
})();
