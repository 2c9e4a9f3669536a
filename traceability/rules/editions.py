"""Rules 1: what each kind of event does to lots. Pure; the live path and the audit share them.

From the first release on rules are never edited: a change is a new number beside the old. Until
then rules 1 change in place, and `tools.golden` says anew what the golden events make.
"""

from collections.abc import Callable
from datetime import datetime

from remelt.traceability.facts import Facts
from remelt.traceability.rules.allot import less, more
from remelt.traceability.rules.changing import RESTATES
from remelt.traceability.rules.conventions import ONLY_BY_MASS, declared
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.custody import PHYSICAL
from remelt.traceability.rules.flows import held, sent_back, taken_back
from remelt.traceability.rules.restating import put_off, restated
from remelt.traceability.rules.shares import product_content
from remelt.traceability.rules.states import (
    State,
    born,
    merged,
    minus,
    resized,
    weakest,
    within_tolerance,
)
from remelt.traceability.rules.transform import prove, transformed
from remelt.traceability.rules.views import Cone, Line, Lots, LotView, Outcome
from remelt.traceability.terms import FactorRef, LotSpec

RULES = 1


def apply(lots: Lots, facts: Facts, *, event_hash: str, cone: Cone | None = None) -> Outcome:
    """Return what the event of `facts` makes of `lots`, by the rules that it names.

    `lots` holds every lot that the event names and that exists already. `cone`: for an event
    that changes what earlier ones said, these and all that came of them.
    """
    if facts["kind"] in RESTATES:
        return _restated(lots, facts, cone or Cone())
    outcome = again(lots, facts, event_hash)
    if outcome.links:
        prove(outcome)
    return outcome


def again(lots: Lots, facts: Facts, event_hash: str) -> Outcome:
    """Apply an event that stands alone: a correction takes many again and proves their sum."""
    return EDITIONS[facts["rules"]][facts["kind"]](lots, facts, event_hash)


def _restated(lots: Lots, facts: Facts, cone: Cone) -> Outcome:
    if facts.get("put_off"):
        return put_off(lots, cone)
    return restated(lots, cone, apply=again)


def moment(facts: Facts) -> datetime:
    """Return the exact time of the event."""
    return datetime.fromisoformat(facts["time"])


def _one(lot: LotView, *lines: Line) -> Outcome:
    return Outcome(lots=(lot,), lines=lines, touched=(lot.code,))


def _new_lot(facts: Facts, event_hash: str) -> LotView:
    spec = LotSpec(**facts["spec"])
    missing: tuple[str, ...] = ("upstream",) if spec.origin == "primary" else ("collection",)
    if spec.origin == "pre_consumer":
        missing += (ONLY_BY_MASS,)
    return LotView(
        code=facts["lot"],
        spec=spec,
        owner=facts["owner"],
        custodian=facts["custodian"],
        supplier=facts.get("seller") or facts["owner"],
        source=facts["lot"],
        site_code=facts["site"],
        adcode=facts["adcode"],
        declared_mass_g=facts.get("declared_mass_g", 0),
        state=State(missing=missing),
        pool_key=facts.get("pool_key"),
        made_by=event_hash,
        made_at=moment(facts),
    )


def _commission(_lots: Lots, facts: Facts, event_hash: str) -> Outcome:
    return _one(_new_lot(facts, event_hash))


