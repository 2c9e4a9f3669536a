// A form is sent once: a second press waits. The server counts a key once anyway.
export function once(root) {
  for (const form of root.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      const pressed = event.submitter;
      // after the values are gathered, so that the pressed button's own value is sent
      setTimeout(() => pressed?.setAttribute("aria-busy", "true"), 0);
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((b) => b.removeAttribute("aria-busy"));
    }
  });
}
