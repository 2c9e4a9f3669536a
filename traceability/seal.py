"""The seal: as a write session is left, its events are numbered and hashed into the log."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from remelt.traceability.log import EMPTY_ROOT, HASH_BYTES, Frontier, append, leaf_hash
from remelt.traceability.models import LedgerEvent, LogHead, LogNode

_STAGED = "ledger_events"


def stage(session: Session, event: LedgerEvent) -> None:
    """Keep `event` until the session is left; it is numbered then."""
    staged(session).append(event)


def staged(session: Session) -> list[LedgerEvent]:
    """Return the events of this session that are not numbered yet, in order."""
    found: list[LedgerEvent] = session.info.setdefault(_STAGED, [])
    return found


def seal(session: Session) -> None:
    """Lock the head of the log last of all, number the staged events and grow the tree."""
    events = staged(session)
    if not events:
        return
    session.flush()
    head = _locked_head(session)
    edge = _frontier(head)
    for event in events:
        event.seq = edge.size
        session.add(event)
        edge, made = append(edge, leaf=leaf_hash(event.body.encode()))
        for node in made:
            session.add(LogNode(level=node.level, idx=node.index, hash=node.hash.hex()))
    head.size, head.root = edge.size, edge.root.hex()
    head.frontier = b"".join(edge.hashes).hex()
    session.add(head)
    session.flush()
    events.clear()


def _locked_head(session: Session) -> LogHead:
    """Return the one row of the head, as the last writer left it, locked until the commit."""
    statement = (
        select(LogHead)
        .where(col(LogHead.one) == 1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    head = session.exec(statement).first()
    if head is None:
        _make_head(session)
        head = session.exec(statement).one()
    return head


def _make_head(session: Session) -> None:
    """Make the empty head; of two first writers one makes it and the other waits for it."""
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if postgres else sqlite.insert
    row = {"one": 1, "size": 0, "root": EMPTY_ROOT.hex(), "frontier": ""}
    session.connection().execute(insert(LogHead).values(row).on_conflict_do_nothing())


def _frontier(head: LogHead) -> Frontier:
    edge = bytes.fromhex(head.frontier)
    hashes = tuple(edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES))
    return Frontier(size=head.size, hashes=hashes)
