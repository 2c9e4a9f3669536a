// Net, amounts and totals while a ticket is typed. The server works them out again.
const number = (input) => {
  const text = (input?.value ?? "").normalize("NFKC").replaceAll(",", "").trim();
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
};
const shown = (value, digits, unit) => `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: 3 })}\u00a0${unit}`;

function scale(part) {
  const [gross, tare] = ["gross_kg", "tare_kg"].map((name) => part.querySelector(`[name=${name}]`));
  const row = part.querySelector("[data-scale-net]");
  const tell = () => {
    const net = number(gross) === null || number(tare) === null ? null : number(gross) - number(tare);
    row.hidden = net === null;
    if (net !== null) row.querySelector("output").textContent = shown(net, 0, "kg");
  };
  part.addEventListener("input", tell);
  tell();
}

function deducted(text, net) {
  const typed = text.normalize("NFKC").trim();
  const value = Number.parseFloat(typed) || 0;
  return typed.endsWith("%") ? (net * value) / 100 : value;
}

function ticket(part) {
  const totals = part.querySelector("[data-totals]");
  const [mass, money] = totals.querySelectorAll(".value");
  const inSuccession = () => document.querySelector("[name=mode]:checked")?.value === "successive";
  const tell = () => {
    let left = null;
    let net = 0;
    let yuan = 0;
    for (const line of part.querySelectorAll("[data-line]")) {
      const field = (name) => line.querySelector(`[name$="-${name}"]`);
      const gross = number(field("gross_kg")) ?? (inSuccession() ? left : null);
      const tare = number(field("tare_kg"));
      const one = gross === null || tare === null ? null : gross - tare;
      line.querySelector("[data-net]").textContent = one === null ? "" : shown(one, 0, "kg");
      left = tare;
      if (one === null) continue;
      net += one;
      const price = number(field("price_yuan_per_t"));
      if (price !== null) yuan += ((one - deducted(field("deduct").value, one)) * price) / 1000;
    }
    totals.hidden = net === 0;
    mass.textContent = shown(net, 0, "kg");
    money.textContent = yuan ? `¥${yuan.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}` : "–";
  };
  document.addEventListener("input", tell);
  tell();
}

export function tickets(root) {
  root.querySelectorAll("[data-scale]").forEach(scale);
  root.querySelectorAll("[data-ticket]").forEach(ticket);
}
