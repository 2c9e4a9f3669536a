"""直接合金化: liquid primary metal that enters alloy furnaces / liquid primary metal tapped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from remelt.platform.catalogue.definitions import Said
from remelt.platform.kernel.clock import month_span
from remelt.platform.works.flow_models import LadleNote
from remelt.traceability.door.reading import opened_all
from remelt.traceability.models import EventLot, LedgerEvent, Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Liquid primary metal that one heat took, in g, and what of it went into remelt ingot."""

    event_hash: str
    site_code: str
    adcode: str
    melted_at: datetime
    liquid_g: int
    remelt_g: int

    @property
    def alloyed_g(self) -> int:
        """What counts."""
        return self.liquid_g - self.remelt_g


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectAlloying:
    """Numerator and denominator in g, of one month and metal, with the heats behind them.

    local_g: the same limited to receivers in the definition's area (铝液就地转化).
    """

    metal: str
    month: str
    definition: Said
    tapped_g: int
    ladles: int
    entered: tuple[Entered, ...]

    @property
    def numerator_g(self) -> int:
        """Liquid primary metal that entered an alloy or semi-product furnace."""
        return sum(each.alloyed_g for each in self.entered)

    @property
    def local_g(self) -> int:
        """Of it in furnaces of the area."""
        area = str(self.definition.parameters.get("area", ""))
        return sum(each.alloyed_g for each in self.entered if each.adcode.startswith(area))

    def share_bp(self, grams: int) -> int | None:
        """Return grams over what was tapped in 1/10,000; None when nothing was tapped."""
        if not self.tapped_g:
            return None
        return (20_000 * grams + self.tapped_g) // (2 * self.tapped_g)


def direct_alloying(
    session: Session, *, metal: str, month: str, definition: Said
) -> DirectAlloying:
    """Return the figure of a month (YYYY-MM, Beijing) from ladle notes and heats.

    The denominator is on the senders' notes, each ladle once. A ladle tapped late in a month
    and charged early in the next counts below in one and above in the other.
    """
    since, until = month_span(month)
    tapped = session.exec(
        select(LadleNote)
        .join(Lot, col(Lot.code) == col(LadleNote.lot_code))
        .where(*_primary(metal), col(LadleNote.at) >= since, col(LadleNote.at) < until)
    ).all()
    return DirectAlloying(
        metal=metal,
        month=month,
        definition=definition,
        tapped_g=sum(note.net_g for note in tapped),
        ladles=len(tapped),
        entered=tuple(
            entered(event, facts, liquid=liquid, definition=definition)
            for event, facts, liquid in _melts(session, metal=metal, since=since, until=until)
        ),
    )


def _primary(metal: str) -> tuple[ColumnElement[bool], ...]:
    """Say of a sender's note and its lot that it is liquid primary metal."""
    return (
        col(LadleNote.side) == "sent",
        col(LadleNote.primary).is_(True),
        col(Lot.metal) == metal,
    )


def entered(
    event: LedgerEvent, facts: Mapping[str, Any], *, liquid: set[str], definition: Said
) -> Entered:
    """Return what of a heat's charge was liquid primary, less its share in remelt ingot."""
    liquid_g = sum(each["mass_g"] for each in facts["inputs"] if each["lot"] in liquid)
    products = [each for each in facts["outputs"] if each["role"] == "product"]
    cast_g = sum(each["mass_g"] for each in products)
    forms = set(definition.parameters.get("remelt_forms", ()))
    remelt_g = sum(each["mass_g"] for each in products if each["spec"]["form"] in forms)
    return Entered(
        event_hash=event.hash,
        site_code=facts["site"],
        adcode=facts["adcode"],
        melted_at=event.occurred_at,
        liquid_g=liquid_g,
        remelt_g=liquid_g * remelt_g // cast_g if cast_g else 0,
    )


def _melts(
    session: Session, *, metal: str, since: datetime, until: datetime
) -> Iterator[tuple[LedgerEvent, dict[str, Any], set[str]]]:
    """Yield the heats of a time that took liquid primary metal, their facts, and which lots."""
    rows = session.exec(
        select(LedgerEvent, Lot.code)
        .join(EventLot, col(EventLot.event_key) == col(LedgerEvent.id))
        .join(Lot, col(Lot.id) == col(EventLot.lot_id))
        .join(LadleNote, col(LadleNote.lot_code) == col(Lot.code))
        .where(
            *_primary(metal),
            LedgerEvent.kind == "melt",
            col(LedgerEvent.occurred_at) >= since,
            col(LedgerEvent.occurred_at) < until,
        )
        .order_by(col(LedgerEvent.seq))
    ).all()
    taken: dict[str, set[str]] = {}
    for event, code in rows:
        taken.setdefault(event.hash, set()).add(code)
    events = list({event.hash: event for event, _code in rows}.values())
    for event, facts in zip(events, opened_all(session, events), strict=True):
        yield event, facts, taken[event.hash]
