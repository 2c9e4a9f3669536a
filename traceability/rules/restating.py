"""What a correction makes of everything that came after: the cone is taken again, in order. Pure.

Each event that touches a lot which differs is applied again; what the books hold of it is set
right by the difference. A lot that a working finds as it did before is followed no further.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remelt.traceability.facts import Facts
from remelt.traceability.rules.blocking import CORRECTING, combined, settled
from remelt.traceability.rules.changing import STILL, as_held, changed, lots_named
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.shares import product_content
from remelt.traceability.rules.states import NOTHING, State, merged, minus
from remelt.traceability.rules.views import Cone, Line, Link, Lots, LotView, Outcome, Past, Restated

Apply = Callable[[Lots, Facts, str], Outcome]


class DoesNotReplay(AssertionError):
    """A lot is not what its events make of it: the books were changed by hand."""


@dataclass(kw_only=True)
class Taken:
    """Lots that are not what they were believed to be, and what was found on the way.

    untrue: hashes of events that claimed more of a lot than it now turns out to have had.
    """

    now: dict[str, LotView] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    links: list[tuple[int, Link, int]] = field(default_factory=list)
    before: list[tuple[int, LotView]] = field(default_factory=list)
    melts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)


def put_off(lots: Lots, cone: Cone) -> Outcome:
    """Mark every lot that a correction may reach; a later event derives them."""
    marked = [
        but(lots[code], claims_blocked=combined([lots[code].claims_blocked, CORRECTING]))
        for code in cone.codes
    ]
    return Outcome(lots=tuple(marked), touched=cone.codes)


def restated(lots: Lots, cone: Cone, *, apply: Apply) -> Outcome:
    """Return the outcome of an event that changes what earlier events said.

    `lots` are the lots of the cone as the books have them. Raises `DoesNotReplay`.
    """
    run: Taken = cone.taken or taken_again(cone, apply=apply)
    lots_after = list(_after(lots, cone, run))
    _prove(lots, lots_after, run.lines)
    codes = dict.fromkeys([*cone.codes[:1], *(lot.code for lot in lots_after)])
    restating = Restated(
        before=tuple(run.before),
        links=tuple(run.links),
        melts=tuple(run.melts),
        changes=tuple(cone.said_by),
    )
    return Outcome(
        lots=tuple(lots_after),
        lines=tuple(run.lines),
        touched=tuple(codes),
        before=tuple(_settled(lots[lot.code]) for lot in lots_after),
        restated=restating,
    )


def _prove(lots: Lots, after: Sequence[LotView], lines: Sequence[Line]) -> None:
    """Stop when lots after are not lots before plus lines: the books are not as events say."""
    before = merged(lots[lot.code].state for lot in after)
    difference = minus(merged(lot.state for lot in after), before)
    if minus(difference, merged(line.state for line in lines)) != NOTHING:
        raise DoesNotReplay(", ".join(lot.code for lot in after[:3]))


def taken_again(cone: Cone, *, apply: Apply) -> Taken:
    """Take the events of the cone again, in order, as far as lots differ."""
    run = Taken()
    for past in cone.events(run.now):
        if past.facts["kind"] in STILL:
            continue
        named = lots_named(past.facts)
        _forget_unchanged(run, past, named)
        change = cone.changes.get(past.key)
        if change is None and not run.now.keys() & set(named):
            continue
        now = {code: lot for code in named if (lot := _now(run, past, code, apply)) is not None}
        if past.facts["kind"] == "claim" and not _holds(past.facts, now[past.facts["lot"]]):
            run.untrue.append(past.hash)
        done = apply(now, as_held(changed(past.facts, change), now), past.hash)
        _note(run, past, done)
    return run


def _holds(claim: Facts, lot: LotView) -> bool:
    """Tell whether a lot, as it now turns out to have been, could carry a claim."""
    claimed_g = claim["claimed_g"]
    if lot.claims_blocked or not isinstance(claimed_g, int):
        return False
    recycled_g, mass_g = product_content(lot.state)
    return claimed_g <= (recycled_g if claim["claim"] == "recycled_content" else mass_g)


def _forget_unchanged(run: Taken, past: Past, named: Iterable[str]) -> None:
    """Follow no further what is again as this event was believed to find it."""
    for code in named:
        known = past.before.get(code)
        if known is not None and code in run.now and _same(run.now[code], _settled(known)):
            del run.now[code]


def _now(run: Taken, past: Past, code: str, apply: Apply) -> LotView | None:
    """Return a lot as it now is before an event; None when it did not exist.

    Whose it was no correction changes: that stays as the event found it.
    """
    found = past.before.get(code)
    known = run.now.get(code) or found
    if known is not None and found is not None and known.owner != found.owner:
        known = but(known, owner=found.owner)
    if known is None and past.first:
        known = _folded(past.first, code, apply)
    return None if known is None else _settled(known)


def _folded(events: Iterable[Past], code: str, apply: Apply) -> LotView | None:
    """Return the lot `code` as its own events left it, the first of which made or worked it."""
    lot: LotView | None = None
    for past in events:
        views = dict(past.before) if lot is None else {**past.before, code: lot}
        done = apply(views, as_held(past.facts, views), past.hash)
        lot = next((each for each in done.lots if each.code == code), lot)
    return lot


def _note(run: Taken, past: Past, done: Outcome) -> None:
    """Keep what an event makes true now, as far as it may be something else than before."""
    for before in done.before:
        if not _same(before, past.before[before.code]):
            run.before.append((past.key, before))
    made = {each["lot"] for each in past.facts.get("outputs", ())}
    for lot in done.lots:
        if lot.code in made or lot.code in run.now or lot.code not in past.before:
            run.now[lot.code] = lot
    run.lines += _lines(past.lines, done.lines, past.key)
    held = {lot.code: lot.state.mass_g for lot in done.lots}
    run.links += [(past.key, link, held[link.child]) for link in done.links]
    run.melts += [(past.hash, melt) for melt in done.melts if past.melts.get(melt["metal"]) != melt]


def _lines(old: Sequence[Line], new: Sequence[Line], event_key: int) -> Iterator[Line]:
    """Yield the difference of two accounts of one event, line by line."""
    sides = [_by_name(old), _by_name(new)]
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        were, are = (side.get(key, []) for side in sides)
        if were == are:
            continue
        difference = minus(_sum(are), _sum(were))
        flags = sum(line.sign * line.beyond_tolerance for line in are)
        flags -= sum(line.sign * line.beyond_tolerance for line in were)
        if difference != NOTHING or flags:
            kind, name, lot_code, metal = key
            yield Line(
                kind=kind,
                state=difference,
                name=name,
                lot_code=lot_code,
                metal=metal,
                beyond_tolerance=bool(flags),
                sign=-1 if flags < 0 else 1,
                restates=event_key,
            )


def _sum(lines: Sequence[Line]) -> State:
    return lines[0].state if len(lines) == 1 else merged(line.state for line in lines)


def _by_name(lines: Sequence[Line]) -> dict[tuple[str, str, str | None, str], list[Line]]:
    groups: dict[tuple[str, str, str | None, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.kind, line.name, line.lot_code, line.metal), []).append(line)
    return groups


def _after(lots: Mapping[str, LotView], cone: Cone, run: Taken) -> Iterator[LotView]:
    """Yield every lot that is another now, or that no correction waits for any more."""
    for code in dict.fromkeys([*cone.codes, *run.now]):
        live = lots[code]
        now = run.now.get(code, _settled(live))
        if not _same(live, now):
            yield but(
                live,
                state=now.state,
                outside=now.outside,
                status=now.status,
                claims_blocked=now.claims_blocked,
            )


def _settled(lot: LotView) -> LotView:
    if CORRECTING not in lot.claims_blocked:
        return lot
    return but(lot, claims_blocked=settled(lot.claims_blocked))


def _same(one: LotView, other: LotView) -> bool:
    return (one.state, one.status, one.claims_blocked, one.outside) == (
        other.state,
        other.status,
        other.claims_blocked,
        other.outside,
    )
