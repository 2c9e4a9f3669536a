"""I1 to I12, each said once: what holds of the ledger after whatever was done to it.

Each takes a session and what the one who acted remembers (`Seen`), and asserts. What can be
counted without the rules is counted here again: masses and burdens from what the steps were told
to do, balances of lots from the events, attributed claims from the heats.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, func, select

from remelt.traceability import queries
from remelt.traceability.audit.audit import audit
from remelt.traceability.credits.accounts import accounts, all_groups, standing
from remelt.traceability.credits.models import CreditCertificate, LotClaim
from remelt.traceability.door.reading import opened_all
from remelt.traceability.log import merkle as log
from remelt.traceability.models import (
    BookLine,
    Edge,
    LedgerEvent,
    LogNode,
    Lot,
    MeltLine,
    in_force,
)
from remelt.traceability.proofs.certificates import of_lot
from remelt.traceability.rules.credits import credit
from remelt.traceability.rules.states import CUSTODY, State
from remelt.traceability.tracing.balance import vector_drift, world_balance

ENTERS = ("weighed_in", "adjustment", "returned")
MONTH = "2026-12"


@dataclass
class Seen:
    """What was asked of the ledger, and what it has shown before.

    mass_g, co2e_g: on hand, counted from the steps alone. exact: False once a correction has said
    masses anew; balances are then held to the books only. custody: code -> rank as last seen;
    heads, hashes: of the log; corrected: lots whose weighing was declared wrong.
    """

    mass_g: int = 0
    co2e_g: int = 0
    exact: bool = True
    custody: dict[str, int] = field(default_factory=dict)
    heads: list[tuple[int, str]] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    corrected: dict[str, list[str]] = field(default_factory=dict)


def i1_mass(session: Session, seen: Seen) -> None:
    """Nothing is lost or made: steps, events and books give the same grams."""
    balance = world_balance(session)
    assert balance.drift_g == 0
    if not seen.exact:
        return
    assert balance.on_hand_g == seen.mass_g
    unexplained = dict(
        session.exec(
            select(BookLine.event_key, func.sum(BookLine.mass_g))
            .where(BookLine.kind == "unexplained")
            .group_by(col(BookLine.event_key))
        ).all()
    )
    for event, facts in _told(session):
        if "inputs" in facts:
            assert -unexplained.get(event.key, 0) == _left_over(facts)


def i2_elements_and_classes(session: Session, seen: Seen) -> None:
    """Each origin, element and place adds up, in every lot and in the world."""
    assert vector_drift(session) == State()
    assert all(lot.vectors.holds() for lot in session.exec(select(Lot)))


def i3_burdens(session: Session, seen: Seen) -> None:
    """What was emitted rests on lots, to the gram."""
    rests_g = sum(lot.vectors.co2e_g for lot in session.exec(select(Lot)))
    assert rests_g == seen.co2e_g or not seen.exact


def i4_never_over_consumed(session: Session, seen: Seen) -> None:
    """Walking the events, no lot ever gives more than it has, and each ends as its row says."""
    assert all(mass_g >= 0 for mass_g in session.exec(select(Lot.mass_g)))
    if not seen.exact:
        return
    held: dict[str, int] = {}
    for event, facts in _told(session):
        for code, change_g in _changes(event.kind, facts, held):
            held[code] = held.get(code, 0) + change_g
            assert held[code] >= 0, code
    for code, mass_g in session.exec(select(Lot.code, Lot.mass_g)):
        assert held.get(code, 0) == mass_g


def i5_acyclic(session: Session, seen: Seen) -> None:
    """No lot is its own ancestor, and none is older than what it was made of."""
    parents: dict[int, set[int]] = {}
    first_in: dict[int, int] = {}
    edges = list(session.exec(select(Edge).order_by(col(Edge.event_key))))
    for edge in edges:
        parents.setdefault(edge.child_id, set()).add(edge.parent_id)
        first_in.setdefault(edge.child_id, edge.event_key)
    assert all(edge.event_key > first_in.get(edge.parent_id, -1) for edge in edges)
    made = dict(session.exec(select(Lot.id, Lot.made_at)).all())
    pools = set(session.exec(select(Lot.id).where(col(Lot.pool_key).is_not(None))))
    for child, its in parents.items():
        assert child in pools or all(made[parent] <= made[child] for parent in its)
        assert child not in _above(parents, child)


def i6_loops(session: Session, seen: Seen) -> None:
    """No loop makes recycled metal: heats count no more than ever came through a gate."""
    came: dict[str, int] = {}
    for line in session.exec(select(BookLine).where(col(BookLine.kind).in_(ENTERS))):
        for name, grams in line.vector["classes"].items():
            came[name] = came.get(name, 0) + max(0, grams)
    for name, column in (("post_consumer", MeltLine.post_mg), ("pre_consumer", MeltLine.pre_mg)):
        heats = select(func.coalesce(func.sum(column), 0)).where(MeltLine.base, in_force())
        if seen.exact:
            assert session.exec(heats).one() <= came.get(name, 0) * 1_000


def i7_replay(session: Session, seen: Seen) -> None:
    """The events alone make every table again, bit for bit."""
    assert audit(session) == []


def i8_custody(session: Session, seen: Seen) -> None:
    """A lot's chain of custody never rises, nor above that of what it was made of."""
    now = {lot.code: CUSTODY.index(lot.vectors.custody) for lot in session.exec(select(Lot))}
    assert all(now[code] >= rank for code, rank in seen.custody.items())
    codes = dict(session.exec(select(Lot.id, Lot.code)).all())
    for edge in session.exec(select(Edge)):
        child, parent = codes[edge.child_id], codes[edge.parent_id]
        if child not in seen.custody and edge.mass_g:
            assert now[child] >= seen.custody.get(parent, 0)
    seen.custody = now


