// An element, for all that follow.
const make = (tag, given) => Object.assign(document.createElement(tag), given);

// What changed: each part that shows it is read again, so that every right is looked at anew.
{
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const waiting = new Set();
  let soon = 0;
  const readAgain = (concerns) => {
    for (const part of parts()) if (concerns(part.dataset.live)) waiting.add(part.id);
    soon ||= setTimeout(() => {
      soon = 0;
      for (const id of waiting) htmx.trigger(document.getElementById(id), "changed");
      waiting.clear();
    }, 150);
  };
  document.body.addEventListener("case", (event) => {
    const { id } = JSON.parse(event.detail.data);
    readAgain((shown) => !id || !shown || shown === id);
  });
  // What somebody has chosen and not sent yet stays chosen, whatever else can be chosen by now.
  document.addEventListener("htmx:before:morph:node", (event) => {
    const { options, selectedIndex } = event.detail.oldNode;
    if (options && selectedIndex !== Math.max(0, [...options].findIndex((option) => option.defaultSelected)))
      event.preventDefault();
  });

  // What has the focus may go with a swap: then what it stood in has it.
  let held = null;
  let around = [];
  document.addEventListener("focusin", ({ target }) => {
    held = target;
    around = [];
    for (let each = target; each; each = each.parentElement) if (each.id) around.push(each.id);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!held || held.isConnected || document.activeElement !== document.body) return;
    const left = around.map((id) => document.getElementById(id)).find(Boolean);
    if (left?.tabIndex === -1) left.tabIndex = -1;
    left?.focus({ preventScroll: true });
  });

  // Without the stream the page says so, and looks for itself; when it is back, it catches up.
  let looking = 0;
  let heard = 0;
  const live = (is) => {
    for (const word of document.querySelectorAll("[data-liveness]")) {
      word.hidden = false;
      word.classList.toggle("away", !is);
      word.textContent = is ? word.dataset.on : word.dataset.off;
    }
    if (is && looking) readAgain(() => true);
    clearInterval(looking);
    looking = is ? 0 : setInterval(() => document.hidden || readAgain(() => true), 30_000);
  };
  const hear = () => {
    if (!heard || looking) live(true);
    heard = Date.now();
  };
  for (const name of ["beat", "case"]) document.body.addEventListener(name, hear);
  for (const name of ["htmx:sse:error", "offline"]) addEventListener(name, () => looking || live(false));
  document.addEventListener("visibilitychange", () => (heard &&= Date.now()));
  setInterval(() => heard && !looking && !document.hidden && Date.now() - heard > 5000 && live(false), 1000);

  // A command on its way: its page says what became of it, once it is known.
  const pending = document.getElementById("pending");
  const settle = async () => {
    const answer = await fetch(`/commands/${pending.dataset.command}`, { headers: { "HX-Request": "true" } }).catch(() => {});
    if (answer?.status === 200) location.reload();
    else setTimeout(settle, 1000);
  };
  if (pending) settle();
}
