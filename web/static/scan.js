// The camera as a scanner, where the browser can read codes; typing always works.
export async function scan(root) {
  const box = root.querySelector("[data-scan]");
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const formats = await window.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  const form = box.closest("form");
  const view = box.querySelector("[data-scan-view]");
  const start = box.querySelector("[data-scan-start]");
  const failed = box.querySelector("[data-scan-failed]");
  box.hidden = false;
  start.addEventListener("click", async () => {
    try {
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      failed.hidden = false;
      return;
    }
    view.hidden = false;
    start.hidden = true;
    await view.play();
    look();
  });

  async function look() {
    const [found] = await detector.detect(view).catch(() => []);
    if (!found) {
      requestAnimationFrame(look);
      return;
    }
    for (const track of view.srcObject.getTracks()) track.stop();
    navigator.vibrate?.(80);
    form.elements.code.value = found.rawValue;
    form.elements.how.value = "camera";
    form.requestSubmit(form.querySelector('button[name="do"]'));
  }
}