def i9_credits(session: Session, seen: Seen) -> None:
    """Out of an account comes no more than its heats put in; a lot's kind and period once.

    Corrected or not, a heat brings its inputs to those who owned them as they were charged.
    """
    owned = _owned(session)
    for line in session.exec(select(MeltLine).where(MeltLine.product_group != "", in_force())):
        assert set(line.owners) <= owned[line.event_hash]
    for each in accounts(session, groups=all_groups(session), until=MONTH):
        came_g = sum(heat.intake.recycled_g for heat in each.heats if not heat.blocked)
        scheme = each.schemes[0]
        factor = (scheme.factor_numerator, scheme.factor_denominator)
        taken_g = sum(period.taken_g for period in each.periods)
        assert taken_g == _drawn(session, owner=each.owner)
        assert taken_g <= credit(came_g, factor=factor) or not seen.exact
        assert each.left_g >= 0 or not seen.exact
    claims = list(session.exec(select(LotClaim).where(standing())))
    assert len({(each.lot_id, each.kind, each.period) for each in claims}) == len(claims)


def i10_grades(session: Session, seen: Seen) -> None:
    """Of every heat, each gram from outside moved by one downgrade index, or by none known."""
    keys = dict(session.exec(select(LedgerEvent.hash, LedgerEvent.id)).all())
    for line in session.exec(select(MeltLine).where(MeltLine.base, in_force())):
        edges = session.exec(
            select(Edge, Lot.role)
            .join(Lot, col(Lot.id) == col(Edge.parent_id))
            .where(Edge.event_key == keys[line.event_hash])
        )
        assert sum(move["mass_g"] for move in line.grades) == sum(
            edge.mass_g for edge, role in edges if not edge.internal and role != "heel"
        )


