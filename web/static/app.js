// What every page gains where scripts run. Each part looks for its own mark and loads only when it is there.
import { countdowns } from "./countdown.js";
import { once } from "./once.js";

countdowns(document);
once(document);

for (const menu of document.querySelectorAll("[data-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.querySelector(".summary")?.focus();

for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const offline = document.querySelector("[data-offline]");
if (offline) {
  const tell = () => { offline.hidden = navigator.onLine; };
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();
}

if (document.querySelector("[data-map]")) import("./map.js").then((part) => part.maps(document));
if (document.querySelector("[data-scan]")) import("./scan.js").then((part) => part.scan(document));
if (document.querySelector("[data-shrink]")) import("./photos.js").then((part) => part.photos(document));
if (document.querySelector("[data-ticket], [data-scale]")) import("./ticket.js").then((part) => part.tickets(document));
if (document.querySelector("[data-balance]")) import("./balance.js").then((part) => part.balances(document));
