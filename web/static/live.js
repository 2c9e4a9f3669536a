// Parts that follow a stream: say whether it is heard, wind fresh countdowns after each swap.
// A module of its own in the page's head, so that it listens before the first stream opens.
import { countdowns, serverSays } from "./countdown.js";

function tell(state) {
  for (const line of document.querySelectorAll("[data-live]")) {
    if (line.dataset.live === state) continue;
    line.dataset.live = state;
    line.textContent = state === "on" ? line.dataset.on : line.dataset.off;
  }
}

htmx.createEventSource = (address) => {
  const source = new EventSource(address);
  source.addEventListener("open", () => tell("on"));
  source.addEventListener("error", () => tell("off"));
  source.addEventListener("heartbeat", (beat) => {
    tell("on");
    serverSays(beat.data);
  });
  return source;
};
document.addEventListener("htmx:sseClose", () => tell("off"));
document.addEventListener("htmx:afterSwap", (event) => countdowns(event.target));