def i11_corrections(session: Session, seen: Seen) -> None:
    """History is added to: no event changes, and nothing promised of a corrected lot stands."""
    hashes = list(session.exec(select(LedgerEvent.hash).order_by(col(LedgerEvent.seq))))
    assert hashes[: len(seen.hashes)] == seen.hashes
    seen.hashes = hashes
    for code, promised in seen.corrected.items():
        lot = queries.lot(session, code=code)
        standing = {each.certificate.code: each.status for each in of_lot(session, lot_id=lot.key)}
        assert all(standing[each] != "in-force" for each in promised)


def i12_log(session: Session, seen: Seen) -> None:
    """Every earlier head of the log is a beginning of the one of now."""
    head = queries.checkpoint(session)
    nodes = {(row.level, row.idx): bytes.fromhex(row.hash) for row in session.exec(select(LogNode))}
    for size, root in seen.heads:
        proof = log.consistency_proof(
            lambda level, index: nodes[level, index], old=size, new=head.size
        )
        assert log.verify_consistency(
            proof, old=size, old_root=bytes.fromhex(root), new=head.size,
            new_root=bytes.fromhex(head.root),
        )  # fmt: skip
    if head.size:
        seen.heads.append((head.size, head.root))
    assert session.exec(select(func.count(col(LogNode.id))).where(LogNode.level == 0)).one() == (
        head.size
    )


Invariant = Callable[[Session, Seen], None]
INVARIANTS: tuple[Invariant, ...] = (
    i1_mass,
    i2_elements_and_classes,
    i3_burdens,
    i4_never_over_consumed,
    i5_acyclic,
    i6_loops,
    i7_replay,
    i8_custody,
    i9_credits,
    i10_grades,
    i11_corrections,
    i12_log,
)


def _told(session: Session) -> list[tuple[LedgerEvent, dict[str, Any]]]:
    events = list(session.exec(select(LedgerEvent).order_by(col(LedgerEvent.seq))))
    return list(zip(events, opened_all(session, events), strict=True))


def _owned(session: Session) -> dict[str, set[str]]:
    """Return whose lots each melt charged and cast, by walking who had what."""
    owner: dict[str, str] = {}
    found: dict[str, set[str]] = {}
    for event, facts in _told(session):
        named = [each["lot"] for each in (*facts.get("inputs", ()), *facts.get("outputs", ()))]
        for each in facts.get("outputs", ()):
            owner.setdefault(each["lot"], each["owner"])
        if event.kind in {"commission", "bring_in", "transfer"}:
            owner[facts["lot"]] = facts["owner"]
        if event.kind == "melt":
            found[event.hash] = {owner[code] for code in named}
    return found


def _left_over(facts: dict[str, Any]) -> int:
    came = sum(each["mass_g"] for each in (*facts["inputs"], *facts["additions"]))
    went = sum(each["mass_g"] for each in facts["outputs"]) + sum(facts["losses"].values())
    return int(came + facts["flux_g"] + facts["oxygen_g"] - went)


def _changes(kind: str, facts: dict[str, Any], held: dict[str, int]) -> list[tuple[str, int]]:
    """Return what an event does to the mass of lots, read off the event alone."""
    if "inputs" in facts:
        return [(each["lot"], -each["mass_g"]) for each in facts["inputs"]] + [
            (each["lot"], each["mass_g"]) for each in facts["outputs"]
        ]
    if kind in {"bring_in", "weigh"}:
        return [(facts["lot"], facts["mass_g"] - held.get(facts["lot"], 0))]
    return [(facts["lot"], -held[facts["lot"]])] if kind == "ship_out" else []


def _above(parents: dict[int, set[int]], child: int) -> set[int]:
    found: set[int] = set()
    waiting = [*parents.get(child, ())]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += parents.get(each, ())
    return found


def _drawn(session: Session, *, owner: str) -> int:
    claims = select(LotClaim.mass_g).where(
        LotClaim.owner == owner, LotClaim.kind == "attributed", standing()
    )
    given = select(CreditCertificate.mass_g).where(CreditCertificate.owner == owner)
    return sum(session.exec(claims)) + sum(session.exec(given))
