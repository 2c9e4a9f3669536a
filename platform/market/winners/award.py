"""The award of a sale of several lots: the best choice found, and what proves how good it is.

Prices from the relaxed sale bound every award; a small sale of the bids near those prices gives a
first choice; bids that can be in no better one are put aside, and SCIP and CP-SAT go on with what
is left, each for a fixed amount of work, until one proves its choice or it is good enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd
from typing import Any

from remelt.platform.market.winners.engines import (
    Found,
    Packing,
    by_cp_sat,
    by_scip,
    row_prices,
)
from remelt.platform.market.winners.problem import Bid, Sale, barred, score_fen

KERNEL_PER_LOT = 3
NODES_WORK = 4_000_000
PART = 10**6
MILLION = 1_000_000
EFFORT = 2.0


@dataclass(frozen=True, slots=True)
class Award:
    """Who wins. bound_fen: no award scores more, by the certificate's prices or by the search.

    greedy_fen: what taking the best bids one by one would score. repeatable: no engine ran into
    its limit of time, so the same sale gives the same award anywhere. certificate: what
    `verifier.check` proves without trusting any of this.
    """

    winners: tuple[str, ...]
    score_fen: int
    bound_fen: int
    greedy_fen: int
    engine: str
    repeatable: bool
    certificate: dict[str, Any]

    @property
    def gap_ppm(self) -> int:
        """How far above this the best may be, in ppm of the bound, rounded up."""
        if self.bound_fen <= 0:
            return 0
        return -(-(self.bound_fen - self.score_fen) * MILLION // self.bound_fen)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The sale as a packing: bids that may win, what each row stands for, its room in full."""

    bids: tuple[Bid, ...]
    packing: Packing
    names: tuple[tuple[str, Any], ...]
    rooms: tuple[Fraction, ...]
    unit_g: int


def award(sale: Sale, *, enough_ppm: int = 0) -> Award:
    """Return the best award found; enough_ppm: stop once it is proven to be this near the best."""
    rows = _rows(sale)
    if not rows.bids:
        return _said(rows, Found((), 0, 0), greedy_fen=0, engine="none", prices=[])
    prices = row_prices(rows.packing)
    limit = _limit(rows, prices)
    greedy = _greedy(rows.packing)
    best, engine = greedy, "greedy"
    bound, repeatable = limit, True
    for name, search in _searches(rows.packing, prices, limit):
        if (bound - best.value) * MILLION <= enough_ppm * bound:
            break
        found = search(best)
        repeatable = repeatable and found.repeatable
        bound = min(bound, found.bound)
        if found.value > best.value:
            best, engine = found, name
    final = Found(best.chosen, best.value, max(bound, best.value), repeatable)
    return _said(rows, final, greedy_fen=greedy.value, engine=engine, prices=prices)


