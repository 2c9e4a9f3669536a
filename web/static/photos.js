// Photos are made small before they travel: 1280 px on the long side, JPEG, upright.
const SIDE = 1280;

async function small(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.72));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file; // the server reads it or says why not
  }
}

export function photos(root) {
  for (const input of root.querySelectorAll("[data-shrink]")) {
    input.addEventListener("change", async () => {
      const chosen = [...input.files].slice(0, Number(input.dataset.most));
      const kept = new DataTransfer();
      for (const file of await Promise.all(chosen.map(small))) kept.items.add(file);
      input.files = kept.files;
      const thumbs = input.parentElement.querySelector(".thumbs");
      thumbs.replaceChildren(...[...kept.files].map((file) => {
        const picture = new Image();
        picture.alt = file.name;
        picture.src = URL.createObjectURL(file);
        picture.onload = () => URL.revokeObjectURL(picture.src);
        return picture;
      }));
    });
  }
}
