"""What an audit asks of an event by itself: its body, names and values, its place in the log."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlmodel import Session, col, select

from remelt.traceability.capture.drafts import variant_of
from remelt.traceability.capture.rules import canonical as canonical_evidence
from remelt.traceability.epcis.content import content
from remelt.traceability.epcis.eventid import event_id
from remelt.traceability.epcis.words import EVIDENCE, MARK, told
from remelt.traceability.facts import Opened, changed_values
from remelt.traceability.log.merkle import EMPTY_ROOT, Frontier, StoredNode, append, leaf_hash
from remelt.traceability.models import LedgerEvent, LogHead, LogNode, PrivateValue, SubjectSecret


def bad_event(event: LedgerEvent, *, expected: int) -> Iterator[str]:
    """Yield what is wrong with the event itself: its number, body, id or kind."""
    if event.seq != expected:
        yield "number-gap"
    if hashlib.sha256(event.body.encode()).hexdigest() != event.hash:
        yield "body-changed"
        return
    body = orjson.loads(event.body)
    named = event_id(body) == event.event_id and (
        not event.variant or event.variant == variant_of(content(body))
    )
    if not named or canonical_evidence(body).decode() != event.body:
        yield "id-changed"
    elif (event.kind == EVIDENCE) != (MARK not in body):
        yield "kind-changed"


def bad_values(session: Session, page: Sequence[LedgerEvent]) -> Iterator[tuple[int, str]]:
    """Yield (number, path) of events whose private values do not give the digests of the body."""
    values = _opened(session, page)
    subjects = {each.subject for group in values.values() for each in group}
    statement = select(SubjectSecret.subject, SubjectSecret.secret).where(
        col(SubjectSecret.subject).in_(subjects)
    )
    secrets = dict(session.exec(statement).all())
    for event in page:
        group = values.get(event.key, [])
        if event.corrects is not None or not group:
            continue
        try:
            wrong = changed_values(told(event.body), group, keys=secrets)[:1]
        except (AttributeError, ValueError):
            wrong = [""]
        for path in wrong:
            yield event.seq, path


def _opened(session: Session, page: Sequence[LedgerEvent]) -> dict[int, list[Opened]]:
    statement = (
        select(PrivateValue.event_key, PrivateValue.path, PrivateValue.subject, PrivateValue.value)
        .where(col(PrivateValue.event_key).in_([event.key for event in page]))
        .order_by(col(PrivateValue.event_key), col(PrivateValue.path))
    )
    groups: dict[int, list[Opened]] = {}
    for key, path, subject, value in session.connection().execute(statement):
        groups.setdefault(key, []).append(Opened(path, subject, orjson.loads(value)))
    return groups


@dataclass
class LogCheck:
    """Grows the tree anew, leaf by leaf, beside the one that is stored."""

    session: Session
    edge: Frontier = field(default_factory=Frontier)
    expected: int = 0
    nodes: int = 0
    fits: bool = True
    made: list[tuple[int, StoredNode]] = field(default_factory=list)

    def take_in(self, event: LedgerEvent) -> None:
        """Add the leaf of the next event; a gap in the numbers is told once."""
        self.expected = event.seq + 1
        self.edge, made = append(self.edge, leaf=leaf_hash(event.body.encode()))
        self.made += [(event.seq, node) for node in made]

    def compare(self) -> list[tuple[int, str]]:
        """Return (number, level/index) of the first stored node that is not what events make.

        Every node above and beside a changed leaf is another then: one is enough.
        """
        made, self.made = self.made, []
        self.nodes += len(made)
        if not self.fits:
            return []
        spans: dict[int, list[int]] = {}
        for _, node in made:
            spans.setdefault(node.level, []).append(node.index)
        stored: dict[tuple[int, int], str] = {}
        for level, found in spans.items():
            statement = select(LogNode.idx, LogNode.hash).where(
                LogNode.level == level, col(LogNode.idx).between(found[0], found[-1])
            )
            stored |= {(level, index): text for index, text in self.session.exec(statement)}
        wrong = [
            (seq, f"{node.level}/{node.index}")
            for seq, node in made
            if stored.get((node.level, node.index)) != node.hash.hex()
        ]
        self.fits = not wrong
        return wrong[:1]

    def end(self) -> list[str]:
        """Return the stored root when head and nodes are not those of all events, else nothing."""
        head = self.session.exec(select(LogHead)).first()
        size, root, frontier = 0, EMPTY_ROOT.hex(), ""
        if head is not None:
            size, root, frontier = head.size, head.root, head.frontier
        mine = (self.edge.size, self.edge.root.hex(), b"".join(self.edge.hashes).hex())
        stored: Any = self.session.connection().exec_driver_sql("SELECT count(*) FROM log_node")
        fits = (size, root, frontier) == mine and stored.scalar_one() == self.nodes
        return [] if fits else [root]
