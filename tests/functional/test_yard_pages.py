"""The gate, the scale and the till as a browser without JavaScript sees them."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlmodel import func, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.parties.people import add_person, join
from remelt.platform.settlement.models import Settlement
from remelt.platform.yard.models import Ticket, TicketLine
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.counting import Counting
from tests.integration.test_yard import registered
from tests.parties import PASSWORD, Party, a_party
from tests.yard import hang_out

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ONE = {
    "seller_name": "张三",
    "seller_phone": "13800001234",
    "mode": "platform",
    "method": "cash",
    "lines-0-grade": "ReMA Talc",
    "lines-0-gross_kg": "２０００",
    "lines-0-tare_kg": "1,500",
}


@pytest.fixture
def hub(app: Flask, clock: SimulatedClock) -> Party:
    """A hub with a board price and two people."""
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        party = a_party(session, clock=clock, role="hub", login="weigher", password_hash=secret)
        hang_out(session, clock=clock, hub=party)
        person = add_person(session, clock=clock, login="second", name="二号", password_hash=secret)
        join(
            session, clock=clock, person_id=person.key, role="hub",
            organisation_id=party.organisation.key,
        )  # fmt: skip
        a_party(session, clock=clock, role="hub", login="stranger", password_hash=secret)
    return party


@pytest.fixture
def weigher(app: Flask, hub: Party) -> Browser:
    return signed_in(app, "weigher")


def rows(app: Flask, what):
    with app.extensions["remelt"].store.read() as session:
        return session.exec(select(what)).all()


def test_a_walk_in_sale_from_the_form_to_the_slip(app, hub, weigher):
    answer = weigher.post("/gate/buy", **ONE)
    assert answer.status_code == 303, answer.text
    page = weigher.get(answer.location)
    assert "6,400.00" in page.text
    assert "2026-00001" in page.text
    slip = weigher.get(answer.location.split("?")[0] + "/slip")
    assert 'class="slip"' in slip.text
    assert "张三" in slip.text
    for address in ("/gate", "/tickets", "/tickets?q=13", "/day-end", "/money", "/weigh"):
        assert weigher.get(address).status_code == 200, address
    day = weigher.get("/day-end?sale.ReMA.Talc=13800&day=2026-03-02")
    assert "500.00" in day.text


def test_one_key_buys_once(app, hub, weigher):
    weigher.get("/gate/buy")
    first, again = weigher.send("/gate/buy", **ONE), weigher.send("/gate/buy", **ONE)
    assert first.location == again.location
    assert len(rows(app, Ticket)) == 1
    other = weigher.send("/gate/buy", **(ONE | {"plate": "贵B1"}))
    assert other.status_code == 422
    assert len(rows(app, Ticket)) == 1


def test_several_materials_in_succession(app, hub, weigher):
    answer = weigher.post(
        "/gate/buy",
        **(
            ONE
            | {
                "mode": "successive",
                "lines-0-deduct": "2%",
                "lines-0-deduct_kind": "moisture",
                "lines-2-grade": "Tutu",
                "lines-2-tare_kg": "1000",
                "lines-2-deduct": "10",
                "lines-2-price_yuan_per_t": "14000.5",
                "lines-2-own_lot": "yes",
                "rounded_off_yuan": "0.05",
                "id_number": "11010519491231002X",
                "consent": "yes",
            }
        ),
    )
    assert answer.status_code == 303, answer.text
    first, second = rows(app, TicketLine)
    assert (first.net_g, first.payable_g) == (500_000, 490_000)
    assert (second.gross_g, second.net_g, second.payable_g) == (1_500_000, 500_000, 490_000)
    assert second.amount_fen == 686_025
    page = weigher.get(answer.location).text
    assert "11**************2X" in page
    assert "11010519491231002X" not in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines-0-gross_kg": ""}, "lines-0"),
        ({"lines-0-gross_kg": "-5"}, "lines-0-gross_kg"),
        ({"lines-0-gross_kg": "9" * 30}, "lines-0-gross_kg"),
        ({"lines-0-gross_kg": "2 t"}, "lines-0-gross_kg"),
        ({"lines-0-tare_kg": "2500"}, "lines-0-tare_kg"),
        ({"lines-0-tare_kg": "nan"}, "lines-0-tare_kg"),
        ({"lines-0-grade": "unobtainium"}, "lines-0-grade"),
        ({"lines-0-grade": "a\0b"}, "lines-0-grade"),
        ({"lines-0-grade": "铝" * 400_000}, "lines-0-grade"),
        ({"lines-0-price_yuan_per_t": "1e9"}, "lines-0-price_yuan_per_t"),
        ({"lines-0-price_yuan_per_t": "9000"}, "lines-0-reason"),
        ({"lines-0-deduct": "600"}, "lines-0-deduct"),
        ({"lines-0-deduct": "101%"}, "lines-0-deduct"),
        ({"lines-0-deduct": "5", "lines-0-deduct_kind": "rust"}, "lines-0-deduct"),
        ({"lines-0-productive": "yes"}, "lines-0-productive"),
        ({"method": ""}, "method"),
        ({"method": "shells"}, "method"),
        ({"mode": "sideways"}, "mode"),
        ({"rounded_off_yuan": "1"}, "rounded_off_yuan"),
        ({"seller_name": ""}, "seller_name"),
        ({"seller_phone": "call me"}, "seller_phone"),
        ({"id_number": "123", "consent": "yes"}, "id_number"),
        ({"id_number": "11010519491231002X"}, "consent"),
        ({"seller_code": "NOSUCHCARD0000"}, None),
        ({"radiation_nsv_h": "900", "background_nsv_h": "100", "device": "RM"}, "radiation_nsv_h"),
        ({"radiation_nsv_h": "90"}, "radiation_nsv_h"),
        ({"site": "NOSUCHSITE0000"}, None),
        ({"surprise": "1"}, "surprise"),
    ],
)
def test_bad_input_is_named_by_field_and_nothing_is_kept(app, hub, weigher, changes, field):
    answer = weigher.post("/gate/buy", **(ONE | changes))
    assert answer.status_code in {404, 403, 409, 413, 422}, answer.text
    if field is not None and answer.status_code == 422:
        assert f'href="#{field}' in answer.text or "summary" in answer.text
    assert rows(app, Ticket) == []


def test_a_lot_is_weighed_with_deductions_and_inspection(app, clock, hub, weigher):
    with app.extensions["remelt"].store.write() as session:
        code = registered(session, clock, hub)
    assert weigher.get(f"/gate/find?code={code[:4]}-{code[4:]}").status_code == 303
    page = weigher.get(f"/weigh?lot={code}")
    assert "1,000" in page.text
    form = {
        "lot_code": f"{code[:4]}-{code[4:8]} {code[8:]}".lower(),
        "gross_kg": "30100",
        "tare_kg": "29000",
        "kind": "receipt",
        "deductions-0-kind": "oil",
        "deductions-0-deduct": "1.5%",
        "deductions-0-accepted": "yes",
        "findings-0-item": "key.appearance",
        "findings-0-method": "visual",
        "findings-1-item": "general.recovery",
        "findings-1-method": "",
        "radiation_nsv_h": "120",
        "background_nsv_h": "100",
        "device": "RM-1",
    }
    answer = weigher.send("/weigh", **form)
    assert answer.status_code == 303, answer.text
    text = weigher.get(answer.location).text
    assert "1,100" in text
    assert "120" in text
    (line,) = rows(app, TicketLine)
    assert (line.net_g, line.deducted_g) == (1_100_000, 16_500)
    for bad in (
        {"lot_code": "AAAA"},
        {"gross_kg": "1"},
        {"kind": "theft"},
        {"deductions-0-deduct": "99999"},
        {"findings-0-item": "key.luck"},
        {"device": ""},
    ):
        assert weigher.post("/weigh", **(form | bad)).status_code == 422, bad
    assert len(rows(app, Ticket)) == 1


def test_a_held_lot_shows_and_is_released(app, clock, hub, weigher):
    with app.extensions["remelt"].store.write() as session:
        code = registered(session, clock, hub)
    form = {"lot_code": code, "gross_kg": "2000", "tare_kg": "1000", "hold": "yes", "note": "shell"}
    assert weigher.post("/weigh", **form).status_code == 303
    assert "shell" in weigher.get("/gate").text
    held = weigher.get(f"/weigh?lot={code}").text
    assert f"/weigh/{code}/release" in held
    assert weigher.send(f"/weigh/{code}/release", reason="").status_code == 422
    assert weigher.send(f"/weigh/{code}/release", reason="inert").status_code == 409
    second = signed_in(app, "second")
    second.get(f"/weigh?lot={code}")
    assert second.send(f"/weigh/{code}/release", reason="inert").status_code == 303
    assert f"/weigh/{code}/release" not in weigher.get(f"/weigh?lot={code}").text
    assert weigher.post("/gate/hold", on="/gate", plate="贵C1", note="?").status_code == 303
    assert "贵C1" in weigher.get("/gate").text
    assert weigher.get("/gate/find?code=ABCD").status_code == 422


def test_a_second_person_confirms_and_a_ticket_is_voided(app, hub, weigher):
    big = ONE | {"lines-0-gross_kg": "3000"}
    ticket = weigher.post("/gate/buy", **big).location.split("?")[0]
    assert weigher.post(f"{ticket}/confirm", on=ticket).status_code == 403
    stranger = signed_in(app, "stranger")
    assert stranger.get(ticket).status_code == 404
    second = signed_in(app, "second")
    assert second.post(f"{ticket}/confirm", on=ticket).status_code == 303
    assert second.post(f"{ticket}/void", on=ticket, reason="").status_code == 422
    answer = second.post(f"{ticket}/void", on=ticket, reason="seller left")
    assert answer.status_code == 303, answer.text
    assert "seller left" in second.get(answer.location).text
    assert "seller left" in second.get(ticket).text
    assert second.post(f"{answer.location}/void", on=ticket, reason="again").status_code == 409


CSV = (
    "单号,日期时间,货名,毛重,皮重,单价(元/kg),付款方式,客户\n"
    "1,2026-03-01 09:00,Talc,2000,1500,12.5,现金,王五\n"
)


def send_file(weigher: Browser, content: str, **form: str):
    sent = {"file": (io.BytesIO(content.encode("gb18030")), "过磅.csv"), "mass_unit": "kg"}
    return weigher.post("/tickets/import", **(sent | form))


def test_a_file_is_checked_then_taken_in(app, hub, weigher):
    answer = send_file(weigher, CSV)
    assert answer.status_code == 303, answer.text
    page = weigher.get(answer.location)
    assert "6,250.00" in page.text
    assert rows(app, Ticket) == []
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    done = weigher.send("/tickets/import/check", **asked)
    assert done.status_code == 303, done.text
    assert len(rows(app, Ticket)) == 1
    assert "王五" not in weigher.get(done.location).text
    again = weigher.get(answer.location)
    assert re.search(r"<form[^>]+tickets/import/check", again.text) is None


def test_a_bad_file_names_its_cells_and_takes_nothing_in(app, hub, weigher):
    answer = send_file(weigher, CSV.replace("2000", "2O00"))
    page = weigher.get(answer.location)
    assert "D2" in page.text
    assert re.search(r"<form[^>]+tickets/import/check", page.text) is None
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    assert weigher.post("/tickets/import/check", on="/gate", **asked).status_code == 422
    for content, form in (
        ("", {}),
        ("a,b\n", {}),
        (CSV, {"mass_unit": ""}),
        (CSV, {"paid_by": "x"}),
    ):
        assert send_file(weigher, content, **form).status_code == 422
    assert weigher.get("/tickets/import/check?file=0&name=x").status_code == 404
    assert rows(app, Ticket) == []


def test_a_gate_purchase_stands_in_the_money_page(app, hub, weigher):
    weigher.post("/gate/buy", **ONE)
    with app.extensions["remelt"].store.read() as session:
        code = session.exec(select(Settlement.code)).one()
        assert session.exec(select(func.count()).select_from(Settlement)).one() == 1
    page = weigher.get(f"/money/{code}")
    assert "6,400.00" in page.text
    stranger = signed_in(app, "stranger")
    assert stranger.get(f"/money/{code}").status_code == 404


@pytest.mark.parametrize("address", ["/tickets", "/gate", "/money", "/day-end"])
def test_a_list_asks_the_database_no_more_for_more_lines(app, hub, weigher, address):
    store = app.extensions["remelt"].store

    def statements() -> int:
        with Counting(store) as count:
            assert weigher.get(address).status_code == 200
        return count.statements

    weigher.post("/gate/buy", **ONE)
    few = statements()
    for _ in range(4):
        weigher.post("/gate/buy", **ONE)
    assert statements() == few
