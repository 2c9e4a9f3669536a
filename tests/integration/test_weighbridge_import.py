"""A yard's own file becomes tickets: all of it, or nothing."""

import pytest
from sqlmodel import col, func, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.sheets.errors import ImportHasErrors
from remelt.platform.kernel.sheets.tables import Table
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.checking import drifts
from remelt.platform.settlement.models import Settlement
from remelt.platform.yard import errors
from remelt.platform.yard.filerows import FileRow
from remelt.platform.yard.importing import dry_run, import_tickets, parse
from remelt.platform.yard.models import GatePayment, SellerCard, Ticket, TicketLine
from remelt.traceability.models import Lot
from tests.counting import Counting
from tests.parties import Party, a_party
from tests.yard import hang_out

HEAD = "流水号,日期时间,车号,货名,毛重(kg),皮重(kg),扣重(kg),单价(元/kg),金额(元),付款方式,客户\n"
GOOD = (
    HEAD
    + "7,2026-03-01 09:10,贵A12345,Talc,1850,350,20,12.5,18500,微信,张三\n"
    + "7,2026-03-01 09:10,贵A12345,Tutu,350,200,,14,2100,微信,张三\n"
    + "8,2026-03-01 10:05,,Talc,620.5,500,,,1542,现金,\n"
)


@pytest.fixture
def hub(store: Store, clock: SimulatedClock) -> Party:
    """A hub that pays 12.80 yuan a kilogram for cans since February."""
    clock.advance(days=0)
    with store.write() as session:
        load_package_data(session)
        party = a_party(session, clock=clock, role="hub")
        early = SimulatedClock(clock.now().replace(month=2))
        hang_out(session, clock=early, hub=party)
    return party


def read(text: str) -> Table[FileRow]:
    return parse(text.encode(), filename="过磅.csv")


def taken_in(store, clock, hub, text, **changes):
    with store.write() as session:
        return import_tickets(
            session, clock=clock, site_id=hub.site.key, person_id=hub.person.key,
            parsed=read(text), **changes,
        )  # fmt: skip


def previewed(store, clock, hub, text, **changes):
    with store.read() as session:
        return dry_run(session, clock=clock, site_id=hub.site.key, parsed=read(text), **changes)


def test_a_dry_run_says_what_would_be_and_writes_nothing(store, clock, hub):
    preview = previewed(store, clock, hub, GOOD)
    assert preview.problems == ()
    assert [len(ticket.lines) for ticket in preview.tickets] == [2, 1]
    assert (preview.net_g, preview.amount_fen) == (1_770_500, 2_214_200)
    with store.read() as session:
        assert session.exec(select(func.count(col(Ticket.id)))).one() == 0


def test_a_file_becomes_tickets_once(store, clock, hub):
    done = taken_in(store, clock, hub, GOOD)
    again = taken_in(store, clock, hub, GOOD)
    assert ([t.number for t in done.tickets], done.known) == ([1, 2], 0)
    assert (again.tickets, again.known) == ((), 3)
    with store.read() as session:
        first, second = session.exec(select(Ticket).order_by(Ticket.number)).all()
        assert (first.outside_number, first.source, first.plate) == ("7", "import", "贵A12345")
        assert (first.seller_id is None, second.seller_id is None) == (False, True)
        assert session.exec(select(SellerCard.name)).all() == ["张三"]
        lines = session.exec(select(TicketLine).order_by(TicketLine.id)).all()
        assert [(line.payable_g, line.price_fen_per_t) for line in lines] == [
            (1_480_000, 1_250_000), (150_000, 1_400_000), (120_500, 1_280_000),
        ]  # fmt: skip
        assert lines[0].override_reason == "weighbridge-file"
        paid = session.exec(select(GatePayment).order_by(GatePayment.id)).all()
        assert [(p.method, p.amount_fen, p.rounding_fen) for p in paid] == [
            ("wechat", 2_060_000, 0), ("cash", 154_200, -40),
        ]  # fmt: skip
        assert session.exec(select(func.sum(Lot.mass_g))).one() == 1_770_500


@pytest.mark.parametrize(
    ("old", "new", "cell", "code"),
    [
        ("Tutu", "unobtainium", "D3", "unknown-grade"),
        ("18500", "18600", "I2", "cell-amount-differs"),
        ("620.5,500,,", "620.5,500,,-3", "H4", "cell-not-a-number"),
        ("2026-03-01 10:05", "2026-03-03 10:05", "B4", "cell-not-a-time"),
        ("2026-03-01 10:05,,Talc", "2026-03-01 10:05,,Tutu", "H4", "no-board-price"),
        ("1542,现金", "1542,", "J4", "unknown-method"),
        (
            "Tutu,350,200,,14,2100,微信,张三",
            "Tutu,350,200,,14,2100,微信,李四",
            "A3",
            "cell-ticket-differs",
        ),
    ],
)
def test_one_bad_cell_keeps_the_whole_file_out(store, clock, hub, old, new, cell, code):
    text = GOOD.replace(old, new)
    assert text != GOOD
    found = [(p.cell, p.refusal.code) for p in previewed(store, clock, hub, text).problems]
    assert found == [(cell, code)]
    with pytest.raises(ImportHasErrors) as refused:
        taken_in(store, clock, hub, text)
    assert refused.value.facts["cell"] == cell
    with store.read() as session:
        assert session.exec(select(func.count(col(Ticket.id)))).one() == 0


