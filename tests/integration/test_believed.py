"""What a lot weighed at each moment of its life, as it is believed after corrections."""

from remelt.platform.works.heats import melt
from remelt.platform.works.sheets import CastLine, ChargeLine
from remelt.traceability import ledger
from remelt.traceability.corrections.believed import masses_at, moment_of
from tests.counting import Counting
from tests.parties import a_party
from tests.works import a_furnace, a_lot, a_sheet


def test_every_moment_of_a_lot_is_known_again_after_each_correction(store, clock):
    """Brought in, weighed again, a part melted, sent out; both weighings corrected."""
    with store.write() as session:
        at = a_party(session, clock=clock, role="smelter")
        where = {"site": ledger.SiteRef(code=at.site.code, adcode=at.site.adcode), "actor": "p:x"}
        lot = a_lot(session, clock=clock, at=at, mass_g=1_000_000)
        moments = [moment_of(session, lot)]
        weighed = ledger.weigh(
            session, clock=clock, lot_code=lot.code, mass_g=990_000, ticket_ref="t",
            scale_division_g=0, **where,
        )  # fmt: skip
        moments.append(moment_of(session, lot))
        sheet = a_sheet(
            a_furnace(session, clock=clock, at=at), lot, casts=(CastLine(mass_g=300_000),),
            charges=(ChargeLine(lot_code=lot.code, mass_g=300_000),), dross_g=0, losses_g={},
        )  # fmt: skip
        melt(session, clock=clock, site_id=at.site.key, person_id=at.person.key, heat=sheet)
        moments.append(moment_of(session, lot))
        ledger.ship_out(session, clock=clock, lot_code=lot.code, to="firm", **where)
        moments.append(moment_of(session, lot))
        assert masses(session, moments) == [1_000_000, 990_000, 690_000, 0]
    with store.write() as session:
        correct(session, clock, where, weighed.event.hash, mass_g=980_000)
        assert masses(session, moments) == [1_000_000, 980_000, 680_000, 0]
    clock.advance(minutes=1)
    with store.write() as session:
        correct(session, clock, where, lot.made_by, mass_g=1_100_000)
    with Counting(store) as count, store.read() as session:
        assert masses(session, moments) == [1_100_000, 980_000, 680_000, 0]
    assert count.statements <= 5


def correct(session, clock, where, event_hash, *, mass_g):
    ledger.correct(
        session, clock=clock, event_hash=event_hash, mass_g=mass_g, reason="slip", **where
    )


def masses(session, moments):
    found = masses_at(session, moments)
    return [found[moment] for moment in moments]
