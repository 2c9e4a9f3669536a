"""What every action of the ledger does: say who, where and when, check, append."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock, day_of
from remelt.traceability.door.book import Appended, Entry, append_all
from remelt.traceability.door.private import of_site, person
from remelt.traceability.errors import (
    FactorNotLifeCycle,
    LotNotWeighed,
    LotOnHold,
    LotUsedUp,
    MassNotPositive,
)
from remelt.traceability.facts import Facts, plain
from remelt.traceability.models import Lot
from remelt.traceability.rules.editions import RULES
from remelt.traceability.terms import MAX_MASS_G, FactorRef, SiteRef

ENDED = ("consumed", "out")
HELD = "held"


def check_mass(mass_g: int, *, least: int = 1) -> None:
    """Refuse a mass below `least` grams or beyond what a lot can be."""
    if not least <= mass_g <= MAX_MASS_G:
        raise MassNotPositive(field="mass_g", mass_g=mass_g, limit_g=MAX_MASS_G)


def factor_facts(factor: FactorRef) -> dict[str, Any]:
    """Return a factor as the event keeps it: value, id and edition. Refuses CO2-only factors.

    What burning a fuel here sets free (`CO2-direct`) is taken: the rest of its life stands
    beside it as lines of their own, missing by name where nobody gave them.
    """
    if factor.gas not in {"CO2e", "CO2-direct"}:
        raise FactorNotLifeCycle(field="factor", factor=factor.id, gas=factor.gas)
    return asdict(factor)


def burden(factor: FactorRef, quantity: int) -> dict[str, Any]:
    """Return the facts of a burden line: what was counted, by which factor, how much it makes."""
    co2e_g = factor.co2e_g(quantity)
    return {
        "factor": factor_facts(factor),
        "quantity": quantity,
        "co2e_g": co2e_g,
        "primary_g": co2e_g if factor.primary_data else 0,
    }


def header(
    session: Session,
    clock: Clock,
    kind: str,
    *,
    site: SiteRef,
    actor: str,
    at: datetime | None,
) -> Facts:
    """Return what every event says: kind, rules, county and day in clear; the rest private."""
    moment = (at or clock.now(session)).astimezone(UTC)
    return {
        "kind": kind,
        "rules": RULES,
        "day": day_of(moment),
        "time": of_site(site.code, moment.isoformat()),
        "site": of_site(site.code, site.code),
        "adcode": site.adcode,
        "actor": person(actor),
    }


def entry(
    session: Session,
    clock: Clock,
    facts: Facts,
    lots: Mapping[str, Lot],
    *,
    weighed: bool = False,
    free: bool = False,
    ended_too: bool = False,
) -> Entry:
    """Return an event to append on lots that can still take one.

    weighed: they need a mass. free: none may be held.
    """

    def check() -> None:
        for lot in () if ended_too else lots.values():
            check_alive(lot, weighed=weighed, free=free)

    return Entry(
        facts=facts,
        at=datetime.fromisoformat(plain(facts["time"])),
        recorded_at=clock.now(session),
        check=check,
    )


def added(
    session: Session,
    clock: Clock,
    facts: Facts,
    lots: Mapping[str, Lot],
    *,
    weighed: bool = False,
    free: bool = False,
    ended_too: bool = False,
) -> Appended:
    """Append one event on lots that can still take one; arguments as in `entry`."""
    one = entry(session, clock, facts, lots, weighed=weighed, free=free, ended_too=ended_too)
    return append_all(session, [one], lots=lots)[0]


def check_alive(lot: Lot, *, weighed: bool, free: bool = False) -> None:
    """Refuse a lot to which nothing can happen any more, or that was never weighed.

    free: no inspection may hold it either.
    """
    if lot.status in ENDED:
        raise LotUsedUp(lot_code=lot.code)
    if free and lot.status == HELD:
        raise LotOnHold(lot_code=lot.code)
    if weighed and not lot.mass_g:
        raise LotNotWeighed(lot_code=lot.code)