def test_a_known_number_with_other_content_is_named(store, clock, hub):
    taken_in(store, clock, hub, GOOD)
    (problem,) = previewed(store, clock, hub, GOOD.replace("620.5", "621")).problems
    assert (problem.cell, problem.refusal.code) == ("A4", "cell-ticket-differs")
    other_day = GOOD.replace("2026-03-01", "2026-03-02").replace("10:05", "08:05")
    assert len(taken_in(store, clock, hub, other_day).tickets) == 2


def test_how_it_was_paid_may_be_said_for_the_whole_file(store, clock, hub):
    text = GOOD.replace("现金", "")
    done = taken_in(store, clock, hub, text, paid_by="bank")
    assert len(done.tickets) == 2
    with pytest.raises(errors.UnknownMethod):
        previewed(store, clock, hub, text, paid_by="shells")


def test_twins_on_one_ticket_are_both_bought_and_the_file_still_comes_once(store, clock, hub):
    twin = "8,2026-03-01 10:05,,Talc,620.5,500,,,1542,现金,\n"
    text = GOOD + twin
    assert previewed(store, clock, hub, text).known == ()
    done = taken_in(store, clock, hub, text)
    again = taken_in(store, clock, hub, text)
    assert (len(done.tickets), done.known) == (2, 0)
    assert (again.tickets, again.known) == ((), 4)
    with store.read() as session:
        lines = session.exec(select(TicketLine.net_g).order_by(TicketLine.id)).all()
        assert list(lines[-2:]) == [120_500, 120_500]
        assert session.exec(select(func.sum(Lot.mass_g))).one() == 1_891_000
    (problem,) = previewed(store, clock, hub, text + twin).problems
    assert (problem.cell, problem.refusal.code) == ("A6", "cell-ticket-differs")


def a_file(tickets: int, *, first: int = 1) -> str:
    """Tickets of two materials by turns, each of another seller, every third of two weighings."""
    rows = [
        f"{n},2026-03-01 {n // 60:02d}:{n % 60:02d},,{('Talc', 'Tutu')[n % 2]},"
        f"450,350,20,12.5,,cash,张{chr(0x4E00 + n)}"
        for n in range(first, first + tickets)
        for _weighing in range(2 if n % 3 == 0 else 1)
    ]
    return HEAD + "\n".join(rows) + "\n"


def test_a_dry_run_asks_as_much_of_many_rows_as_of_few(store, clock, hub):
    asked = []
    for tickets in (3, 30):
        with Counting(store) as counted:
            assert len(previewed(store, clock, hub, a_file(tickets)).tickets) == tickets
        asked.append(counted.statements)
    assert asked[0] == asked[1] <= 10


def test_a_ticket_of_a_file_costs_a_dozen_statements_however_many_there_are(store, clock, hub):
    taken_in(store, clock, hub, a_file(1))
    asked = []
    for first, tickets in ((101, 5), (201, 25)):
        with Counting(store) as counted:
            taken_in(store, clock, hub, a_file(tickets, first=first))
        asked.append(counted.statements)
    assert asked[1] - asked[0] <= 20 * 12


def test_many_tickets_are_numbered_settled_and_announced_in_their_order(store, clock, hub):
    done = taken_in(store, clock, hub, a_file(12))
    assert [ticket.number for ticket in done.tickets] == list(range(1, 13))
    assert [ticket.outside_number for ticket in done.tickets] == [str(n) for n in range(1, 13)]
    with store.read() as session:
        settled = session.exec(select(Settlement.subject_code).order_by(Settlement.id)).all()
        told = [
            (row.name, row.body) for row in session.exec(select(OutboxRow).order_by(OutboxRow.id))
        ]
        assert list(drifts(session)) == []
    codes = [ticket.code for ticket in done.tickets]
    assert list(settled) == codes
    assert [body["ticket_code"] for name, body in told if name == "gate-purchased"] == codes
    paid = [(name, body["subject_code"]) for name, body in told if name.startswith("payment-")]
    assert paid == [
        (f"payment-{what}", code) for code in codes for what in ("recorded", "confirmed")
    ]
