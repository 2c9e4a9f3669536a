"""Gate, scale, counter tickets and the day's end on a real database."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col, func, select, text

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store
from remelt.platform.market.awarding import close_due
from remelt.platform.market.bidding import place_bid
from remelt.platform.market.errors import HazardousLot, UnknownGrade
from remelt.platform.market.listings import StockLot, publish_stock, withdraw
from remelt.platform.market.models import Contract
from remelt.platform.parties.errors import NotAuthorised
from remelt.platform.settlement import queries as money
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.yard import errors, queries
from remelt.platform.yard.dayend import day_end
from remelt.platform.yard.gate import confirm_gate_payment
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.inspection import Finding, held, inspect, release
from remelt.platform.yard.models import Deduction, GatePayment, SellerCard, Ticket, TicketLine
from remelt.platform.yard.sellers import SellerGiven
from remelt.platform.yard.voiding import void
from remelt.platform.yard.weighing import to_declared, weigh_lot
from remelt.platform.yard.weights import DeductionGiven
from remelt.traceability import ledger
from remelt.traceability.models import BookLine, LedgerEvent, Lot
from remelt.traceability.terms import LotSpec, SiteRef
from tests.market import FIXED, a_draft, publish_lot
from tests.parties import Party, a_colleague, a_party
from tests.yard import BOARD_FEN_PER_T, PROFILE, a_line, bought, hang_out

SPEC = LotSpec(
    metal="Al", grade_system="ReMA", grade_code="Tutu", form="loose", origin="post_consumer"
)


@pytest.fixture
def yard(store: Store, clock: SimulatedClock) -> Store:
    """A store with the catalogue loaded."""
    with store.write() as session:
        load_package_data(session)
    return store


@pytest.fixture
def hub(yard: Store, clock: SimulatedClock) -> Party:
    """A hub with a price for cans on its board; payments above 10,000 yuan need two."""
    with yard.write() as session:
        party = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=party)
    return party


def registered(session, clock, hub: Party, *, declared_g: int = 1_000_000) -> str:
    """Register a declared lot of the hub at its own site."""
    code = new_code()
    ledger.commission(
        session,
        clock=clock,
        lot_code=code,
        spec=SPEC,
        declared_mass_g=declared_g,
        owner=hub.organisation.code,
        custodian=hub.organisation.code,
        site=SiteRef(code=hub.site.code, adcode=hub.site.adcode),
        actor=f"person:{hub.person.code}",
    )
    return code


def weighed(session, clock, hub: Party, lot_code: str, **changes) -> Ticket:
    facts = {"gross_g": 3_000_000, "tare_g": 2_000_000}
    return weigh_lot(
        session,
        clock=clock,
        site_id=hub.site.key,
        person_id=hub.person.key,
        lot_code=lot_code,
        **(facts | changes),
    )


def books_balance(session) -> None:
    """What lies in lots is what the books say came in less what left."""
    lots = session.exec(select(func.coalesce(func.sum(Lot.mass_g), 0))).one()
    lines = session.exec(select(func.coalesce(func.sum(BookLine.mass_g), 0))).one()
    assert int(lots) == int(lines)


def test_a_walk_in_sale_is_weighed_priced_paid_and_pooled(yard, clock, hub):
    with yard.write() as session:
        ticket = bought(
            session,
            clock=clock,
            hub=hub,
            lines=[
                a_line(deductions=(DeductionGiven("moisture", share_bp=200),)),
                a_line(
                    grade="Tutu", gross_g=1_500_000, tare_g=1_200_000, price_fen_per_t=1_000_001
                ),
            ],
            mode="successive",
            method="wechat",
        )
    with yard.read() as session:
        view = queries.ticket(session, code=ticket.code, organisation_id=hub.organisation.key)
        cans, profile = view.lines
        assert (view.ticket.year, view.ticket.number, view.ticket.kind) == (2026, 1, "gate")
        assert (cans.net_g, cans.deducted_g, cans.payable_g) == (500_000, 10_000, 490_000)
        assert cans.amount_fen == 627_200
        assert (cans.price_fen_per_t, cans.board_price_fen_per_t) == (BOARD_FEN_PER_T,) * 2
        assert (profile.board_price_fen_per_t, profile.amount_fen) == (None, 300_000)
        assert [r.mass_g for r in view.readings] == [2_000_000, 1_500_000, 1_200_000]
        assert (view.payment.amount_fen, view.payment.method) == (927_200, "wechat")
        assert view.payment.settled
        pool = session.exec(select(Lot).where(Lot.code == cans.pool_code)).one()
        assert (pool.mass_g, pool.status, pool.owner) == (
            500_000, "on_hand", hub.organisation.code,
        )  # fmt: skip
        books_balance(session)


def test_a_purchase_is_owed_and_paid_in_one_breath(yard, clock, hub):
    with yard.write() as session:
        ticket = bought(session, clock=clock, hub=hub, rounding_fen=-50)
    with yard.read() as session:
        (line,) = money.money(session, organisation_id=hub.organisation.key)
        assert (line.kind, line.subject_code, line.pays) == ("gate", ticket.code, True)
        assert (line.balance.amount_fen, line.balance.state) == (639_950, "paid")
        names = [row.name for row in session.exec(select(OutboxRow).order_by(OutboxRow.id))]
        assert names[-3:] == ["gate-purchased", "payment-recorded", "payment-confirmed"]


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"lines": []}, errors.TicketEmpty, "lines"),
        ({"lines": [a_line(grade="unobtainium")]}, UnknownGrade, "lines-0-grade"),
        ({"lines": [a_line(tare_g=2_000_000)]}, errors.TareNotBelowGross, "lines-0-tare_kg"),
        ({"lines": [a_line(price_fen_per_t=1)]}, errors.OverrideNeedsReason, "lines-0-reason"),
        (
            {"lines": [a_line(), a_line(grade="Tutu")]},
            errors.NoBoardPrice,
            "lines-1-price_yuan_per_t",
        ),
        ({"lines": [a_line(price_fen_per_t=0)]}, errors.PriceOutOfRange, None),
        ({"lines": [a_line(productive=True)]}, NotAuthorised, None),
        ({"method": "shells"}, errors.UnknownMethod, "method"),
        ({"rounding_fen": -100}, errors.RoundingTooLarge, "rounding_yuan"),
        ({"seller": SellerGiven(name=" ")}, errors.SellerNeeded, "seller_name"),
        ({"seller": "NOSUCHCARD1234"}, errors.NoSuchSeller, "seller_code"),
        (
            {"seller": SellerGiven(name="李四", id_number="11010519491231002X")},
            errors.ConsentNeeded,
            "consent",
        ),
        (
            {
                "radiation": Finding(
                    tier="key", item="radioactivity", method="gamma", radiation_nsv_h=900,
                    background_nsv_h=100, device="RM-1",
                )
            },
            errors.RadiationAlarm,
            None,
        ),
    ],
)  # fmt: skip
def test_a_purchase_is_refused_and_leaves_no_trace(yard, clock, hub, changes, refusal, field):
    with pytest.raises(refusal) as refused, yard.write() as session:
        bought(session, clock=clock, hub=hub, **changes)
    assert field is None or refused.value.field == field
    with yard.write() as session:
        assert session.exec(select(func.count(col(Lot.id)))).one() == 0
        assert bought(session, clock=clock, hub=hub).number == 1


def test_hazardous_waste_is_not_bought_at_the_gate(yard, clock, hub):
    with pytest.raises(HazardousLot), yard.write() as session:
        bought(session, clock=clock, hub=hub, lines=[a_line(grade="Rails", price_fen_per_t=900)])


def test_another_price_than_the_boards_needs_a_reason_and_keeps_it(yard, clock, hub):
    with yard.write() as session:
        ticket = bought(
            session, clock=clock, hub=hub,
            lines=[a_line(price_fen_per_t=1_250_000, reason="很湿 dirty load")],
        )  # fmt: skip
    with yard.read() as session:
        (line,) = queries.ticket(session, code=ticket.code).lines
        assert (line.override_reason, line.board_price_fen_per_t) == (
            "很湿 dirty load", BOARD_FEN_PER_T,
        )  # fmt: skip


def test_the_database_refuses_an_amount_that_is_not_worked_out(yard, clock, hub):
    with yard.write() as session:
        ticket = bought(session, clock=clock, hub=hub)
        (line,) = session.exec(select(TicketLine).where(TicketLine.ticket_id == ticket.key))
        facts = line.model_dump(exclude={"id"}) | {"position": 1}
    for bad in (
        {"amount_fen": facts["amount_fen"] + 1},
        {"net_g": facts["net_g"] + 1},
        {"payable_g": facts["payable_g"] - 1},
        {"price_fen_per_t": None},
    ):
        with pytest.raises(IntegrityError), yard.write() as session:
            session.add(TicketLine(**(facts | bad)))
    with pytest.raises(DBAPIError, match="insert-only"), yard.write() as session:
        session.connection().execute(text("UPDATE ticket_line SET net_g = 1"))


def test_numbers_have_no_gaps_under_eight_threads(yard, clock, hub):
    def one(n: int) -> None:
        with suppress(ZeroDivisionError), yard.write() as session:
            bought(session, clock=clock, hub=hub)
            1 / (n % 5)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    with yard.read() as session:
        numbers = session.exec(select(Ticket.number).order_by(Ticket.number)).all()
        assert list(numbers) == list(range(1, 33))
        books_balance(session)


def test_numbers_begin_again_with_the_beijing_year(yard, clock, hub):
    with yard.write() as session:
        bought(session, clock=clock, hub=hub)
    clock.advance(days=304, hours=11, minutes=59)
    with yard.write() as session:
        late = bought(session, clock=clock, hub=hub)
    clock.advance(hours=1)
    with yard.write() as session:
        new = bought(session, clock=clock, hub=hub)
    assert (late.year, late.number) == (2026, 2)
    assert (new.year, new.number) == (2027, 1)


def test_above_the_threshold_a_second_person_confirms(yard, clock, hub):
    with yard.write() as session:
        other = a_party(session, clock=clock, role="hub")
        line = a_line(gross_g=3_000_000, tare_g=1_000_000)
        ticket = bought(session, clock=clock, hub=hub, lines=[line], method="bank")
    confirm = {
        "clock": clock,
        "ticket_code": ticket.code,
        "organisation_id": hub.organisation.key,
    }
    with yard.read() as session:
        assert not queries.ticket(session, code=ticket.code).payment.settled
        (due,) = money.money(session, organisation_id=hub.organisation.key)
        assert due.balance.state == "waiting"
    with pytest.raises(errors.SameHand), yard.write() as session:
        confirm_gate_payment(session, person_id=hub.person.key, **confirm)
    with pytest.raises(errors.NoSuchTicket), yard.write() as session:
        confirm_gate_payment(
            session, person_id=other.person.key,
            **(confirm | {"organisation_id": other.organisation.key}),
        )  # fmt: skip
    with yard.write() as session:
        confirm_gate_payment(session, person_id=other.person.key, **confirm)
    with yard.read() as session:
        (paid,) = money.money(session, organisation_id=hub.organisation.key)
        assert paid.balance.state == "paid"
    with pytest.raises(errors.NothingToConfirm), yard.write() as session:
        confirm_gate_payment(session, person_id=other.person.key, **confirm)


def test_a_seller_is_known_again_and_the_number_is_sealed(yard, clock, hub):
    vault = Vault(b"k" * 32)
    zhang = SellerGiven(
        name="张三", phone="138 0000 1234", id_number="11010519491231002X", consent=True
    )
    with yard.write() as session:
        first = bought(session, clock=clock, hub=hub, seller=zhang, vault=vault)
        again = bought(session, clock=clock, hub=hub, seller=zhang, vault=vault)
        by_phone = bought(
            session, clock=clock, hub=hub, seller=SellerGiven(name="李四", phone="13900000000")
        )
    assert first.seller_id == again.seller_id != by_phone.seller_id
    with yard.read() as session:
        card = session.get(SellerCard, first.seller_id)
        assert (card.phone, card.id_masked) == ("13800001234", "11**************2X")
        assert "11010519491231002X" not in str(card.model_dump())
        assert vault.open(card.id_sealed) == "11010519491231002X"


def test_the_first_weighing_makes_the_mass_and_shows_the_difference(yard, clock, hub):
    with yard.write() as session:
        code = registered(session, clock, hub, declared_g=1_080_000)
        ticket = weighed(
            session, clock, hub, code,
            deductions=[DeductionGiven("attachment", mass_g=30_000, accepted=True)],
            findings=[Finding(tier="key", item="appearance", method="visual")],
        )  # fmt: skip
    with yard.read() as session:
        view = queries.ticket(session, code=ticket.code)
        (line,) = view.lines
        found = to_declared(line, scale_division_g=view.ticket.scale_division_g)
        assert (found.difference_g, found.within) == (-80_000, False)
        assert (line.net_g, line.payable_g, view.ticket.scale_division_g) == (
            1_000_000, 970_000, 500,
        )  # fmt: skip
        assert [each.item for each in view.inspections] == ["appearance"]
        assert session.exec(select(Deduction.accepted)).one() is True
        assert session.exec(select(Lot.mass_g).where(Lot.code == code)).one() == 1_000_000
        books_balance(session)


def test_a_lot_is_weighed_where_it_is(yard, clock, hub):
    with yard.write() as session:
        other = a_party(session, clock=clock, role="hub")
        collector = a_party(session, clock=clock, role="collector")
        code = registered(session, clock, hub)
    with pytest.raises(errors.LotNotHere), yard.write() as session:
        weighed(session, clock, other, code)
    with pytest.raises(errors.NotAYard), yard.write() as session:
        weighed(session, clock, collector, code)


def test_a_voided_weighing_is_corrected_by_the_next(yard, clock, hub):
    with yard.write() as session:
        code = registered(session, clock, hub)
        wrong = weighed(session, clock, hub, code, gross_g=30_000_000)
    clock.advance(minutes=1)
    with yard.write() as session:
        counter = void(
            session, clock=clock, ticket_code=wrong.code, person_id=hub.person.key,
            organisation_id=hub.organisation.key, reason="a nought too many",
        )  # fmt: skip
    clock.advance(minutes=1)
    with yard.write() as session:
        weighed(session, clock, hub, code)
    assert (counter.sign, counter.voids_id, counter.number) == (-1, wrong.id, 2)
    with yard.read() as session:
        assert session.exec(select(Lot.mass_g).where(Lot.code == code)).one() == 1_000_000
        lines = session.exec(select(BookLine).order_by(col(BookLine.id))).all()
        assert [(line.kind, line.mass_g) for line in lines] == [
            ("weighed_in", lines[0].mass_g), ("weighed_in", 1_000_000 - lines[0].mass_g),
        ]  # fmt: skip
        assert lines[1].restates is not None
        assert "correct" in session.exec(select(LedgerEvent.kind)).all()
        books_balance(session)


def voided(session, clock, hub: Party, ticket: Ticket) -> Ticket:
    return void(
        session, clock=clock, ticket_code=ticket.code, person_id=hub.person.key,
        organisation_id=hub.organisation.key, reason="wrong",
    )  # fmt: skip


@pytest.mark.parametrize(
    "steps",
    [
        [("weigh", 1_000_000), ("weigh", 900_000), ("void", 0), ("weigh", 950_000)],
        [("weigh", 1_000_000), ("weigh", 900_000), ("void", 1), ("weigh", 950_000)],
        [
            ("weigh", 30_000_000), ("void", 0), ("weigh", 1_000_000), ("void", 1),
            ("weigh", 500_000), ("void", 2), ("weigh", 700_000),
        ],
    ],
)  # fmt: skip
def test_an_unused_lot_weighs_what_its_last_ticket_says(yard, clock, hub, steps):
    with yard.write() as session:
        code = registered(session, clock, hub)
    tickets = []
    for what, value in steps:
        clock.advance(minutes=1)
        with yard.write() as session:
            if what == "void":
                voided(session, clock, hub, tickets[value])
                continue
            tickets.append(
                weighed(session, clock, hub, code, gross_g=2_000_000 + value, tare_g=2_000_000)
            )
        with yard.read() as session:
            assert session.exec(select(Lot.mass_g).where(Lot.code == code)).one() == value
            books_balance(session)


@pytest.mark.parametrize("how", ["consumed", "out", "elsewhere"])
def test_a_receipt_stands_once_its_lot_is_used(yard, clock, hub, how):
    smelter, contract = sold(yard, clock, hub)
    where = SiteRef(code=smelter.site.code, adcode=smelter.site.adcode)
    lot_code = contract.lot_code
    with yard.write() as session:
        ticket = weighed(session, clock, smelter, lot_code)
    with yard.write() as session:
        if how == "out":
            ledger.ship_out(
                session, clock=clock, lot_code=lot_code, to="X", site=where, actor="person:x"
            )
        elif how == "elsewhere":
            ledger.move(
                session, clock=clock, lot_codes=[lot_code], kind="receive", actor="person:x",
                to_site=SiteRef(code=hub.site.code, adcode=hub.site.adcode),
                custodian=hub.organisation.code,
            )  # fmt: skip
        else:
            ledger.transform(
                session, clock=clock, kind="split", site=where, actor="person:x",
                inputs=[ledger.Taken(lot_code=lot_code, mass_g=1_000_000)],
                outputs=[ledger.Output(spec=SPEC, mass_g=1_000_000, lot_code=new_code())],
            )  # fmt: skip
    with pytest.raises(errors.MovedOn), yard.write() as session:
        voided(session, clock, smelter, ticket)
    with yard.read() as session:
        (due,) = money.money(session, organisation_id=smelter.organisation.key)
        assert (due.balance.amount_fen, due.revision) == (1_500_000, 1)


def test_a_voided_purchase_goes_back_with_its_money(yard, clock, hub):
    back = {
        "clock": clock, "person_id": hub.person.key, "organisation_id": hub.organisation.key,
        "reason": "seller changed his mind",
    }  # fmt: skip
    with yard.write() as session:
        pooled = bought(session, clock=clock, hub=hub)
        own = bought(session, clock=clock, hub=hub, lines=[a_line(own_lot=True)])
    clock.advance(minutes=1)
    with yard.write() as session:
        for ticket in (pooled, own):
            void(session, ticket_code=ticket.code, **back)
    with yard.read() as session:
        assert session.exec(select(func.sum(Lot.mass_g))).one() == 0
        books_balance(session)
        for line in money.money(session, organisation_id=hub.organisation.key):
            assert (line.balance.amount_fen, line.balance.confirmed_fen) == (0, 0)
        assert session.exec(select(func.sum(PaymentRecord.amount_fen))).one() == 0
        cards = queries.tickets(session, organisation_id=hub.organisation.key)
        assert [(c.number, c.is_counter, c.voided) for c in cards] == [
            (4, True, False), (3, True, False), (2, False, True), (1, False, True),
        ]  # fmt: skip
        assert sum(c.net_g for c in cards) == sum(c.amount_fen for c in cards) == 0
    for code, refusal in (
        (pooled.code, errors.AlreadyVoided),
        (cards[0].code, errors.CounterTicket),
    ):
        with pytest.raises(refusal), yard.write() as session:
            void(session, ticket_code=code, **back)
    with pytest.raises(errors.VoidNeedsReason), yard.write() as session:
        void(session, ticket_code=own.code, **(back | {"reason": " "}))
    with pytest.raises(errors.NoSuchTicket), yard.write() as session:
        void(session, ticket_code=own.code, **(back | {"organisation_id": 1}))


def test_what_has_been_moved_on_is_not_taken_back(yard, clock, hub):
    where = SiteRef(code=hub.site.code, adcode=hub.site.adcode)
    with yard.write() as session:
        ticket = bought(session, clock=clock, hub=hub, lines=[a_line(own_lot=True)])
        (line,) = session.exec(select(TicketLine))
    with yard.write() as session:
        ledger.ship_out(
            session, clock=clock, lot_code=line.lot_code, to="X", site=where, actor="person:x"
        )
    with pytest.raises(errors.MovedOn), yard.write() as session:
        void(
            session, clock=clock, ticket_code=ticket.code, person_id=hub.person.key,
            organisation_id=hub.organisation.key, reason="too late",
        )  # fmt: skip


def test_a_load_that_radiates_is_held_until_it_is_released(yard, clock, hub):
    facts = {"clock": clock, "site_id": hub.site.key, "person_id": hub.person.key}
    alarm = Finding(
        tier="key", item="radioactivity", method="gamma", radiation_nsv_h=351,
        background_nsv_h=100, device="RM-1",
    )  # fmt: skip
    with yard.write() as session:
        code = registered(session, clock, hub)
        (row,) = inspect(session, lot_code=code, findings=[alarm], **facts)
        assert (row.hold, row.passed, held(session, lot_code=code)) == (True, False, True)
    with pytest.raises(errors.HeldByYourself), yard.write() as session:
        release(session, lot_code=code, reason="measured again: 120", **facts)
    with yard.write() as session:
        second = a_colleague(session, clock=clock, of=hub)
        facts |= {"person_id": second.key}
        release(session, lot_code=code, reason="measured again: 120", **facts)
        assert not held(session, lot_code=code)
    with pytest.raises(errors.BadInspection), yard.write() as session:
        release(session, lot_code=code, reason="twice", **facts)


def test_the_day_ends_with_drawer_cost_and_margin(yard, clock, hub):
    with yard.write() as session:
        hang_out(session, clock=clock, hub=hub, grade=PROFILE, price_fen_per_t=1_500_000)
        bought(session, clock=clock, hub=hub)
        bought(session, clock=clock, hub=hub, method="alipay", lines=[a_line(grade="Tutu")])
        gone = bought(session, clock=clock, hub=hub)
        void(
            session, clock=clock, ticket_code=gone.code, person_id=hub.person.key,
            organisation_id=hub.organisation.key, reason="x",
        )  # fmt: skip
    day = (clock.now() + timedelta(hours=8)).date()
    with yard.read() as session:
        end = day_end(
            session, site_id=hub.site.key, organisation_id=hub.organisation.key, day=day,
            sale_prices={("ReMA", "Talc"): 1_380_000},
        )  # fmt: skip
        none = day_end(
            session, site_id=hub.site.key, organisation_id=hub.organisation.key,
            day=day + timedelta(days=1),
        )  # fmt: skip
    assert [(d.method, d.paid_fen) for d in end.drawers] == [("cash", 640_000), ("alipay", 750_000)]
    cans, profile = end.grades
    assert (cans.net_g, cans.cost_fen, cans.average_fen_per_t, cans.margin_fen) == (
        500_000, 640_000, 1_280_000, 50_000,
    )  # fmt: skip
    assert (profile.sale_fen_per_t, profile.margin_fen) == (None, None)
    assert (end.tickets, end.countered, end.cost_fen, end.margin_fen) == (3, 1, 1_390_000, 50_000)
    assert (none.drawers, none.grades, none.margin_fen) == ((), (), None)


def test_a_purchase_whose_lot_is_listed_is_not_taken_back(yard, clock, hub):
    with yard.write() as session:
        ticket = bought(session, clock=clock, hub=hub, lines=[a_line(own_lot=True)])
        (line,) = session.exec(select(TicketLine))
    with yard.write() as session:
        lot = session.exec(select(Lot).where(Lot.code == line.lot_code)).one()
        listing = publish_stock(
            session, clock=clock, seller_id=hub.organisation.key, person_id=hub.person.key,
            site_id=hub.site.key, draft=a_draft(price=FIXED),
            lot=StockLot(
                lot_code=lot.code, owner_code=lot.owner, metal=lot.metal, form=lot.form,
                grade_system=lot.grade_system, grade_code=lot.grade_code, mass_g=lot.mass_g,
                origin=lot.origin, evidence=lot.evidence,
            ),
        )  # fmt: skip
    with pytest.raises(errors.MovedOn), yard.write() as session:
        voided(session, clock, hub, ticket)
    with yard.write() as session:
        withdraw(
            session, clock=clock, listing_code=listing.code, person_id=hub.person.key,
            seller_id=hub.organisation.key,
        )  # fmt: skip
        voided(session, clock, hub, ticket)
    with yard.read() as session:
        assert session.exec(select(func.sum(Lot.mass_g))).one() == 0
        books_balance(session)


def test_a_purchase_whose_lot_is_sold_is_not_taken_back(yard, clock, hub):
    with yard.write() as session:
        buyer = a_party(session, clock=clock, role="smelter")
        ticket = bought(session, clock=clock, hub=hub, lines=[a_line(own_lot=True)])
        (line,) = session.exec(select(TicketLine))
    with yard.write() as session:
        ledger.transfer(
            session, clock=clock, lot_code=line.lot_code, owner=buyer.organisation.code,
            contract_ref="C",
        )  # fmt: skip
    with pytest.raises(errors.MovedOn), yard.write() as session:
        voided(session, clock, hub, ticket)


def test_an_awarded_lot_is_settled_when_it_is_weighed_where_it_is_delivered(yard, clock, hub):
    smelter, contract = sold(yard, clock, hub)
    with yard.write() as session:
        ticket = weighed(
            session, clock, smelter, contract.lot_code,
            deductions=[DeductionGiven("moisture", share_bp=150)],
        )  # fmt: skip
    with yard.read() as session:
        (due,) = money.money(session, organisation_id=smelter.organisation.key)
        (owed,) = money.money(session, organisation_id=hub.organisation.key)
        assert (due.pays, owed.pays, due.code) == (True, False, owed.code)
        view = money.settlement(session, code=due.code, organisation_id=hub.organisation.key)
        assert view.settlement.ticket_code == ticket.code
        assert (view.settlement.payable_g, view.settlement.amount_fen) == (985_000, 1_477_500)
        assert view.instruction.amount_fen == 1_477_500
        lot = session.exec(select(Lot).where(Lot.code == contract.lot_code)).one()
        assert (lot.owner, lot.mass_g) == (smelter.organisation.code, 1_000_000)
    with yard.write() as session:
        void(
            session, clock=clock, ticket_code=ticket.code, person_id=smelter.person.key,
            organisation_id=smelter.organisation.key, reason="wrong truck",
        )  # fmt: skip
    with yard.read() as session:
        (due,) = money.money(session, organisation_id=smelter.organisation.key)
        assert (due.balance.amount_fen, due.revision) == (0, 2)
    with yard.write() as session:
        weighed(session, clock, smelter, contract.lot_code, gross_g=3_100_000)
    with yard.read() as session:
        (due,) = money.money(session, organisation_id=smelter.organisation.key)
        assert (due.balance.amount_fen, due.revision) == (1_650_000, 3)
        assert session.exec(select(func.count(col(Settlement.id)))).one() == 3


def test_a_voided_ticket_of_a_hub_on_the_way_is_settled_by_the_next_there(yard, clock, hub):
    with yard.write() as session:
        between = a_party(session, clock=clock, role="hub")
    smelter, contract = sold(yard, clock, hub, at=between)
    with yard.write() as session:
        ticket = weighed(session, clock, between, contract.lot_code)
        void(
            session, clock=clock, ticket_code=ticket.code, person_id=between.person.key,
            organisation_id=between.organisation.key, reason="wrong truck",
        )  # fmt: skip
    with yard.write() as session:
        again = weighed(session, clock, between, contract.lot_code, gross_g=3_100_000)
    with yard.read() as session:
        (due,) = money.money(session, organisation_id=smelter.organisation.key)
        assert (due.balance.amount_fen, due.revision) == (1_650_000, 3)
        view = money.settlement(session, code=due.code, organisation_id=hub.organisation.key)
        assert view.settlement.ticket_code == again.code


def sold(yard: Store, clock: SimulatedClock, hub: Party, *, at: Party | None = None):
    """Sell a lot of the hub to a smelter at 15,000 yuan a tonne and bring it there, or `at`."""
    with yard.write() as session:
        smelter = a_party(session, clock=clock, role="smelter")
        listing = publish_lot(session, clock=clock, seller=hub)
        place_bid(
            session, clock=clock, listing_code=listing.code, price_fen_per_t=1_500_000,
            bidder_id=smelter.organisation.key, person_id=smelter.person.key,
            deliver_to_site_id=smelter.site.key,
        )  # fmt: skip
    clock.advance(hours=2)
    with yard.write() as session:
        close_due(session, clock=clock)
        to = at or smelter
        ledger.move(
            session, clock=clock, lot_codes=[listing.lot_code], kind="receive",
            to_site=SiteRef(code=to.site.code, adcode=to.site.adcode),
            custodian=to.organisation.code, actor="person:x",
        )  # fmt: skip
    with yard.read() as session:
        contract = session.exec(select(Contract)).one()
    return smelter, contract


def test_gate_payments_keep_what_was_due_and_rounded(yard, clock, hub):
    with yard.write() as session:
        ticket = bought(session, clock=clock, hub=hub, rounding_fen=-99)
    with yard.read() as session:
        row = session.exec(select(GatePayment).where(GatePayment.ticket_id == ticket.key)).one()
        assert (row.due_fen, row.rounding_fen, row.amount_fen) == (640_000, -99, 639_901)