def _rows(sale: Sale) -> _Rows:
    out = barred(sale)
    bids = tuple(x for x in sale.bids if x.key not in out and score_fen(sale, x) > 0)
    mass = {lot.key: lot.mass_g for lot in sale.lots}
    weights = [sum(mass[lot] for lot in bid.lots) for bid in bids]
    unit = gcd(*weights) if weights else 1
    groups: dict[tuple[str, Any], list[tuple[int, int]]] = {}
    limited = {who.key: who.capacity_g for who in sale.buyers if who.capacity_g is not None}
    for number, bid in enumerate(bids):
        for lot in sorted(bid.lots):
            groups.setdefault(("lot", lot), []).append((number, 1))
        if bid.buyer in limited:
            groups.setdefault(("buyer", bid.buyer), []).append((number, weights[number] // unit))
        if bid.exclusive:
            groups.setdefault(("mark", (bid.buyer, bid.exclusive)), []).append((number, 1))
    rooms = [limited[name] // unit if kind == "buyer" else 1 for kind, name in groups]
    return _Rows(
        bids=bids,
        packing=Packing(
            values=[score_fen(sale, bid) for bid in bids],
            rows=list(zip(groups.values(), rooms, strict=True)),
        ),
        names=tuple(groups),
        rooms=tuple(
            Fraction(limited[name], unit) if kind == "buyer" else Fraction(1)
            for kind, name in groups
        ),
        unit_g=unit,
    )


def _greedy(packing: Packing) -> Found:
    """Take bids one by one, once by score for each share of its rows, once by score alone."""
    use = [0.0] * len(packing.values)
    for cells, room in packing.rows:
        for column, weight in cells:
            use[column] += weight / max(room, 1)
    every = range(len(packing.values))
    orders = (
        sorted(every, key=lambda n: (-packing.values[n] / use[n], n)),
        sorted(every, key=lambda n: (-packing.values[n], n)),
    )
    return max((_taken(packing, order) for order in orders), key=lambda found: found.value)


def _taken(packing: Packing, order: Sequence[int]) -> Found:
    left = [room for _cells, room in packing.rows]
    rows_of: list[list[tuple[int, int]]] = [[] for _ in packing.values]
    for row, (cells, _room) in enumerate(packing.rows):
        for column, weight in cells:
            rows_of[column].append((row, weight))
    chosen = []
    for column in order:
        if all(left[row] >= weight for row, weight in rows_of[column]):
            chosen.append(column)
            for row, weight in rows_of[column]:
                left[row] -= weight
    return Found(tuple(sorted(chosen)), sum(packing.values[n] for n in chosen), 0)


Search = Callable[[Found], Found]


def _searches(packing: Packing, prices: Sequence[float], limit: int) -> list[tuple[str, Search]]:
    """The searches in their order; each begins at the best choice so far."""
    dear = [-float(value) for value in packing.values]
    for price, (cells, _room) in zip(prices, packing.rows, strict=True):
        for column, weight in cells:
            dear[column] += price * weight
    lots = sum(1 for _cells, room in packing.rows if room == 1)
    size = min(len(dear), max(150, KERNEL_PER_LOT * lots))
    nearest = sorted(sorted(range(len(dear)), key=lambda n: (dear[n], n))[:size])
    nodes = max(2, NODES_WORK // size**2)

    def kernel(_best: Found) -> Found:
        found = _within(packing, nearest, lambda part: by_scip(part, (), nodes=nodes))
        return Found(found.chosen, found.value, limit, found.repeatable)

    def alive(best: Found) -> list[int]:
        return [n for n in range(len(dear)) if dear[n] <= limit - best.value]

    def scip(best: Found) -> Found:
        kept = alive(best)
        hint = _places(kept, best.chosen)
        found = _within(packing, kept, lambda part: by_scip(part, hint, nodes=nodes * 5))
        return Found(found.chosen, found.value, max(found.bound, best.value), found.repeatable)

    def cp_sat(best: Found) -> Found:
        kept = alive(best)
        hint = _places(kept, best.chosen)
        found = _within(packing, kept, lambda part: by_cp_sat(part, hint, effort=EFFORT))
        return Found(found.chosen, found.value, max(found.bound, best.value), found.repeatable)

    return [("kernel", kernel), ("scip", scip), ("cp-sat", cp_sat)]


def _places(kept: Sequence[int], chosen: Sequence[int]) -> list[int]:
    place = {column: n for n, column in enumerate(kept)}
    return [place[column] for column in chosen if column in place]


def _within(packing: Packing, kept: Sequence[int], search: Callable[[Packing], Found]) -> Found:
    """Search among some columns; return the choice in the columns of the whole."""
    place = {column: n for n, column in enumerate(kept)}
    rows = []
    for cells, room in packing.rows:
        inside = [(place[column], weight) for column, weight in cells if column in place]
        if inside:
            rows.append((inside, room))
    found = search(Packing([packing.values[column] for column in kept], rows))
    return Found(tuple(kept[n] for n in found.chosen), found.value, found.bound, found.repeatable)


def _limit(rows: _Rows, prices: Sequence[float]) -> int:
    """Return what the prices prove, in whole fen."""
    return ceil(sum(_exact(rows, prices)[1]))


def _exact(rows: _Rows, prices: Sequence[float]) -> tuple[list[Fraction], list[Fraction]]:
    """Return prices as fractions that price every bid out, and what each row comes to.

    What rounding took away is put on the first lot of a bid that would beat its price.
    """
    exact = [Fraction(ceil(price * PART), PART) for price in prices]
    due: list[Fraction] = [Fraction(-value) for value in rows.packing.values]
    first: list[int] = [-1] * len(due)
    for row, (cells, _room) in enumerate(rows.packing.rows):
        for column, weight in cells:
            due[column] += exact[row] * weight
            if first[column] < 0 and rows.names[row][0] == "lot":
                first[column] = row
    for column, missing in enumerate(due):
        if missing < 0:
            exact[first[column]] += -missing
    return exact, [price * room for price, room in zip(exact, rows.rooms, strict=True)]


def _said(
    rows: _Rows, found: Found, *, greedy_fen: int, engine: str, prices: Sequence[float]
) -> Award:
    winners = tuple(rows.bids[n].key for n in found.chosen)
    certificate: dict[str, Any] = {
        "winners": list(winners),
        "score_fen": found.value,
        "bound_fen": 0,
        "lot_prices": [],
        "capacity_prices": [],
        "mark_prices": [],
    }
    if rows.bids:
        exact, comes_to = _exact(rows, prices)
        certificate["bound_fen"] = ceil(sum(comes_to))
        folders = {"lot": "lot_prices", "buyer": "capacity_prices", "mark": "mark_prices"}
        for (kind, name), price in zip(rows.names, exact, strict=True):
            each = price / rows.unit_g if kind == "buyer" else price
            said = list(name) if kind == "mark" else name
            if each:
                certificate[folders[kind]].append([said, [each.numerator, each.denominator]])
    return Award(
        winners=winners,
        score_fen=found.value,
        bound_fen=found.bound,
        greedy_fen=greedy_fen,
        engine=engine,
        repeatable=found.repeatable,
        certificate=certificate,
    )
