// Time left until a moment, beside the absolute time. The server's clock decides, not the phone's:
// `data-now` on <html>, or the stream's heartbeat, tells how far the phone is off.
let off = 0;

export function serverSays(now) {
  const told = Date.parse(now);
  if (!Number.isNaN(told)) off = told - Date.now();
}

function left(until, days) {
  const s = Math.max(0, Math.floor((until - Date.now() - off) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const clock = `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s >= 86400 ? `${days.replace("{n}", Math.floor(s / 86400))} ${clock}` : clock;
}

function show(element) {
  const until = Date.parse(element.dataset.until);
  const rest = until - Date.now() - off;
  element.textContent = rest > 0 ? left(until, element.dataset.days) : element.dataset.over;
  element.classList.toggle("soon", rest > 0 && rest < 300000);
  element.hidden = false;
}

let ticking = false;

export function countdowns(root) {
  if (!ticking) serverSays(document.documentElement.dataset.now);
  for (const element of root.querySelectorAll("[data-until]")) show(element);
  if (ticking || !document.querySelector("[data-until]")) return;
  ticking = true;
  setInterval(() => document.querySelectorAll("[data-until]").forEach(show), 1000);
}
