"use strict";
// What pages do beyond htmx. All of it only makes easier what works without it.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const body = document.body;

  // A refused form says first what is wrong.
  document.querySelector(".errors[autofocus]")?.focus();

  // What changed: each part that shows it is read again, so that every right is looked at anew.
  const waiting = new Set();
  let soon = 0;
  const readAgain = (concerns) => {
    for (const part of all("[data-live]")) if (concerns(part.dataset.live)) waiting.add(part.id);
    soon ||= setTimeout(() => {
      soon = 0;
      for (const id of waiting) htmx.trigger(document.getElementById(id), "changed");
      waiting.clear();
    }, 150);
  };
  body.addEventListener("case", (event) => {
    const { id } = JSON.parse(event.detail.data);
    readAgain((shown) => !id || !shown || shown === id);
  });

  // Without the stream the page says so, and looks for itself.
  let looking = 0;
  const live = (is) => {
    for (const word of all("#live")) {
      word.hidden = false;
      word.classList.toggle("away", !is);
      word.textContent = is ? word.dataset.live_ : word.dataset.away;
    }
    clearInterval(looking);
    looking = is ? 0 : setInterval(() => document.hidden || readAgain(() => true), 30_000);
  };
  body.addEventListener("htmx:sse:after:connection", (event) => live(event.detail.connection.status === 200));
  body.addEventListener("htmx:sse:error", () => live(false));

  // Drafts: on this device at each key, at the server a second after the last and when one leaves.
  const visitor = body.dataset.visitor;
  const forms = all("form[data-draft]");
  const fieldsOf = (form) =>
    Object.fromEntries([...new FormData(form)].filter(([name, value]) => name[0] !== "_" && typeof value === "string"));
  const keep = (form) => {
    const words = fieldsOf(form);
    const headers = { "Content-Type": "application/json" };
    fetch(`/drafts/${form.dataset.draft}`, { method: "PUT", headers, body: JSON.stringify(words), keepalive: true })
      .then((answer) => answer.ok && answer.text())
      .then((said) => {
        const kept = form.parentElement.querySelector("[data-kept]");
        if (said && kept) kept.textContent = said;
      })
      .catch(() => {});
  };
  for (const form of visitor ? forms : []) {
    const place = `draft:${visitor}:${form.dataset.draft}`;
    let later = 0;
    form.addEventListener("input", () => {
      localStorage.setItem(place, JSON.stringify(fieldsOf(form)));
      clearTimeout(later);
      later = setTimeout(() => ((later = 0), keep(form)), 1000);
    });
    addEventListener("pagehide", () => later && keep(form));
    form.addEventListener("submit", () => {
      clearTimeout(later);
      later = 0;
      localStorage.removeItem(place);
    });
    const known = JSON.parse(localStorage.getItem(place) || "null");
    for (const field of known ? all("textarea, input[type=text], input:not([type])", form) : [])
      if (!field.value && known[field.name]) field.value = known[field.name];
  }
  if (!visitor) for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);

  // Keys: single ones, never while one types, never the browser's own.
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.ctrlKey || typing(event.target) || body.dataset.keys === "off") return;
    const found = all("[data-key]").find((each) => each.dataset.key.toLowerCase() === event.key.toLowerCase());
    if (!found) return;
    event.preventDefault();
    const goal = found.hash ? document.getElementById(found.hash.slice(1)) : found;
    if (goal !== found || typing(found)) goal.focus();
    if (goal === found && (!typing(found) || found.type === "radio")) found.click();
  });

  // A command on its way: the page looks for its end.
  const pending = document.getElementById("pending");
  const settle = async () => {
    const answer = await fetch(`/commands/${pending.dataset.command}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 204) return setTimeout(settle, 1000);
    if (answer.ok) location.replace(answer.headers.get("Location-Of-Case") || location.pathname);
  };
  if (pending) settle();
})();
