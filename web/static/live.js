// Parts that follow a stream: say whether it is heard, and wind fresh countdowns after each swap.
import { serverSays } from "./countdown.js";

export function live(root, countdowns) {
  const tell = (state) => {
    for (const line of root.querySelectorAll("[data-live]")) {
      line.dataset.live = state;
      line.textContent = state === "on" ? line.dataset.on : line.dataset.off;
    }
  };
  root.addEventListener("htmx:sseOpen", () => tell("on"));
  root.addEventListener("htmx:sseError", () => tell("off"));
  root.addEventListener("htmx:sseClose", () => tell("off"));
  root.addEventListener("htmx:sseMessage", (event) => {
    if (event.detail?.type === "heartbeat") serverSays(event.detail.data);
  });
  root.addEventListener("htmx:afterSwap", (event) => countdowns(event.target));
}
