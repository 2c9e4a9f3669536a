"""Pictures that stand for photos and papers in the demonstration: drawn, and saying DEMO."""

import hashlib
import io

from PIL import Image, ImageDraw

from remelt.platform.kernel.files import FileStore
from remelt.web.photos import read_photo

SIZE = (640, 420)


def paper(files: FileStore, *, of: str) -> str:
    """Keep a drawn paper and return its SHA-256; another text gives another picture."""
    digest = hashlib.sha256(of.encode()).digest()
    picture = Image.new("RGB", SIZE, (248, 248, 244))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, SIZE[0] - 20, SIZE[1] - 20), outline=(90, 90, 90), width=3)
    for row, byte in enumerate(digest[:8]):
        top = 90 + row * 36
        draw.rectangle((50, top, 90 + 2 * byte, top + 14), fill=(120, 130, 140))
    draw.text((50, 45), f"DEMO {digest.hex()[:12]}", fill=(160, 30, 30))
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return files.put(read_photo(out.getvalue()).content)
