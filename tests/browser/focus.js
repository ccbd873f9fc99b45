// Complains where a swap takes away what has the focus, so that nothing has it.
{
  let held = null;
  addEventListener("focusin", ({ target }) => (held = target), true);
  const look = () => {
    if (held && !held.isConnected && document.activeElement === document.body)
      console.error(`the focus was lost with ${held.outerHTML.slice(0, 200)}`);
    if (held && !held.isConnected) held = null;
  };
  // A swap gives it back at once, if at all.
  new MutationObserver(() => held?.isConnected || setTimeout(look, 20)).observe(document, { childList: true, subtree: true });
}
