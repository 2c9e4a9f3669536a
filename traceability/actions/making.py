"""Workings as actions: lots are taken, lots come out, the rest is named."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock, month_of
from remelt.platform.kernel.codes import new_code
from remelt.traceability.actions.acting import burden, check_alive, check_mass, header
from remelt.traceability.actions.declaring import market_facts
from remelt.traceability.credits.schemes import group_for
from remelt.traceability.door.book import Appended, append, lock_lots
from remelt.traceability.door.private import of_site, org
from remelt.traceability.errors import (
    BadPeriod,
    HeapOfAnother,
    LossNotPositive,
    LotElsewhere,
    LotTwice,
    NotEnoughMass,
    NothingIn,
    NothingOut,
    OwnerUnclear,
    OwnInput,
)
from remelt.traceability.facts import Facts, plain
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules.custody import BALANCED
from remelt.traceability.rules.dealing import difference_g
from remelt.traceability.rules.grades import moves
from remelt.traceability.terms import (
    LOSSES,
    STOCK_METHODS,
    Addition,
    EnergyLine,
    Output,
    Period,
    SiteRef,
    Taken,
)
from remelt.traceability.tracing.genealogy import is_among_ancestors

Kind = Literal["sort", "split", "blend", "melt", "shred", "refine"]


@dataclass(frozen=True, kw_only=True)
class Transformation:
    """What came out: lots in the order of the outputs, the unexplained grams, the verdict.

    unexplained_g: above zero is lost, below is gained. beyond_tolerance: the difference is more
    than scales show, so the outputs carry no claim. figures: the three recycled contents of a
    melt as [numerator, denominator] under `product`, `element` and `charge`. moved: grams by
    alloy class before and after, with the downgrade index.
    """

    event: LedgerEvent
    outputs: tuple[Lot, ...]
    inputs: tuple[Lot, ...]
    unexplained_g: int
    beyond_tolerance: bool
    figures: Mapping[str, Sequence[int]]
    moved: Sequence[Mapping[str, Any]]


def transform(
    session: Session,
    *,
    clock: Clock,
    kind: Kind,
    inputs: Sequence[Taken],
    outputs: Sequence[Output],
    site: SiteRef,
    actor: str,
    losses: Mapping[str, int] | None = None,
    additions: Sequence[Addition] = (),
    energy: Sequence[EnergyLine] = (),
    flux_g: int = 0,
    oxygen_g: int = 0,
    scale_division_g: int = 20,
    custodian: str | None = None,
    ticket_ref: str = "",
    period: Period | None = None,
    at: datetime | None = None,
) -> Transformation:
    """Make lots of lots. inputs + flux + oxygen + additions = outputs + losses + unexplained.

    Masses in g. losses: named kinds, see `LOSSES`. period: a continuous process is accounted
    over it; its in-process stock is an input and an output of the role `heel`. A difference is
    recorded, never refused; beyond max(0.5 %, one scale division) it blocks the claims of what
    comes out. A lot never gives more than it holds. Without `custodian` the first input's
    stays; without an owner an output belongs to the one owner of the inputs.

    Raises `NothingIn`, `NothingOut`, `LotTwice`, `LossNotPositive`, `MassNotPositive`,
    `NoSuchLot`, `LotUsedUp`, `LotNotWeighed`, `LotElsewhere`, `NotEnoughMass`, `OwnerUnclear`,
    `OwnInput`, `HeapOfAnother`, `LotOnHold`, `BadPeriod`, `FactorNotLifeCycle`.
    """
    loss_g = dict(losses or {})
    _check_terms(inputs, outputs, loss_g, flux_g=flux_g, oxygen_g=oxygen_g)
    for each in additions:
        check_mass(each.mass_g)
    pools = [o.lot_code for o in outputs if o.into and o.lot_code]
    lots = lock_lots(session, [*(taken.lot_code for taken in inputs), *pools])
    first = lots[inputs[0].lot_code]
    facts = header(session, clock, kind, site=site, actor=actor, at=at) | {
        "custodian": org(custodian or first.custodian),
        "ticket": of_site(site.code, ticket_ref),
        "inputs": [_input(taken, lots[taken.lot_code], site) for taken in inputs],
        "outputs": [_output(output, inputs, lots, site) for output in outputs],
        "losses": loss_g,
        "flux_g": flux_g,
        "oxygen_g": oxygen_g,
        "additions": [_addition(each) for each in additions],
        "burdens": [*(_energy(each, site) for each in energy), *map(_added_burden, additions)],
        "scale_division_g": scale_division_g,
    }
    if period is not None:
        facts["period"] = _period(period)
    facts |= _balanced(session, facts, outputs, site=site)
    done = append(
        session,
        facts=facts,
        lots=lots,
        at=datetime.fromisoformat(plain(facts["time"])),
        recorded_at=clock.now(session),
        check=lambda: _check_lots(session, plain(facts), lots, site=site),
    )
    return _told(done, plain(facts))


def _balanced(
    session: Session, facts: Facts, outputs: Sequence[Output], *, site: SiteRef
) -> dict[str, Any]:
    """Say that a melt's product group is under mass balance at this site, where it is."""
    if facts["kind"] != "melt":
        return {}
    first = next((each.spec for each in outputs if each.role == "product"), outputs[0].spec)
    month = month_of(datetime.fromisoformat(plain(facts["time"])))
    group = group_for(
        session, site_code=site.code, metal=first.metal, grade_code=first.grade_code, month=month
    )
    if group is None:
        return {}
    return {"model": BALANCED, "group": of_site(site.code, group.code)}


