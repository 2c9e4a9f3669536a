"""Sort, shred, split, blend, refine, melt: states in, states out. Pure, exact, integers only.

inputs + flux + oxygen + additions = outputs + named losses + unexplained, for mass, each origin,
each element, each place of collection; burdens in + burdens of the process = burdens out.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from remelt.traceability.facts import Facts
from remelt.traceability.rules.allot import allot
from remelt.traceability.rules.blocking import UNEXPLAINED, combined, settled
from remelt.traceability.rules.conventions import SCRAP, laid, power
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.custody import heaped, processed, source_of
from remelt.traceability.rules.dealing import WASTE, Charge, Dealt, charged, deal_out, difference_g
from remelt.traceability.rules.grades import moves
from remelt.traceability.rules.heat import melt_lines
from remelt.traceability.rules.pots import added, contained_mg, nonmetal
from remelt.traceability.rules.states import (
    NOTHING,
    State,
    merged,
    minus,
    within_tolerance,
)
from remelt.traceability.rules.views import UNMADE, Line, Link, Lots, LotView, Outcome


class DoesNotConserve(AssertionError):
    """A rule lost or made mass, metal or burden: a fault of this program, never of its user."""


def transformed(lots: Lots, facts: Facts, event_hash: str) -> Outcome:
    """Return the outcome of a working: what was taken is made into other lots."""
    charges = [charged(lots, each, measured=facts.get("yield")) for each in facts["inputs"]]
    dealt = deal_out(charges, facts)
    states = _finished(charges, dealt.outputs, facts)
    blocked = _blocked(charges, facts)
    rests = [_after(charge) for charge in charges]
    made = [_made(lots, facts, i, state, blocked) for i, state in enumerate(states)]
    source = source_of(charges, facts)
    made = [lot if lot.made_by else but(lot, made_by=event_hash, source=source) for lot in made]
    lines = [*_mass_lines(charges, facts, dealt), *_burden_lines(facts)]
    codes = sorted({lot.code for lot in (*rests, *made)})
    known = [lots[code] for code in codes if code in lots]
    before = [lot.state for lot in known]
    lines += _melted_line(before, [*rests, *made], lines)
    melts = melt_lines(charges, facts, states, settled(blocked)) if facts["kind"] == "melt" else ()
    links = tuple(_links(charges, facts, dealt))
    return Outcome(
        lots=(*rests, *made),
        links=links,
        lines=tuple(lines),
        melts=tuple(
            melt | {"grades": moves(links, facts) if melt["base"] else []} for melt in melts
        ),
        touched=tuple(lot.code for lot in (*rests, *made)),
        before=tuple(known),
    )


def prove(outcome: Outcome) -> None:
    """Stop when lots after a working are not lots before plus lines, entry by entry."""
    before = [lot.state for lot in outcome.before]
    expected = merged([*before, *(line.state for line in outcome.lines)])
    drift = minus(merged(lot.state for lot in outcome.lots), expected)
    if drift != NOTHING:
        raise DoesNotConserve(repr(drift))


def _finished(charges: Sequence[Charge], dealt: Sequence[State], facts: Facts) -> list[State]:
    """Lay the burdens on what carries them, and say what the custody has become."""
    lines = [line.state for line in _burden_lines(facts)]
    unpriced = [State(unmarketed=power(each).unmarketed) for each in facts["burdens"]]
    burden = merged([*(charge.cut for charge in charges), *lines, *unpriced])
    missing = tuple(sorted({*burden.missing, *_missing(facts)}))
    custody = processed(charges, facts)
    carrying = [i for i, each in enumerate(facts["outputs"]) if each["role"] not in WASTE]
    carrying = carrying or list(range(len(dealt)))
    weights = _weights([dealt[i] for i in carrying])
    scraps = [facts["outputs"][i]["role"] == SCRAP for i in carrying]
    shares = dict(zip(carrying, laid(but(burden, missing=missing), weights, scraps), strict=True))
    melts = facts["kind"] == "melt"
    return [
        but(
            shares.get(i, NOTHING),
            mass_g=state.mass_g,
            classes=state.classes,
            elements=state.elements,
            track=state.track,
            custody=custody,
            melted_g=state.mass_g if melts else state.melted_g,
            claimed_g=state.claimed_g,
        )
        for i, state in enumerate(dealt)
    ]


def _weights(states: Sequence[State]) -> list[int]:
    """Share burdens by contained metal, or by mass when that of an output is not known."""
    contained = [contained_mg(state) for state in states]
    return contained if all(contained) else [state.mass_g for state in states]


def _blocked(charges: Sequence[Charge], facts: Facts) -> str:
    """Return why the outputs may carry no claim, or an empty text."""
    inherited = [charge.lot.claims_blocked for charge in charges]
    return combined([*inherited, UNEXPLAINED] if beyond_tolerance(facts) else inherited)


def beyond_tolerance(facts: Facts) -> bool:
    """Tell whether a working's difference is more than max(0.5 %, one scale division)."""
    came = sum(each["mass_g"] for each in (*facts["inputs"], *facts["additions"]))
    return not within_tolerance(
        difference_g(facts), mass_g=came, scale_division_g=facts["scale_division_g"]
    )


