"""What a correction changed stands on the pages: the day, why, the old figure beside the new."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.traceability import ledger, queries
from remelt.traceability.corrections.shown import laid, revisions
from remelt.traceability.ledger import EnergyLine
from remelt.traceability.models import EventLot, LedgerEvent
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.integration.ledger_world import GRID
from tests.loop import Loop, a_loop, ref
from tests.parties import PASSWORD, a_party

SLIP = "our scale slipped"


@pytest.fixture
def loop(app: Flask, clock) -> Loop:
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        a_party(
            session,
            clock=clock,
            role="regulator",
            login="regulator",
            password_hash=hash_password(PASSWORD),
        )
        return a_loop(session, clock=clock)


@pytest.fixture
def corrected(app: Flask, clock, loop: Loop) -> Loop:
    """The loop, whose cans were weighed at half a tonne too much."""
    with app.extensions["remelt"].store.write() as session:
        statement = (
            select(LedgerEvent)
            .join(EventLot)
            .where(
                EventLot.lot_id == loop.cans.key, col(LedgerEvent.kind).in_(("weigh", "bring_in"))
            )
        )
        wrong = session.exec(statement.order_by(col(LedgerEvent.seq))).first()
        done = ledger.correct(
            session, clock=clock, event_hash=wrong.hash, mass_g=3_900_000, reason=SLIP,
            site=ref(loop.collector.site), actor="person:WHO",
        )  # fmt: skip
        assert loop.cast.code in done.affected
    return loop


@pytest.fixture
def closed(app: Flask, clock, loop: Loop) -> Loop:
    """The loop, whose heat got the energy of the closed month."""
    with app.extensions["remelt"].store.write() as session:
        name = loop.melt.event.hash
        line = EnergyLine(carrier="power", quantity=0, unit="kWh", factor=GRID)
        ledger.true_up_energy(
            session, clock=clock, month="2026-03", heats={name: [900_000]}, lines=[line],
            site=ref(loop.smelter.site), actor="person:WHO",
        )  # fmt: skip
    return loop


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def revision_of(client: FlaskClient, code: str, lang: str) -> str:
    page = client.get(f"/l/{code}?lang={lang}").text
    found = re.search(r'<section[^>]*id="revisions">(.*?)</section>', page, re.DOTALL)
    assert found, "no revision is shown"
    return text_of(found.group(1))


def test_a_passport_says_when_and_why_and_both_figures(
    app: Flask, client: FlaskClient, corrected: Loop
):
    said = revision_of(client, corrected.cast.code, "en")
    assert "a weighing was corrected" in said
    assert SLIP not in client.get(f"/l/{corrected.cast.code}").text
    with app.extensions["remelt"].store.read() as session:
        (one,) = revisions(session, queries.lot(session, code=corrected.cast.code))
    assert one.mark.day in said
    assert one.alone
    assert one.before != one.after
    for state in (one.before, one.after):
        assert f"{state.mass_g // 1000:,} kg" in said
    assert "更正" in revision_of(client, corrected.cast.code, "zh")


def test_the_regulator_sees_which_rows_were_said_anew(app: Flask, corrected: Loop):
    official = signed_in(app, "regulator")
    rows = official.get("/regulator?lang=en").text
    assert text_of(rows).count("a weighing was corrected") == 3  # month, prefecture, smelter
    heats = text_of(official.get("/regulator/melts?by=metal&metal=Al&lang=en").text)
    assert re.search(r"said anew \d{4}-\d\d-\d\d: a weighing was corrected", heats)


def test_what_nothing_changed_has_no_mark(app: Flask, client: FlaskClient, loop: Loop):
    assert 'id="revisions"' not in client.get(f"/l/{loop.cast.code}").text
    official = signed_in(app, "regulator")
    for path in ("/regulator", "/regulator/melts?by=metal&metal=Al"):
        assert "↻" not in official.get(path).text


def test_a_heat_of_a_closed_month_shows_what_was_laid_on_it(
    app: Flask, client: FlaskClient, closed: Loop
):
    assert "metered energy" in revision_of(client, closed.cast.code, "en")
    official = signed_in(app, "regulator")
    page = text_of(official.get(f"/regulator/melts/{closed.melt.event.hash}?lang=en").text)
    assert "900 kWh" in page
    with app.extensions["remelt"].store.read() as session:
        assert laid(session, [closed.melt.event.hash, "0" * 64]) == {closed.melt.event.hash}
