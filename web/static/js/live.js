// For all that follow: an element, and what the server answers to a page, undefined where it does not answer.
const make = (tag, given) => Object.assign(document.createElement(tag), given);
const ask = (path, given) => fetch(path, { ...given, headers: { "HX-Request": "true" } }).catch(() => {});

// What changed: each part that shows it is read again, so that every right is looked at anew.
{
  const waiting = new Set();
  let soon = 0;
  const readAgain = (concerns = () => true) => {
    for (const part of document.querySelectorAll("[data-live]")) if (concerns(part.dataset.live)) waiting.add(part);
    soon ||= setTimeout(() => {
      soon = 0;
      for (const part of waiting) htmx.trigger(part, "changed");
      waiting.clear();
    }, 150);
  };
  document.body.addEventListener("case", ({ detail }) => {
    const { id } = JSON.parse(detail.data);
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
  let looking;
  let heard = 0;
  const live = (is) => {
    for (const word of document.querySelectorAll("[data-liveness]")) {
      word.classList.toggle("away", !is);
      Object.assign(word, { hidden: false, textContent: word.dataset[is ? "on" : "off"] });
    }
    if (is && looking) readAgain();
    clearInterval(looking);
    looking = is ? 0 : setInterval(() => document.hidden || readAgain(), 30_000);
  };
  const hear = () => {
    heard = Date.now();
    if (looking !== 0) live(true);
  };
  for (const name of ["beat", "case"]) document.body.addEventListener(name, hear);
  for (const name of ["htmx:sse:error", "offline"]) addEventListener(name, () => looking || live(false));
  setInterval(() => heard && !looking && !document.hidden && Date.now() - heard > 5000 && live(false), 1000);

  // A tab that nobody looks at holds no connection: one that was opened behind others begins when it is looked at.
  const begin = () => {
    if (document.hidden || !document.body.dataset.visitor) return;
    heard = Date.now();
    htmx.trigger(document.body, "seen");
  };
  for (const name of ["DOMContentLoaded", "visibilitychange"]) document.addEventListener(name, begin);

  // A command on its way: its page says what became of it, once it is known.
  const pending = document.getElementById("pending");
  const settle = async () => {
    const answer = await ask(`/commands/${pending.dataset.command}`);
    if (answer?.status === 200) location.reload();
    else setTimeout(settle, 1000);
  };
  if (pending) settle();
}