def _after(charge: Charge) -> LotView:
    status = charge.lot.status if charge.rest.mass_g else "consumed"
    return but(charge.lot, state=charge.rest, status=status)


def _made(lots: Lots, facts: Facts, i: int, state: State, blocked: str) -> LotView:
    output = facts["outputs"][i]
    if output["into"]:
        pool = lots[output["lot"]]
        joined = but(merged([pool.state, state]), custody=heaped(pool.state, state))
        return but(
            pool,
            state=joined,
            status="on_hand",
            claims_blocked=combined([pool.claims_blocked, blocked]),
            source="",
        )
    return but(
        UNMADE,
        code=output["lot"],
        spec=but(UNMADE.spec, **output["spec"]),
        owner=output["owner"],
        custodian=facts["custodian"],
        site_code=facts["site"],
        adcode=facts["adcode"],
        state=state,
        status="on_hand",
        handed_over=True,
        claims_blocked=blocked,
        role=output["role"],
        made_at=datetime.fromisoformat(facts["time"]),
    )


def _mass_lines(charges: Sequence[Charge], facts: Facts, dealt: Dealt) -> Iterator[Line]:
    metal = charges[0].lot.spec.metal
    for each in facts["additions"]:
        state = added(mass_g=each["mass_g"], elements_bp=each["elements_bp"])
        yield Line(kind="addition", name=each["name"], state=state, metal=metal)
    flux = nonmetal(flux_g=facts["flux_g"], oxygen_g=0)
    oxygen = nonmetal(flux_g=0, oxygen_g=facts["oxygen_g"])
    for kind, state in (("flux", flux), ("oxygen", oxygen)):
        if state.mass_g:
            yield Line(kind=kind, state=state, metal=metal)
    for name, state in sorted(dealt.losses.items()):
        if state.mass_g:
            yield Line(kind="loss", name=name, state=minus(NOTHING, state), metal=metal)
    gained = nonmetal(flux_g=max(0, -difference_g(facts)), oxygen_g=0)
    unexplained = minus(gained, dealt.unexplained)
    if unexplained.mass_g:
        yield Line(
            kind="unexplained",
            state=unexplained,
            metal=metal,
            beyond_tolerance=beyond_tolerance(facts),
        )


def _burden_lines(facts: Facts) -> list[Line]:
    """Energy, and additions with a factor: what the process adds to the burden."""
    return [
        Line(
            kind="burden",
            name=f"{each['stage']}:{each['name']}",
            state=State(
                co2e={each["stage"]: each["co2e_g"]} if each["co2e_g"] else {},
                market_g=power(each).market_g,
                primary_data_g=each["primary_g"],
            ),
        )
        for each in facts["burdens"]
        if each["co2e_g"] is not None
    ]


def _missing(facts: Facts) -> list[str]:
    """Name the footprint lines of this process that nobody gave data for."""
    named = [f"{b['stage']}:{b['name']}" for b in facts["burdens"] if b["co2e_g"] is None]
    stages = {each["stage"] for each in facts["burdens"]}
    named += [f"{b['stage']}:provisional" for b in facts["burdens"] if b["provisional"]]
    if facts["kind"] == "melt" and "melt_energy" not in stages:
        named.append("melt_energy")
    if facts["kind"] in {"sort", "shred"} and "hub" not in stages:
        named.append("hub")
    if facts["kind"] == "refine" and "refining" not in stages:
        named.append("refining")
    return named


def _melted_line(
    before: Sequence[State], after: Sequence[LotView], lines: Sequence[Line]
) -> list[Line]:
    """Say how much mass has now been through a furnace; it is the rest of the account."""
    melted_g = sum(lot.state.melted_g for lot in after)
    melted_g -= sum(s.melted_g for s in before) + sum(line.state.melted_g for line in lines)
    return [Line(kind="melted", state=State(melted_g=melted_g))] if melted_g else []


def _links(charges: Sequence[Charge], facts: Facts, dealt: Dealt) -> Iterator[Link]:
    """Tell how much of each output came from each input: its own mass, less its own loss."""
    others = len(dealt.own_losses_g) - len(charges)
    lost = dealt.own_losses_g
    kept = [c.cut.mass_g - loss for c, loss in zip(charges, lost, strict=False)]
    more = [each["mass_g"] for each in facts["additions"]] + [0] * others
    for output in facts["outputs"]:
        waste = output["role"] in WASTE and sum(lost) > 0
        weights = list(lost) if waste else [*kept, *more[:others]]
        for charge, mass_g in zip(charges, allot(output["mass_g"], weights), strict=False):
            yield Link(
                child=output["lot"],
                parent=charge.lot.code,
                mass_g=mass_g,
                internal=charge.internal,
            )
