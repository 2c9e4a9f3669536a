"""Photos are read safely and kept without what the camera wrote into them."""

import io
import struct
import zlib

import pytest
from PIL import Image

from remelt.web.photos import MOST_BYTES, SIDE_PX, PhotoTooBig, UnreadablePhoto, read_photo
from tests.market import a_picture


def a_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_place_and_time_are_gone():
    exif = Image.Exif()
    exif[0x9003] = "2026:03:02 12:00:00"
    exif.get_ifd(0x8825)[2] = (26.0, 38.0, 0.0)
    sent = a_picture(exif=exif, comment=b"secret")
    assert b"Exif" in sent
    kept = read_photo(sent).content
    assert b"Exif" not in kept
    assert b"secret" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_photo_is_turned_upright_and_made_small():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = read_photo(a_picture(size=(4000, 1000), exif=exif))
    assert (photo.width_px, photo.height_px) == (SIDE_PX // 4, SIDE_PX)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_common_kinds_become_jpeg(kind):
    assert Image.open(io.BytesIO(read_photo(a_picture(kind)).content)).format == "JPEG"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", UnreadablePhoto),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnreadablePhoto),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, UnreadablePhoto),
        (a_picture()[:-200], UnreadablePhoto),
        (a_picture("GIF"), UnreadablePhoto),
        (a_picture("TIFF"), UnreadablePhoto),
        (b"x" * (MOST_BYTES + 1), PhotoTooBig),
        (a_bomb(7_000, 7_000), PhotoTooBig),
        (a_bomb(10_000, 10_000), PhotoTooBig),
        (a_bomb(60_000, 60_000), PhotoTooBig),
        (a_bomb(100, 100), UnreadablePhoto),
    ],
)
def test_what_is_no_photo_is_refused(content, refusal):
    with pytest.raises(refusal) as refused:
        read_photo(content)
    assert refused.value.field == "photos"
