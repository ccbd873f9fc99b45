// Keys: single ones, each from the element that it presses; never while one types, never the browser's own.
{
  const typing = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  const press = (key) => {
    const found = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
    if (!found) return false;
    if (found.matches("dialog")) found.showModal();
    else if (typing(found)) found.focus();
    else found.click();
    return true;
  };
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.ctrlKey && event.key === "Enter" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (event.ctrlKey || typing(event.target) || document.body.dataset.keys === "off") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pressed = before ? `${before} ${key}` : key;
    before = key === "g" && !before ? "g" : "";
    if (press(pressed)) event.preventDefault();
  });
}
