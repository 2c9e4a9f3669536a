"""Rules of holds and returns: a lot stays as it is, goes back, or comes back. Pure."""

from remelt.traceability.facts import Facts
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import State, merged, part
from remelt.traceability.rules.views import Line, Lots, LotView, Outcome


def held(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    """Keep a lot where it is, or let it go again to what it was; a lot used up stays used up.

    A correction may say of a lot that was held that nothing was left of it.
    """
    lot = lots[facts["lot"]]
    status = "held" if facts["step"] == "hold" else facts["back_to"]
    if lot.status == "consumed":
        status = lot.status
    return Outcome(lots=(but(lot, status=status),), touched=(lot.code,))


def sent_back(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    """Put a lot on its way back with everything it carries: no new origin, no new mass.

    The way back burdens the lot only when its owner bears it.
    """
    lot = lots[facts["lot"]]
    state, lines = _borne(lot, lot.state, facts)
    back = but(
        lot, state=state, status="in_transit", custodian=facts["custodian"], handed_over=True
    )
    return Outcome(lots=(back,), lines=lines, touched=(lot.code,))


def taken_back(lots: Lots, facts: Facts, _hash: str) -> Outcome:
    """Take a lot, or a piece of it, back that had left: it has the vectors that it left with.

    The piece is cut off what is still outside of it, in proportion. It joins what lies here; held
    by an inspection, the lot stays held. The way back burdens it as in `sent_back`.
    """
    lot = lots[facts["lot"]]
    piece, outside = part(lot.outside, min(facts["mass_g"], lot.outside.mass_g))
    state, lines = _borne(lot, merged([lot.state, piece]), facts)
    back = but(
        lot,
        state=state,
        outside=outside,
        status="held" if lot.status == "held" else "on_hand",
        custodian=facts["custodian"],
        site_code=facts["site"],
        adcode=facts["adcode"],
    )
    line = Line(
        kind="returned",
        state=piece,
        name=facts["cause"],
        lot_code=lot.code,
        metal=lot.spec.metal,
    )
    return Outcome(lots=(back,), lines=(line, *lines), touched=(lot.code,))


def _borne(lot: LotView, state: State, facts: Facts) -> tuple[State, tuple[Line, ...]]:
    """Return what a lot carries after its way back, and the burden's line where there is one."""
    if not facts.get("owner_bears"):
        return state, ()
    if facts["co2e_g"] is None:
        return but(state, missing=tuple(sorted({*state.missing, "transport"}))), ()
    burden = State(co2e={"transport": facts["co2e_g"]} if facts["co2e_g"] else {})
    line = Line(kind="burden", state=burden, name="return", lot_code=lot.code, metal=lot.spec.metal)
    return merged([state, burden]), (line,)
