"""The public log as plain files in `$REMELT_HOME/log`: any file server is then a full mirror.

Tiles are taken from the database after the commit. A full tile is written once; partial ones go
when it is full; the checkpoint comes last, so that a reader never sees one without its tiles.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session

from remelt.platform.kernel.settings import Settings
from remelt.traceability.log import merkle as log
from remelt.traceability.log import tiles
from remelt.traceability.log.notes import Checkpoint
from remelt.traceability.proofs.cosigning import cosigned, of_size
from remelt.web.continuity import check_continues, published
from remelt.web.keys import Keyring, keyring, replace_file

FULL_BYTES = log.TILE_WIDTH * log.HASH_BYTES


def publish(session: Session, *, settings: Settings) -> int:
    """Bring the folder up to the database; return how many events it shows now.

    Raises `LogWentBack` when the database does not continue what was published before.
    """
    folder, before = settings.home / "log", published(settings.home)
    check_continues(session, before)
    held, stands = keyring(settings), tiles.head(session)
    start = before.size if before else 0
    for tile in _new_tiles(start, stands.size):
        _write_tile(session, folder, tile, size=stands.size)
    note = note_of(session, ring=held, size=stands.size, root=stands.root)
    replace_file(folder / "checkpoint", note.encode())
    attested = cosigned(session, witnesses=held.keys.witnesses)
    if attested is None:
        (folder / "checkpoint.cosigned").unlink(missing_ok=True)
    else:
        text = note_of(session, ring=held, size=attested.size, root=attested.root)
        replace_file(folder / "checkpoint.cosigned", text.encode())
    return stands.size


def note_of(session: Session, *, ring: Keyring, size: int, root: bytes) -> str:
    """Return the signed checkpoint of this size, with the cosignatures of listed witnesses."""
    text = Checkpoint(origin=ring.log.name, size=size, root=root).text
    told = of_size(session, size=size, witnesses=ring.keys.witnesses)
    lines = "".join(f"{line}\n" for line in told)
    return f"{text}\n{ring.log.line(text)}{lines}"


def _new_tiles(old: int, new: int) -> Iterator[log.Tile]:
    """Give the tiles of a log of `new` leaves that one of `old` did not have, leaves first."""
    level = 0
    while new:
        for index in range(old // log.TILE_WIDTH, -(-new // log.TILE_WIDTH)):
            width = min(log.TILE_WIDTH, new - index * log.TILE_WIDTH)
            yield log.Tile(level=level, index=index, width=width)
        level, old, new = level + 1, old // log.TILE_WIDTH, new // log.TILE_WIDTH


def _write_tile(session: Session, folder: Path, tile: log.Tile, *, size: int) -> None:
    path = folder / log.tile_path(tile)
    full = tile.width == log.TILE_WIDTH
    if path.is_file() and path.stat().st_size == tile.width * log.HASH_BYTES:
        return
    content = tiles.tile(session, path=log.tile_path(tile), size=size)
    replace_file(path, content or b"")
    if full:
        shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)
