"""Photos that people send: read safely, made small, freed of what the camera wrote into them."""

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageOps
from werkzeug.datastructures import FileStorage

from remelt.platform.kernel.errors import Invalid
from remelt.platform.kernel.files import FileStore
from remelt.platform.market.drafts import PhotoRef

MOST_BYTES = 12 * 2**20
MOST_PIXELS = 40_000_000
SIDE_PX = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")


class UnreadablePhoto(Invalid):
    """The file is no JPEG, PNG or WebP picture, or is damaged."""

    code = "unreadable-photo"


class PhotoTooBig(Invalid):
    """The photo has more bytes or pixels than are taken."""

    code = "photo-too-big"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept: an upright JPEG without any metadata."""

    content: bytes
    width_px: int
    height_px: int


def read_photo(content: bytes) -> Photo:
    """Return the photo, at most 1600 px on its long side and freed of EXIF, place and all.

    The size is read from the header before a pixel is unpacked, so a small file that would
    unfold to gigabytes is refused (`PhotoTooBig`). What is no picture: `UnreadablePhoto`.
    """
    if len(content) > MOST_BYTES:
        raise _too_big()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_big()
        return _kept(picture)
    except Image.DecompressionBombError as reason:
        raise _too_big() from reason
    except (OSError, SyntaxError, ValueError, EOFError, KeyError) as reason:
        raise UnreadablePhoto(field="photos") from reason


def keep_photos(sent: Iterable[FileStorage], *, files: FileStore) -> list[PhotoRef]:
    """Keep the photos of a form; empty file fields are passed over. Raises as `read_photo`."""
    kept = []
    for each in sent:
        content = each.stream.read(MOST_BYTES + 1)
        if content:
            kept.append(keep_photo(content, files=files))
    return kept


def keep_photo(content: bytes, *, files: FileStore) -> PhotoRef:
    """Keep one photo. Raises as `read_photo`."""
    photo = read_photo(content)
    return PhotoRef(files.put(photo.content), photo.width_px, photo.height_px)


def kept_photo(sha256: str, *, files: FileStore) -> PhotoRef:
    """Return a photo that was kept before. Raises `NoSuchFile` or `UnreadablePhoto`."""
    try:
        photo = Image.open(io.BytesIO(files.get(sha256)), formats=("JPEG",))
    except (OSError, SyntaxError, ValueError):
        raise UnreadablePhoto(field="photos") from None
    return PhotoRef(sha256, photo.width, photo.height)


def _kept(picture: Image.Image) -> Photo:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((SIDE_PX, SIDE_PX))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, format="JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), bare.width, bare.height)


def _too_big() -> PhotoTooBig:
    return PhotoTooBig(
        field="photos", limit_mb=MOST_BYTES // 2**20, limit_mp=MOST_PIXELS // 1_000_000
    )
