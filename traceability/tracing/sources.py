"""How much of a lot came from whom: exact whole-number shares, walked back only as far as it pays.

Newest first: a heap is taken as it was when the piece was cut off it, mixed evenly then, so each
step back is one inflow of one lot, and all that flows into a step is known before it is walked.
Shares are parts of 10^9 per gram, split by largest remainder: nothing is lost by rounding. Where
scrap runs around, every turn weighs less; the walk ends when all that is left to walk weighs at
most the residual allowed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlmodel import Session

from remelt.traceability.models import Lot
from remelt.traceability.rules.allot import allot

RESIDUAL_BP = 100
FINE = 10**9
AT_ONCE = 900
_SMALL = 200
_INFLOWS = text(
    """
    WITH RECURSIVE up (id, depth) AS (
      SELECT id, 0 FROM lot WHERE id IN :lots
      UNION
      SELECT e.parent_id, up.depth + 1 FROM up JOIN lot_edge e ON e.child_id = up.id
      WHERE up.depth < :depth
    ), met (id) AS (SELECT DISTINCT id FROM up)
    SELECT met.id, e.event_key, e.held_g, e.parent_id, e.mass_g
    FROM met LEFT JOIN lot_edge e ON e.child_id = met.id
    ORDER BY met.id, e.event_key DESC, e.parent_id
    """
).bindparams(bindparam("lots", expanding=True), depth=5)
_NAMED = text(
    "SELECT id, code, supplier, metal, grade_code, origin, track FROM lot WHERE id IN :lots"
).bindparams(bindparam("lots", expanding=True))


class Source(NamedTuple):
    """A lot that was brought in from outside, and how many grams of the lot asked for it is."""

    code: str
    supplier: str
    metal: str
    grade_code: str
    origin: str
    track: str
    mass_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a lot's mass came from: of_g = sources + added_g + residual_g, to the gram.

    Sources are the heaviest first. added_g: alloying metal, flux and gains that were never a lot.
    residual_g: not walked back to its source, at most residual_bp of the mass. steps: inflows
    walked; reads: questions to the database.
    """

    of_g: int
    sources: tuple[Source, ...]
    added_g: int
    residual_g: int
    residual_bp: int
    steps: int
    reads: int

    def by_supplier(self) -> dict[str, int]:
        """Return grams by supplier, the heaviest first."""
        grams: dict[str, int] = {}
        for each in self.sources:
            grams[each.supplier] = grams.get(each.supplier, 0) + each.mass_g
        return dict(sorted(grams.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class _Inflow:
    key: int
    held_g: int
    parents: list[tuple[int, int]]


@dataclass
class _Walk:
    """The state of one walk. live: fine grams in the heap, still to be walked."""

    session: Session
    inflows: dict[int, list[_Inflow]] = field(default_factory=dict)
    weight: dict[tuple[int, int], int] = field(default_factory=dict)
    heap: list[tuple[int, int]] = field(default_factory=list)
    waiting: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    roots: dict[int, int] = field(default_factory=dict)
    live: int = 0
    added: int = 0
    residual: int = 0
    steps: int = 0
    reads: int = 0

    def arrive(self, lot_id: int, before: int, amount: int) -> None:
        """Note that `amount` of what is asked for stood in a lot just before an event."""
        if not amount:
            return
        self.live += amount
        if lot_id in self.inflows:
            self._place(lot_id, before, amount)
        else:
            self.waiting.setdefault(lot_id, []).append((before, amount))

    def read(self) -> None:
        """Read the inflows of every lot that was met and not read yet, and of those behind them.

        A few generations at a time: a question costs more than the rows of one.
        """
        lots = sorted(self.waiting)
        for at in range(0, len(lots), AT_ONCE):
            self.reads += 1
            rows = self.session.execute(_INFLOWS, {"lots": lots[at : at + AT_ONCE]})
            self._take_in(rows.all())
        waiting, self.waiting = self.waiting, {}
        for lot_id, arrived in waiting.items():
            for before, amount in arrived:
                self._place(lot_id, before, amount)

    def _take_in(self, rows: Iterable[Any]) -> None:
        fresh: dict[int, list[_Inflow]] = {}
        for child, key, held_g, parent, mass_g in rows:
            found = fresh.setdefault(child, [])
            if key is None:
                continue
            if not found or found[-1].key != key:
                found.append(_Inflow(key, held_g, []))
            found[-1].parents.append((parent, mass_g))
        self.inflows |= fresh

    def _place(self, lot_id: int, before: int, amount: int) -> None:
        """Put what stood in a lot on the inflow it had come by, or count it as a source."""
        at = next((i for i, each in enumerate(self.inflows[lot_id]) if each.key < before), None)
        if at is None:
            self.roots[lot_id] = self.roots.get(lot_id, 0) + amount
            self.live -= amount
            return
        key = self.inflows[lot_id][at].key
        if (lot_id, key) not in self.weight:
            heappush(self.heap, (-key, lot_id))
        self.weight[lot_id, key] = self.weight.get((lot_id, key), 0) + amount

    def step(self, *, small: int, spare: int) -> None:
        """Walk the newest inflow back; one of at most `small` is left while `spare` lasts."""
        minus_key, lot_id = heappop(self.heap)
        amount = self.weight.pop((lot_id, -minus_key))
        self.live -= amount
        if amount <= small and self.residual + amount <= spare:
            self.residual += amount
            return
        self.steps += 1
        inflows = self.inflows[lot_id]
        at = next(i for i, each in enumerate(inflows) if each.key == -minus_key)
        inflow, earlier = inflows[at], at + 1 < len(inflows)
        masses = [mass_g for _, mass_g in inflow.parents]
        parts = allot(amount, [*masses, max(0, inflow.held_g - sum(masses))])
        for (parent, _), part in zip(inflow.parents, parts, strict=False):
            self.arrive(parent, inflow.key, part)
        if earlier:
            self.arrive(lot_id, inflow.key, parts[-1])
        else:
            self.added += parts[-1]


def sources(session: Session, lot: Lot, *, residual_bp: int = RESIDUAL_BP) -> Sources:
    """Return where a lot's mass came from, exact to the gram but for the residual.

    residual_bp: how much may stay unexplained, in 1/10,000 of the mass; 0 walks back as
    long as a share weighs at least 10^-9 g. A lot that is used up is taken as it was right after
    its last inflow.
    """
    walk = _Walk(session)
    walk.waiting[lot.key] = []
    walk.read()
    last = walk.inflows[lot.key]
    of_g = lot.mass_g or (last[0].held_g if last else lot.declared_mass_g)
    spare = of_g * FINE * residual_bp // 10_000
    walk.arrive(lot.key, 1 << 63, of_g * FINE)
    while walk.live + walk.residual > spare and (walk.heap or walk.waiting):
        if walk.waiting:
            walk.read()
        else:
            walk.step(small=spare // _SMALL, spare=spare // 2)
    residual = walk.residual + walk.live
    ids = sorted(walk.roots, key=lambda each: (-walk.roots[each], each))
    grams = allot(of_g, [*(walk.roots[each] for each in ids), walk.added, residual])
    named = _named(session, ids)
    return Sources(
        of_g=of_g,
        sources=tuple(Source._make((*named[i], g)) for i, g in zip(ids, grams, strict=False)),
        added_g=grams[-2],
        residual_g=grams[-1],
        residual_bp=residual_bp,
        steps=walk.steps,
        reads=walk.reads,
    )


def _named(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for at in range(0, len(ids), AT_ONCE):
        rows = session.execute(_NAMED, {"lots": ids[at : at + AT_ONCE]}).all()
        found |= {row[0]: tuple(row[1:]) for row in rows}
    return found