def _weigh(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    lot = lots[facts["lot"]]
    return _weighed(lot, facts) if lot.state.mass_g else _first_weighed(lot, facts)


def _first_weighed(lot: LotView, facts: Facts) -> Outcome:
    fresh = born(lot.spec, facts["mass_g"])
    after = merged([lot.state, fresh])
    status = lot.status if lot.status in {"in_transit", "held"} else "on_hand"
    weighed = but(lot, state=after, status=status, handed_over=True)
    line = Line(kind="weighed_in", state=fresh, lot_code=lot.code, metal=lot.spec.metal)
    return _one(weighed, line)


def _weighed(lot: LotView, facts: Facts) -> Outcome:
    before = lot.state
    difference_g = facts["mass_g"] - before.mass_g
    after = resized(before, facts["mass_g"])
    if not difference_g:
        return _one(but(lot, handed_over=True))
    beyond = not within_tolerance(
        difference_g, mass_g=before.mass_g, scale_division_g=facts["scale_division_g"]
    )
    line = Line(
        kind="adjustment",
        state=minus(after, before),
        lot_code=lot.code,
        metal=lot.spec.metal,
        beyond_tolerance=beyond,
    )
    return _one(but(lot, state=after, handed_over=True), line)


def _bring_in(_lots: Lots, facts: Facts, event_hash: str) -> Outcome:
    made = _new_lot(facts, event_hash)
    outcome = _first_weighed(made, facts)
    upstream = facts.get("upstream")
    if upstream is None:
        return outcome
    lot = outcome.lots[0]
    if lot.spec.origin == "pre_consumer":
        return _declared(lot, upstream["co2e_g"], *outcome.lines)
    burden = State(co2e={"upstream": upstream["co2e_g"]}, primary_data_g=upstream["primary_g"])
    missing = tuple(name for name in lot.state.missing if name != "upstream")
    state = but(merged([lot.state, burden]), missing=missing)
    return _one(but(lot, state=state), *outcome.lines, _burden(lot, burden, "upstream"))


def _declare_burden(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    """By the mass that the lot holds, so that a corrected weighing corrects this too."""
    lot = lots[facts["lot"]]
    factor = FactorRef(**facts["upstream"]["factor"])
    return _declared(lot, factor.co2e_g(lot.state.classes.get("pre_consumer", 0)))


def _declared(lot: LotView, co2e_g: int, *lines: Line) -> Outcome:
    """Lay what a seller declares of pre-consumer scrap on it: by mass only, cut-off enters at 0."""
    burden = _burden(lot, State(scrap_burden_g=co2e_g), ONLY_BY_MASS)
    return _one(but(lot, state=declared(lot.state, co2e_g)), *lines, burden)


def _move(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    lot = lots[facts["lot"]]
    moved = but(lot, custodian=facts["custodian"], handed_over=True)
    if facts["step"] == "receive":
        status = "on_hand" if lot.state.mass_g else "received"
        moved = but(moved, status=status, site_code=facts["site"], adcode=facts["adcode"])
    else:
        moved = but(moved, status="in_transit")
    return _one(moved)


def _carry(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    lot, stage = lots[facts["lot"]], facts["stage"]
    if facts["co2e_g"] is None:
        missing = tuple(sorted({*lot.state.missing, stage}))
        return _one(but(lot, state=but(lot.state, missing=missing)))
    burden = State(co2e={stage: facts["co2e_g"]}, primary_data_g=facts["primary_g"])
    gaps = {name for name in lot.state.missing if name != stage}
    if not all(factor.get("includes_upstream", True) for factor in facts["factors"]):
        gaps.add(f"{stage}:fuel_upstream")
    state = but(merged([lot.state, burden]), missing=tuple(sorted(gaps)))
    return _one(but(lot, state=state), _burden(lot, burden, stage))


def _burden(lot: LotView, burden: State, name: str) -> Line:
    return Line(kind="burden", state=burden, name=name, lot_code=lot.code, metal=lot.spec.metal)


def _transfer(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    return _one(but(lots[facts["lot"]], owner=facts["owner"]))


def _ship_out(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    lot = lots[facts["lot"]]
    left = State(missing=lot.state.missing, custody=lot.state.custody)
    line = Line(
        kind="out",
        state=minus(left, lot.state),
        name=lot.spec.form,
        lot_code=lot.code,
        metal=lot.spec.metal,
    )
    outside = merged([lot.outside, lot.state])
    return _one(but(lot, state=left, outside=outside, status="out", handed_over=True), line)


def _assay(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    lot = lots[facts["lot"]]
    total_mg = lot.state.mass_g * 1_000
    measured = {name: total_mg * ppm // 1_000_000 for name, ppm in facts["elements_ppm"].items()}
    rest = facts.get("balance", "unknown")
    elements = more(measured, {rest: total_mg - sum(measured.values())})
    after = but(lot.state, elements=elements)
    difference = State(elements=less(elements, lot.state.elements))
    line = Line(
        kind="restated",
        state=difference,
        name=facts["method"],
        lot_code=lot.code,
        metal=lot.spec.metal,
    )
    return _one(but(lot, state=after), line)


def _claim(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    """A claim by the books alone takes the lot down to its model.

    A claim of what the lot holds marks all that is recycled of it: melted under mass balance that
    gives no credits.
    """
    lot = lots[facts["lot"]]
    if facts["model"] in PHYSICAL:
        recycled_g, _mass_g = product_content(lot.state)
        fresh = State(claimed_g=recycled_g - lot.state.claimed_g)
        marked = but(lot, state=but(lot.state, claimed_g=recycled_g))
        line = Line(kind="claimed", state=fresh, lot_code=lot.code, metal=lot.spec.metal)
        return _one(marked, *([line] if fresh.claimed_g else []))
    custody = weakest([lot.state.custody, facts["model"]])
    return _one(but(lot, state=but(lot.state, custody=custody)))


def _declare(_lots: Lots, facts: Facts, _hash: str) -> Outcome:
    return Outcome(touched=(facts["lot"],))


def _certify(_lots: Lots, facts: Facts, _hash: str) -> Outcome:
    return Outcome(touched=(facts["lot"],))


Rule = Callable[[Lots, Facts, str], Outcome]
_FIRST: dict[str, Rule] = {
    "commission": _commission,
    "weigh": _weigh,
    "bring_in": _bring_in,
    "declare_burden": _declare_burden,
    "move": _move,
    "carry": _carry,
    "transfer": _transfer,
    "ship_out": _ship_out,
    "assay": _assay,
    "claim": _claim,
    "declare": _declare,
    "certify": _certify,
    "sort": transformed,
    "split": transformed,
    "blend": transformed,
    "melt": transformed,
    "shred": transformed,
    "refine": transformed,
    "return": sent_back,
    "take_back": taken_back,
    "hold": held,
}
EDITIONS: dict[int, dict[str, Rule]] = {1: _FIRST}
