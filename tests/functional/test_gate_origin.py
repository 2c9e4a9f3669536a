"""What is bought at the gate says where it comes from, on both databases."""

import re

from flask import Flask
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.yard.models import TicketLine
from remelt.traceability.models import Lot
from remelt.web.passwords import hash_password
from tests.browser import Browser, signed_in
from tests.parties import PASSWORD, a_party
from tests.yard import hang_out

TWO = {
    "seller_name": "张三",
    "mode": "platform",
    "method": "cash",
    "lines-0-grade": "ReMA Talc",
    "lines-0-gross_kg": "2000",
    "lines-0-tare_kg": "1500",
    "lines-0-origin": "post_consumer",
    "lines-0-own_lot": "yes",
    "lines-1-grade": "ReMA Talc",
    "lines-1-gross_kg": "300",
    "lines-1-tare_kg": "200",
    "lines-1-origin": "",
    "lines-1-own_lot": "yes",
    "lines-2-origin": "",
}


def weigher(app: Flask, clock: SimulatedClock) -> Browser:
    """Somebody who buys at a hub with a board price."""
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        secret = hash_password(PASSWORD)
        party = a_party(session, clock=clock, role="hub", login="weigher", password_hash=secret)
        hang_out(session, clock=clock, hub=party)
    return signed_in(app, "weigher")


def test_a_purchase_says_where_the_metal_comes_from(app, clock):
    browser = weigher(app, clock)
    page = browser.get("/gate/buy").text
    field = page[page.index('name="lines-0-origin"') :]
    field = field[: field.index("</select>")]
    assert re.findall(r'value="(\w*)"', field) == ["", "post_consumer", "pre_consumer"]
    assert "不清楚" in field
    answer = browser.post("/gate/buy", **TWO)
    assert answer.status_code == 303, answer.text
    with app.extensions["remelt"].store.read() as session:
        bought = session.exec(
            select(Lot.origin)
            .join(TicketLine, TicketLine.lot_code == Lot.code)
            .order_by(TicketLine.id)
        ).all()
    assert list(bought) == ["post_consumer", "unknown"]
    assert browser.post("/gate/buy", **(TWO | {"lines-0-origin": "primary"})).status_code == 422
