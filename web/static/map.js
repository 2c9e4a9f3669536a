// Points and rounds on a plain ground: no tiles, so nothing is fetched from anywhere.
const TOKENS = ["--copper", "--info", "--good", "--warn", "--bad", "--alu"];

export function maps(root) {
  for (const element of root.querySelectorAll("[data-map]")) draw(element);
}

function words(point) {
  const text = document.createElement("span");
  text.textContent = point.text;
  return text;
}

function draw(element) {
  const L = window.L;
  if (!L) return;
  const look = getComputedStyle(element); // the tokens of the light or the dark theme
  const colours = TOKENS.map((token) => look.getPropertyValue(token).trim());
  const points = JSON.parse(element.dataset.points || "[]");
  const lines = JSON.parse(element.dataset.lines || "[]");
  element.append(document.createElement("span")); // a map with content is shown
  const map = L.map(element, { scrollWheelZoom: false, attributionControl: false, zoomSnap: 0.25 });
  L.control.scale({ imperial: false }).addTo(map);
  lines.forEach((line, nth) => {
    const { way, colour, weight } = Array.isArray(line) ? { way: line, colour: nth, weight: 4 } : line;
    L.polyline(way, { color: colours[colour % colours.length], weight, opacity: 0.85 }).addTo(map);
  });
  for (const point of points) {
    if (point.kind === "zone") {
      const dot = { radius: 5, color: colours[point.colour % colours.length], fillOpacity: 0.9 };
      L.circleMarker([point.lat, point.lon], dot).addTo(map).bindTooltip(words(point));
      continue;
    }
    const shape = document.createElement("div");
    shape.className = `pin ${point.kind || ""}`;
    const text = document.createElement("span");
    text.textContent = point.label || "";
    shape.append(text);
    const icon = L.divIcon({ html: shape, className: "", iconSize: [32, 32], iconAnchor: [16, 38], popupAnchor: [0, -36] });
    L.marker([point.lat, point.lon], { icon, title: point.text, alt: point.text }).addTo(map).bindPopup(words(point));
  }
  const all = [...points.map((p) => [p.lat, p.lon]), ...lines.flatMap((line) => line.way || line)];
  if (all.length) map.fitBounds(all, { padding: [36, 36], maxZoom: 13 });
}
