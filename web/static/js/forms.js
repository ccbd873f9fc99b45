// Forms: a refused one says first what is wrong; drafts are kept on this device at each key, and at the server a second
// after the last and when one leaves.
{
  document.querySelector(".errors[autofocus]")?.focus();

  const visitor = document.body.dataset.visitor;
  const fieldsOf = (form) =>
    Object.fromEntries(
      [...new FormData(form)].filter(([name, value]) => name[0] !== "_" && typeof value === "string" && value),
    );
  const keep = async (form, path) => {
    const headers = { "Content-Type": "application/json", "HX-Request": "true" };
    const body = JSON.stringify({ fields: fieldsOf(form) });
    const answer = await fetch(`/drafts${path}`, { method: "PUT", headers, body, keepalive: true }).catch(() => {});
    const kept = form.parentElement.querySelector("[data-kept]");
    if (answer?.ok && kept) kept.textContent = await answer.text();
  };
  for (const form of visitor ? document.querySelectorAll("form[data-draft]") : []) {
    const path = new URL(form.action).pathname;
    const place = `draft:${visitor}:${path}`;
    let later = 0;
    const leave = () => {
      if (later) keep(form, path);
      clearTimeout(later);
      later = 0;
    };
    form.addEventListener("input", () => {
      localStorage.setItem(place, JSON.stringify(fieldsOf(form)));
      clearTimeout(later);
      later = setTimeout(leave, 1000);
    });
    addEventListener("pagehide", leave);
    form.addEventListener("submit", () => {
      clearTimeout(later);
      later = 0;
      localStorage.removeItem(place);
    });
    const known = JSON.parse(localStorage.getItem(place) || "{}");
    for (const [name, value] of Object.entries(known)) {
      const field = form.elements[name];
      if (field?.value === "" && field.matches?.("textarea, input")) field.value = value;
    }
  }
  // Who has logged out leaves nothing behind.
  if (!visitor) for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);

  // Sent once: what is pressed again while the answer is on its way is the same command anyway.
  document.addEventListener("submit", ({ target }) => target.setAttribute("aria-busy", "true"));
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  });
}
