"""What pages read of charge plans: the plan, its sheets, and what lots on offer are worth."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.jobs import Job
from remelt.platform.parties.models import Site
from remelt.platform.works.charge_models import ChargePlan
from remelt.platform.works.charging.problem import WHOLE_BP
from remelt.platform.works.errors import NoSuchChargePlan

ADVICE_HOLDS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as asked for, how far its job is, and what came of it."""

    plan: ChargePlan
    site: Site
    job: Job

    @property
    def state(self) -> str:
        """waiting, running, done, lacking (no plan keeps the limits) or failed."""
        if self.plan.ended_at is not None:
            return "lacking" if self.plan.result.get("lacking") else "done"
        return self.job.state


def plan_view(session: Session, *, code: str, organisation_id: int) -> PlanView:
    """Return a plan of the organisation. Raises `NoSuchChargePlan`."""
    found = session.exec(
        select(ChargePlan, Site, Job)
        .join(Site, col(Site.id) == col(ChargePlan.site_id))
        .join(Job, col(Job.code) == col(ChargePlan.job_code))
        .where(ChargePlan.code == code, ChargePlan.organisation_id == organisation_id)
    ).one_or_none()
    if found is None:
        raise NoSuchChargePlan(plan_code=code[:20])
    return PlanView(plan=found[0], site=found[1], job=found[2])


def plans(session: Session, *, organisation_id: int, limit: int = 10) -> list[ChargePlan]:
    """Return the newest plans of an organisation."""
    return list(
        session.exec(
            select(ChargePlan)
            .where(ChargePlan.organisation_id == organisation_id)
            .order_by(col(ChargePlan.id).desc())
            .limit(limit)
        )
    )


@dataclass(frozen=True, slots=True)
class Advice:
    """What a lot on offer is worth to a smelter, by its newest plan.

    ask, bid: fen per tonne in the listing's terms: the least price it could be had for, and the
    most that a bid may be. per_metal: the worth net of VAT, delivered, for a tonne of recovered
    metal. taken_g: what the plan takes of it. reasons: (what, side, fen per gross tonne), the
    weightiest first.
    """

    listing_code: str
    said: Mapping[str, Any]
    plan_code: str
    charge: Mapping[str, Any]
    mass_g: int
    ask_fen_per_t: int
    bid_fen_per_t: int
    per_metal_fen_per_t: int
    taken_g: int
    how: str
    reasons: tuple[tuple[str, str, int], ...]

    @property
    def wanted(self) -> bool:
        """Whether the plan takes some of it."""
        return self.taken_g > 0


def advice(plan: ChargePlan, *, codes: Collection[str] | None = None) -> list[Advice]:
    """Return what lots on offer are worth by a plan, the greatest gain first.

    codes: the listings asked about; None for all that the plan knows.
    """
    sources, worths = plan.asked["sources"], plan.result.get("worths", {})
    asked = sources.keys() if codes is None else [code for code in codes if code in sources]
    taken: Counter[str] = Counter()
    for line in plan.result.get("lines", []):
        taken[line["source"]] += line["mass_g"]
    found = [
        _advice(plan, code, taken_g=taken[code])
        for code in asked
        if sources[code]["kind"] == "market" and code in worths
    ]
    return sorted(
        found,
        key=lambda x: (
            -x.taken_g * max(0, x.bid_fen_per_t - x.ask_fen_per_t),
            -x.taken_g,
            x.listing_code,
        ),
    )


def _advice(plan: ChargePlan, code: str, *, taken_g: int) -> Advice:
    said, worth = plan.asked["sources"][code], plan.result["worths"][code]
    net = worth["fen_per_t"] - said["freight_fen_per_t"]
    bid = max(0, net * (WHOLE_BP + said["vat_bp"]) // WHOLE_BP)
    return Advice(
        listing_code=code,
        said=said,
        plan_code=plan.code,
        charge=plan.asked["charges"][worth["charge"]],
        mass_g=said["mass_g"],
        ask_fen_per_t=said["ask_fen_per_t"],
        bid_fen_per_t=max(bid, said["ask_fen_per_t"]) if taken_g else bid,
        per_metal_fen_per_t=worth["fen_per_metal_t"],
        taken_g=taken_g,
        how=said["how"],
        reasons=tuple((x["what"], x["side"], x["fen_per_t"]) for x in worth["reasons"]),
    )


def newest_advice(
    session: Session, *, organisation_id: int, now: datetime, codes: Collection[str]
) -> dict[str, Advice]:
    """Return what these listings are worth by the newest finished plan, by listing code.

    A plan asked for more than `ADVICE_HOLDS` ago knows neither stock nor prices of today.
    """
    newest = session.exec(
        select(ChargePlan)
        .where(
            ChargePlan.organisation_id == organisation_id,
            ChargePlan.asked_at >= now - ADVICE_HOLDS,
            col(ChargePlan.ended_at).is_not(None),
        )
        .order_by(col(ChargePlan.id).desc())
        .limit(1)
    ).one_or_none()
    found = [] if newest is None else advice(newest, codes=codes)
    return {each.listing_code: each for each in found}


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a charge sheet: a source, gross grams, and the metal that comes of them."""

    code: str
    said: Mapping[str, Any]
    mass_g: int
    metal_g: int


@dataclass(frozen=True, slots=True)
class ChargeSheet:
    """What goes into one furnace: lines by kind and mass, and what the judge said of it."""

    key: str
    said: Mapping[str, Any]
    judged: Mapping[str, Any]
    lines: tuple[SheetLine, ...]

    @property
    def to_buy(self) -> tuple[SheetLine, ...]:
        """Lots that lie with others and must be bought first."""
        return tuple(each for each in self.lines if each.said["kind"] == "market")


def sheets(plan: ChargePlan) -> list[ChargeSheet]:
    """Return the charge sheets of a plan that is done."""
    sources = plan.asked["sources"]
    made = []
    for judged in plan.result.get("charges", []):
        key = judged["charge"]
        lines = [
            SheetLine(
                code=x["source"],
                said=sources[x["source"]],
                mass_g=x["mass_g"],
                metal_g=x["mass_g"] * sources[x["source"]]["yield_bp"] // WHOLE_BP,
            )
            for x in plan.result["lines"]
            if x["charge"] == key
        ]
        lines.sort(key=lambda x: (x.said["kind"] == "bought", x.said["kind"], -x.mass_g))
        made.append(ChargeSheet(key, plan.asked["charges"][key], judged, tuple(lines)))
    return made


def sheet(plan: ChargePlan, *, key: str) -> ChargeSheet:
    """Return one charge sheet. Raises `NoSuchChargePlan`."""
    for each in sheets(plan):
        if each.key == key:
            return each
    raise NoSuchChargePlan(plan_code=plan.code)
