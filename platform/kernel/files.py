"""Photos and papers, kept under the hash of their bytes."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from remelt.platform.kernel.errors import NotFound

_SHA256 = re.compile(r"[0-9a-f]{64}")


class NoSuchFile(NotFound):
    """No file with this hash is kept here."""

    code = "no-such-file"


class FileStore:
    """A folder of files named by the SHA-256 of their content: `ab/abcd...`.

    A file is on disk before the transaction that names it commits; one that no row names is an
    orphan, swept later. Nothing is ever changed in place; `destroy` is for who was erased.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep `content`, synced to disk; return its SHA-256 in hex. Twice the same is once."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(target)
        _sync_folder(target.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the content. Raises `NoSuchFile`."""
        path = self._path(sha256)
        if not path.is_file():
            raise NoSuchFile(sha256=sha256[:64])
        return path.read_bytes()

    def destroy(self, sha256: str) -> bool:
        """Take a file off the disk for good; tell whether it was there."""
        path = self._path(sha256)
        if not path.is_file():
            return False
        path.unlink()
        _sync_folder(path.parent)
        return True

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise NoSuchFile(sha256=sha256[:64])
        return self._folder / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
