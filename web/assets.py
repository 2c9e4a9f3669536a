"""What browsers are sent besides pages: our own files and the locked ones of others.

Every address carries a digest of the content, so a browser may keep it for ever. Files are read,
joined and compressed once per process. `style.css` is Pico in a layer of its own, under app.css.
"""

import gzip
import hashlib
import mimetypes
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
LOCK = Path(__file__).parent / "vendor.lock.toml"
PREFIX = "/assets"
PICO = "vendor/picocss-pico-2.1.1/pico.classless.min.css"
COMPRESSED = ("text/", "application/json", "image/svg+xml", "application/manifest+json")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: its bytes, plain and compressed, and its type."""

    content: bytes
    packed: bytes | None
    kind: str


@cache
def names() -> frozenset[str]:
    """Every name that may be asked for; a name not in here is not found."""
    there = {
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*")
        if path.is_file() and path.suffix not in {".md", ".part"}
    }
    return frozenset(there | {"style.css"})


@cache
def read(name: str) -> Asset:
    """The file called `name`, one of `names()`."""
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    kind = kind or "application/octet-stream"
    content = _style() if name == "style.css" else (STATIC / name).read_bytes()
    packs = kind.startswith(COMPRESSED)
    return Asset(content, gzip.compress(content, 9, mtime=0) if packs else None, kind)


def _style() -> bytes:
    pico = (STATIC / PICO).read_text(encoding="utf-8").removeprefix('@charset "UTF-8";')
    own = (STATIC / "app.css").read_text(encoding="utf-8")
    return f'@charset "UTF-8";\n@layer base{{{pico}}}\n{own}'.encode()


@cache
def edition() -> str:
    """A digest of all our files and the lock: changes when any of them does."""
    digest = hashlib.sha256(LOCK.read_bytes())
    for name in sorted(names()):
        digest.update(name.encode())
        digest.update(b"" if name.startswith("vendor/") else read(name).content)
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file under web/static.

    Raises `LookupError` when there is no such file, so that a page cannot ask for one.
    """
    if name not in names():
        raise LookupError(f"no such asset: {name}")
    return f"{PREFIX}/{edition()}/{name}"


@cache
def integrity(name: str) -> str:
    """The sha384 of a locked file, as the attribute `integrity` takes it.

    name: as in `asset`. Raises `LookupError` when the lock does not hold it.
    """
    for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]:
        folder = f"{package['name'].strip('@').replace('/', '-')}-{package['version']}"
        for file in package["files"]:
            if f"vendor/{folder}/{file['kept']}" == name:
                return str(file["sha384"])
    raise LookupError(f"not in the lock: {name}")
