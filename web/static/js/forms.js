// Forms: a refused one says first what is wrong; drafts are kept on this device at each key, and at the server a second
// after the last and when one leaves.
{
  document.querySelector(".errors[autofocus]")?.focus();

  const visitor = document.body.dataset.visitor;
  // With the key by which the form counts once: what was sent from here and is sent from elsewhere is the same command.
  const fieldsOf = (form) => {
    const lists = {};
    for (const [name, value] of new FormData(form))
      if (typeof value === "string" && value && (name[0] !== "_" || name === "_key")) (lists[name] ??= []).push(value);
    const several = Object.entries(lists).filter(([name, values]) => values.length > 1 || name.startsWith("file_"));
    const fields = Object.fromEntries(Object.entries(lists).map(([name, [value]]) => [name, value]));
    return several.length ? { ...fields, _lists: JSON.stringify(Object.fromEntries(several)) } : fields;
  };
  const keep = async (form, path) => {
    const body = JSON.stringify({ fields: fieldsOf(form) });
    const answer = await ask(`/drafts${path}`, { method: "PUT", body, keepalive: true });
    const kept = form.parentElement.querySelector("[data-kept]");
    if (answer?.ok && kept) kept.textContent = await answer.text();
  };
  // What was sent is forgotten here once its answer has led on: where the line was cut, it is still there.
  const sent = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  if (sent && performance.getEntriesByType("navigation")[0]?.redirectCount) localStorage.removeItem(sent);
  for (const form of visitor ? document.querySelectorAll("form[data-draft]") : []) {
    const path = new URL(form.action).pathname;
    const place = `draft:${visitor}:${path}`;
    let later = 0;
    const stop = () => {
      const was = later;
      clearTimeout(later);
      later = 0;
      return was;
    };
    const leave = () => stop() && keep(form, path);
    form.addEventListener("input", () => {
      localStorage.setItem(place, JSON.stringify(fieldsOf(form)));
      stop();
      later = setTimeout(leave, 1000);
    });
    addEventListener("pagehide", leave);
    form.addEventListener("submit", () => {
      stop();
      sessionStorage.setItem("sent", place);
    });
    const known = JSON.parse(localStorage.getItem(place) || "{}");
    for (const [name, value] of Object.entries(known)) {
      if (form.elements[name]?.value !== "") continue;
      form.elements[name].value = value;
      form.elements._key.value = known._key;
    }
  }
  // Who logs out leaves nothing behind, nor does anybody to who comes after them.
  const forgetAllBut = (mine) => {
    for (const name of Object.keys(localStorage)) if (/^draft:/.test(name) && !name.startsWith(mine)) localStorage.removeItem(name);
  };
  document.querySelector("form[action='/logout']")?.addEventListener("submit", () => forgetAllBut("-"));
  if (visitor) forgetAllBut(`draft:${visitor}:`);

  // Sent once: what is pressed again while the answer is on its way is the same command anyway.
  document.addEventListener("submit", ({ target }) => target.setAttribute("aria-busy", "true"));
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) sessionStorage.removeItem("sent");
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  });
}