def _check_terms(
    inputs: Sequence[Taken],
    outputs: Sequence[Output],
    losses: Mapping[str, int],
    *,
    flux_g: int,
    oxygen_g: int,
) -> None:
    if not inputs:
        raise NothingIn(field="inputs")
    if not outputs:
        raise NothingOut(field="outputs")
    codes = [taken.lot_code for taken in inputs] + [o.lot_code for o in outputs if o.lot_code]
    if len(set(codes)) != len(codes):
        raise LotTwice(field="inputs")
    for output in outputs:
        check_mass(output.mass_g)
    for name, grams in {**losses, "flux": flux_g, "oxygen": oxygen_g}.items():
        if grams < 0 or (name not in LOSSES and name not in {"flux", "oxygen"}):
            raise LossNotPositive(field="losses", loss=name, mass_g=grams)


def _check_lots(session: Session, facts: Facts, lots: Mapping[str, Lot], *, site: SiteRef) -> None:
    for taken in facts["inputs"]:
        lot = lots[taken["lot"]]
        check_alive(lot, weighed=True, free=True)
        if lot.site_code != site.code or lot.status == "in_transit":
            raise LotElsewhere(lot_code=lot.code)
        check_mass(taken["mass_g"])
        if taken["mass_g"] > lot.mass_g:
            raise NotEnoughMass(
                field="mass_g", lot_code=lot.code, wanted_g=taken["mass_g"], held_g=lot.mass_g
            )
    for output in facts["outputs"]:
        if output["into"]:
            _check_pool(session, lots[output["lot"]], [lots[i["lot"]] for i in facts["inputs"]])


def _check_pool(session: Session, pool: Lot, inputs: Sequence[Lot]) -> None:
    """Only a pool takes more in, never what came out of it or belongs to another."""
    if pool.pool_key is None or is_among_ancestors(session, lot=pool, of=inputs):
        raise OwnInput(lot_code=pool.code)
    if any(lot.owner != pool.owner for lot in inputs):
        raise HeapOfAnother(lot_code=pool.code)


def _input(taken: Taken, lot: Lot, site: SiteRef) -> dict[str, Any]:
    return {
        "lot": of_site(site.code, taken.lot_code),
        "mass_g": of_site(site.code, lot.mass_g if taken.mass_g is None else taken.mass_g),
        "whole": taken.mass_g is None or taken.mass_g == lot.mass_g,
        "recovery_bp": taken.recovery_bp,
        "internal": taken.internal,
        "role": taken.role,
        "alloy_class": taken.alloy_class,
    }


def _output(
    output: Output, inputs: Sequence[Taken], lots: Mapping[str, Lot], site: SiteRef
) -> dict[str, Any]:
    owners = {lots[taken.lot_code].owner for taken in inputs}
    if output.owner is None and len(owners) > 1:
        raise OwnerUnclear(field="owner")
    return {
        "lot": of_site(site.code, output.lot_code or new_code()),
        "spec": asdict(output.spec),
        "mass_g": output.mass_g,
        "role": output.role,
        "owner": org(output.owner or min(owners)),
        "into": output.into,
        "follows": output.follows,
        "alloy_class": output.alloy_class,
    }


def _period(period: Period) -> dict[str, str]:
    if period.until < period.since or period.method not in STOCK_METHODS:
        raise BadPeriod(field="until", since=period.since, until=period.until)
    return asdict(period)


def _addition(each: Addition) -> dict[str, Any]:
    return {"name": each.name, "mass_g": each.mass_g, "elements_bp": dict(each.elements_bp)}


def _added_burden(each: Addition) -> dict[str, Any]:
    known = None if each.factor is None else burden(each.factor, each.mass_g)
    return _line("additions", each.name, each.mass_g, "kg", known, provisional=False)


def _energy(line: EnergyLine, site: SiteRef) -> dict[str, Any]:
    known = None if line.factor is None else burden(line.factor, line.quantity)
    said = _line(
        line.stage, line.carrier, line.quantity, line.unit, known, provisional=line.provisional
    )
    said["power"] = line.power
    if line.power and line.market is not None:
        said["market"] = market_facts(line.market, line.quantity, site)
    return said


def _line(
    stage: str,
    name: str,
    quantity: int,
    unit: str,
    known: Mapping[str, Any] | None,
    *,
    provisional: bool,
) -> dict[str, Any]:
    return {
        "stage": stage,
        "name": name,
        "quantity": quantity,
        "unit": unit,
        "provisional": provisional,
        "factor": None if known is None else known["factor"],
        "co2e_g": None if known is None else known["co2e_g"],
        "primary_g": 0 if known is None else known["primary_g"],
    }


def _told(done: Appended, facts: Facts) -> Transformation:
    melt = next((melt for melt in done.outcome.melts if melt["base"]), {})
    return Transformation(
        event=done.event,
        outputs=tuple(done.lots[output["lot"]] for output in facts["outputs"]),
        inputs=tuple(done.lots[taken["lot"]] for taken in facts["inputs"]),
        unexplained_g=difference_g(facts),
        beyond_tolerance=any(line.beyond_tolerance for line in done.outcome.lines),
        figures=melt.get("figures", {}),
        moved=moves(done.outcome.links, facts),
    )
