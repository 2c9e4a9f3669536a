"""What witnesses said of the log: their cosignatures, kept and shown with the checkpoints."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false
from sqlmodel import Session, col, or_, select

from remelt.platform.kernel.clock import Clock
from remelt.traceability.log import merkle as log
from remelt.traceability.log.notes import (
    BadNote,
    Checkpoint,
    Verifier,
    open_note,
    read_checkpoint,
    split_note,
)
from remelt.traceability.log.tiles import head, node_of
from remelt.traceability.proofs.errors import BadCosignature, CosignedAnother
from remelt.traceability.proofs.models import Cosignature


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that witnesses signed, with their signature lines."""

    size: int
    root: bytes
    lines: tuple[str, ...]


def accept(
    session: Session, *, clock: Clock, note: str, origin: str, witnesses: Sequence[Verifier]
) -> int:
    """Keep the cosignatures of listed witnesses on a checkpoint of ours; return how many are new.

    Raises `BadCosignature`, and `CosignedAnother` when a witness signed a root that is not ours:
    that is the alarm of a fork.
    """
    stands, lines = _opened(note, origin=origin, witnesses=witnesses)
    held = head(session).size
    if stands.size > held or root_at(session, size=stands.size) != stands.root:
        raise CosignedAnother(size=stands.size, root=stands.root.hex())
    known = session.exec(select(Cosignature.line).where(col(Cosignature.line).in_(lines))).all()
    fresh = [line for line in lines if line not in known]
    now = clock.now(session)
    for line in fresh:
        row = Cosignature(
            size=stands.size,
            root=stands.root.hex(),
            witness=line.split(" ", 2)[1],
            line=line,
            at=now,
        )
        session.add(row)
    session.flush()
    return len(fresh)


def cosigned(session: Session, *, witnesses: Sequence[Verifier], least: int = 0) -> Cosigned | None:
    """Return the newest checkpoint of at least `least` events that one of `witnesses` signed."""
    newest = select(Cosignature).where(Cosignature.size >= least, _by(witnesses))
    row = session.exec(newest.order_by(col(Cosignature.size).desc()).limit(1)).first()
    if row is None:
        return None
    lines = of_size(session, size=row.size, witnesses=witnesses)
    return Cosigned(row.size, bytes.fromhex(row.root), lines)


def of_size(session: Session, *, size: int, witnesses: Sequence[Verifier]) -> tuple[str, ...]:
    """Return the lines of `witnesses` on the checkpoint of `size`, the newest of each."""
    lines = select(Cosignature.line).where(Cosignature.size == size, _by(witnesses))
    return tuple(_newest_of_each(session.exec(lines.order_by(col(Cosignature.id))).all()))


def root_at(session: Session, *, size: int) -> bytes:
    """Return the root of the log as it stood at `size` events, which it must hold."""
    return log.frontier_at(node_of(session), size=size).root


def _by(witnesses: Sequence[Verifier]) -> ColumnElement[bool]:
    """Say in SQL that one of these keys made the line: it begins with the key's name and id."""
    heads = [f"— {each.name} {_head_of(each)}" for each in witnesses]
    return or_(
        false(), *(col(Cosignature.line).startswith(head, autoescape=True) for head in heads)
    )


def _head_of(witness: Verifier) -> str:
    """Return what base64 makes of the first three bytes of a key's id."""
    return base64.b64encode(witness.key_id[:3]).decode()


def _newest_of_each(lines: Sequence[str]) -> list[str]:
    return list({line.split(" ", 2)[1]: line for line in lines}.values())


def _opened(
    note: str, *, origin: str, witnesses: Sequence[Verifier]
) -> tuple[Checkpoint, list[str]]:
    try:
        text, _ = open_note(note, verifiers=witnesses)
        stands = read_checkpoint(text)
        lines = split_note(note)[1]
    except BadNote as wrong:
        raise BadCosignature(reason=str(wrong)) from wrong
    if stands.text != text or stands.origin != origin:
        raise BadCosignature(reason=f"this is no checkpoint of {origin}")
    return stands, [line for line in lines if _by_one_of(line, text, witnesses)]


def _by_one_of(line: str, text: str, witnesses: Sequence[Verifier]) -> bool:
    try:
        open_note(f"{text}\n{line}\n", verifiers=witnesses)
    except BadNote:
        return False
    return True
