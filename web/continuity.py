"""Whether the database continues the log that was published: asked before anything is signed.

The file is read before the database, so a checkpoint that is published meanwhile alarms nobody.
"""

from collections.abc import Callable
from pathlib import Path

import structlog
from sqlmodel import Session

from remelt.platform.kernel.settings import Settings
from remelt.traceability.door.seal import staged
from remelt.traceability.log import tiles
from remelt.traceability.log.notes import BadNote, Checkpoint, read_checkpoint, split_note
from remelt.traceability.proofs.cosigning import root_at
from remelt.traceability.proofs.errors import CheckpointSpoilt, LogWentBack
from remelt.web.keys import Keyring, keyring

told = structlog.get_logger()


def signing_ring(session: Session, *, settings: Settings) -> Keyring:
    """Return the keys to sign with. Raises `LogWentBack` while the log is not the published one."""
    before = published(settings.home)
    if not _continues(session, before):
        with Session(session.get_bind()) as fresh:  # the session may be older than the file
            check_continues(fresh, before)
    return keyring(settings)


def guard(home: Path) -> Callable[[Session], None]:
    """Return the seal that refuses events while the log is not the published one.

    What was proven to continue a checkpoint only grows, so the root is compared once for each.
    """
    proven: set[Checkpoint] = set()

    def check(session: Session) -> None:
        if not staged(session):
            return
        before = published(home)
        if before is None:
            return
        if before not in proven or tiles.head(session).size < before.size:
            check_continues(session, before)
            proven.clear()
            proven.add(before)

    return check


def published(home: Path) -> Checkpoint | None:
    """Return the checkpoint that was published last, None before the first.

    Raises `CheckpointSpoilt`.
    """
    path = home / "log" / "checkpoint"
    try:
        return read_checkpoint(split_note(path.read_text("utf-8"))[0])
    except FileNotFoundError:
        return None
    except (BadNote, OSError, UnicodeDecodeError) as wrong:
        told.critical("the published checkpoint cannot be read", path=str(path), reason=str(wrong))
        raise CheckpointSpoilt from wrong


def check_continues(session: Session, before: Checkpoint | None) -> None:
    """Raise `LogWentBack` unless the log of the database begins with the published one."""
    if before is not None and not _continues(session, before):
        held = tiles.head(session).size
        told.critical("the log went back", published=before.size, held=held)
        raise LogWentBack(published=before.size, held=held)


def _continues(session: Session, before: Checkpoint | None) -> bool:
    if before is None:
        return True
    longer = tiles.head(session).size >= before.size
    return longer and root_at(session, size=before.size) == before.root
