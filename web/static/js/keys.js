// Keys: single ones, each from the element that it presses; never while one types, never the browser's own. The palette
// finds cases, and does what the page has keys for.
{
  const typing = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  const held = () => [...document.querySelectorAll("[data-key]:not(dialog)")];
  const nameOf = (element) =>
    (element.dataset.does || element.ariaLabel || element.labels?.[0]?.textContent || element.textContent).replace(/\s+/g, " ").trim();
  const press = (element) => {
    if (typing(element)) element.focus();
    else if (element.hash && element.pathname === location.pathname) document.querySelector(element.hash)?.focus();
    else element.click();
  };

  // A list: next, before, open.
  const rows = () => [...document.querySelectorAll("table.list tbody tr")];
  const step = (by) => {
    const all = rows();
    const next = all[Math.max(0, Math.min(all.length - 1, all.findIndex((row) => row.matches(".here")) + by))];
    for (const row of all) row.classList.toggle("here", row === next);
    next?.querySelector("a")?.focus();
  };
  const ofLists = { j: () => step(1), k: () => step(-1), o: () => document.querySelector("tr.here a")?.click() };

  const palette = document.getElementById("palette");
  const seek = palette?.querySelector("input");
  const options = () => [...palette.querySelectorAll("[role=option]")].filter((each) => !each.hidden);
  const choose = (by) => {
    const all = options();
    const at = Math.max(0, Math.min(all.length - 1, all.findIndex((each) => each.ariaSelected === "true") + by));
    for (const [place, each] of all.entries()) {
      each.ariaSelected = String(place === at);
      each.id ||= `option-${place}`;
    }
    if (all[at]) seek.setAttribute("aria-activedescendant", all[at].id);
  };
  const open = () => {
    const deeds = document.getElementById("deeds");
    deeds.replaceChildren(
      ...held().map((element) => {
        const deed = make("li", { role: "option", textContent: nameOf(element) });
        deed.append(make("kbd", { textContent: element.dataset.key.toUpperCase() }));
        deed.onclick = () => (palette.close(), press(element));
        return deed;
      }),
    );
    palette.showModal();
    seek.value = "";
    seek.focus();
    choose(0);
  };
  seek?.addEventListener("input", () => {
    for (const deed of document.querySelectorAll("#deeds li"))
      deed.hidden = !deed.textContent.toLowerCase().includes(seek.value.toLowerCase());
    choose(0);
  });
  seek?.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(1);
    else if (event.key === "ArrowUp") choose(-1);
    else if (event.key === "Enter") options().find((each) => each.ariaSelected === "true")?.click();
    else return;
    event.preventDefault();
  });
  for (const opener of document.querySelectorAll("[data-opens=palette]"))
    opener.addEventListener("click", (event) => (event.preventDefault(), open()));

  const keys = document.getElementById("keys");
  const show = () => {
    keys.querySelector("[data-keys-list]").replaceChildren(
      ...[...new Map(held().map((element) => [element.dataset.key, nameOf(element)]))].flatMap(([key, name]) => [
        make("dt", { textContent: key.toUpperCase() }),
        make("dd", { textContent: name }),
      ]),
    );
    keys.showModal();
  };

  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    const on = document.body.dataset.keys !== "off";
    if (on && palette && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return open();
    }
    if (event.ctrlKey || event.metaKey || !on || typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const pressed = before ? `${before} ${key}` : key;
    before = key === "g" && !before ? "g" : "";
    const found = held().find((element) => element.dataset.key === pressed);
    if (!found && !(pressed === "?" && keys) && !(pressed in ofLists)) return;
    event.preventDefault();
    if (found) press(found);
    else if (pressed === "?") show();
    else ofLists[pressed]();
  });
}
