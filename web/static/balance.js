// The live account of a sorting or heat: what was typed so far against what goes in.
const grams = (input) => {
  const text = input.value.normalize("NFKC").replaceAll(",", "").trim();
  return /^\d+(\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
};
const kg = (mass) => (mass / 1000).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 3 });

function charged(form) {
  let sum = 0;
  for (const input of form.querySelectorAll("[data-in-kg]")) {
    const lot = input.closest("fieldset").querySelector("[data-lot]");
    const held = /([\d,.]+)\s*kg$/.exec(lot?.value ? lot.selectedOptions[0].textContent : "")?.[1];
    sum += input.value.trim() ? grams(input) : Math.round(Number((held ?? "0").replaceAll(",", "")) * 1000);
  }
  return sum;
}

export function balances(root) {
  for (const box of root.querySelectorAll("[data-balance]")) {
    const form = box.closest("form");
    const show = () => {
      const whole = Number(box.dataset.in) + charged(form);
      const out = [...form.querySelectorAll("[data-out]")].reduce((sum, one) => sum + grams(one), 0);
      const rest = whole - out;
      box.querySelector("[data-balance-text]").textContent = box.dataset.said
        .replace("{out}", kg(out)).replace("{in}", kg(whole)).replace("{rest}", kg(rest));
      box.querySelector("rect").setAttribute("width", whole ? Math.min(100, (100 * out) / whole) : 0);
      box.classList.toggle("good", whole > 0 && Math.abs(rest) * 200 <= whole);
      box.classList.toggle("bad", whole > 0 && rest * 200 < -whole);
    };
    form.addEventListener("input", show);
    show();
  }
}
