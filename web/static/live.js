// Parts that follow a stream: say whether it is heard, ask at intervals while it is not, wind fresh
// countdowns after each swap. A module of its own in the page's head, so that it listens before the
// first stream opens.
import { countdowns, serverSays } from "./countdown.js";

const ASK_MS = 4000;
const SILENT_MS = 25000;
let state = "wait";
let heard = 0;

function tell(now) {
  state = now;
  for (const line of document.querySelectorAll("[data-live]")) {
    if (line.dataset.live === now) continue;
    line.dataset.live = now;
    line.textContent = line.dataset[now] ?? "";
    line.hidden = now === "over";
  }
}

htmx.createEventSource = (address) => {
  const source = new EventSource(address);
  source.addEventListener("open", () => {
    heard = Date.now();
    tell("on");
  });
  source.addEventListener("error", () => { if (state !== "ask") tell("off"); });
  source.addEventListener("heartbeat", (beat) => {
    heard = Date.now();
    tell("on");
    serverSays(beat.data);
  });
  return source;
};

// No stream: too many are open, or something on the way breaks or holds them. The part still comes.
setInterval(() => {
  if (state === "on" && Date.now() - heard > SILENT_MS) tell("off");
  if (state === "on" || state === "over") return;
  for (const part of document.querySelectorAll("[data-part]")) htmx.trigger(part, "ask");
}, ASK_MS);

const isPart = (event) => event.detail.elt?.matches?.("[data-part]");
document.addEventListener("htmx:configRequest", (event) => {
  const shown = isPart(event) && event.detail.elt.querySelector("[data-mark]");
  if (shown) event.detail.parameters.mark = shown.dataset.mark;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (isPart(event) && state !== "on" && state !== "over") tell(event.detail.successful ? "ask" : "off");
});
document.addEventListener("htmx:sseClose", (event) => tell(event.detail.type === "message" ? "over" : "off"));
document.addEventListener("htmx:afterSwap", (event) => countdowns(event.target));
