"""What anybody may take from the log: its head, its tiles, and the path of one event."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.traceability.log import merkle as log
from remelt.traceability.models import LogHead, LogNode


@dataclass(frozen=True, slots=True)
class Standing:
    """How many events the log holds, and the root hash over them."""

    size: int
    root: bytes


def head(session: Session) -> Standing:
    """Return how the log stands; empty before the first event."""
    row = session.exec(select(LogHead)).first()
    if row is None:
        return Standing(size=0, root=log.EMPTY_ROOT)
    return Standing(size=row.size, root=bytes.fromhex(row.root))


def node_of(session: Session) -> log.Node:
    """Return the reader of stored subtree hashes."""

    def node(level: int, index: int) -> bytes:
        statement = select(LogNode.hash).where(LogNode.level == level, LogNode.idx == index)
        return bytes.fromhex(session.exec(statement).one())

    return node


def tile(session: Session, *, path: str, size: int) -> bytes | None:
    """Return the hashes of the tile that `path` names in a log of `size`, or None."""
    named = log.read_tile_path(path, size=size)
    if named is None:
        return None
    first = named.index * log.TILE_WIDTH
    rows = session.exec(
        select(LogNode.hash)
        .where(LogNode.level == named.level * log.TILE_HEIGHT)
        .where(col(LogNode.idx).between(first, first + named.width - 1))
        .order_by(col(LogNode.idx))
    )
    return b"".join(map(bytes.fromhex, rows))


def inclusion(session: Session, *, index: int, size: int) -> list[bytes]:
    """Return the hashes from leaf `index` to the root of `size`; `ValueError` outside the log."""
    return log.inclusion_proof(node_of(session), index=index, size=size)
