"""A smelter declares a scheme, melts, claims and books; the regulator follows it to the heat."""

import pytest

from remelt.platform.works.heats import melt
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party
from tests.works import CLIPS, a_furnace, a_lot, a_sheet

SECRET = hash_password(PASSWORD)


@pytest.fixture
def store(app):
    return app.extensions["remelt"].store


@pytest.fixture
def smelter(store, clock):
    with store.write() as session:
        a_party(session, clock=clock, role="regulator", login="watch", password_hash=SECRET)
        return a_party(session, clock=clock, role="smelter", login="smelt", password_hash=SECRET)


@pytest.fixture
def hub(store, clock):
    with store.write() as session:
        return a_party(session, clock=clock, role="hub", login="hub", password_hash=SECRET)


def scheme(smelter, **changes):
    return {
        "site": smelter.site.code, "group": "铸棒", "metal": "Al", "method": "credits",
        "from_month": "2026-03", "period_months": "1", "window_months": "12",
        "factor_pct": "９０", "expiry_months": "6", "edition": "2026 v1",
    } | changes  # fmt: skip


def tapped(store, clock, smelter):
    with store.write() as session:
        furnace = a_furnace(session, clock=clock, at=smelter)
        lot = a_lot(session, clock=clock, at=smelter, spec=CLIPS)
        clock.advance(minutes=5)
        return melt(
            session, clock=clock, site_id=smelter.site.key, person_id=smelter.person.key,
            heat=a_sheet(furnace, lot),
        )  # fmt: skip


def told(browser, address):
    """The page in English, its narrow blanks made plain."""
    return " ".join(browser.get(f"{address}?lang=en").text.split())


def test_a_scheme_a_claim_and_a_certificate_at_the_page(app, store, clock, smelter, hub):
    browser = signed_in(app, "smelt")
    answer = browser.post("/claims/schemes", on="/claims", **scheme(smelter))
    assert answer.status_code == 303, answer.text
    done = tapped(store, clock, smelter)
    cast = done.casts[0]
    assert "846 kg" in told(browser, "/claims")  # 980 kg expected back, 940 kg cast, x 0.9
    heats = browser.get(
        f"/claims/heats?site={smelter.site.code}&group=铸棒&owner={smelter.organisation.code}"
        "&month_from=2026-03&month_to=2026-03"
    )
    assert done.heat.code in heats.text
    for wrong in ({"mass_kg": "900"}, {"model": "segregated"}, {"mass_kg": ""}):
        form = {"lot": cast.code, "model": "mass_balance", "mass_kg": "500"} | wrong
        assert browser.post("/claims", **form).status_code in {409, 422}
    made = browser.post("/claims", lot=cast.code, model="mass_balance", mass_kg="500")
    assert made.status_code == 303, made.text
    booked = browser.post(
        "/claims/certificates", on="/claims", account=f"{smelter.site.code}|铸棒", mass_kg="46",
        beneficiary=hub.organisation.code,
    )  # fmt: skip
    assert booked.status_code == 303, booked.text
    assert "300 kg" in told(browser, "/claims")
    watching = signed_in(app, "watch")
    assert "300 kg" in told(watching, "/regulator/claims")
    behind = watching.get(
        f"/regulator/claims/heats?site={smelter.site.code}&group=铸棒"
        f"&owner={smelter.organisation.code}&month_from=2026-03&month_to=2026-03"
    )
    assert f"/regulator/melts/{done.heat.event_hash}" in behind.text
    shares = watching.get("/regulator?lang=en")
    assert "Grade preservation" in shares.text
    assert "downgrade index 0-1 (g)" in watching.get("/regulator/shares.csv").text


def test_another_firm_s_account_is_not_shown(app, store, clock, smelter, hub):
    signed_in(app, "smelt").post("/claims/schemes", on="/claims", **scheme(smelter))
    tapped(store, clock, smelter)
    other = signed_in(app, "hub")
    assert "铸棒" not in other.get("/claims").text
    asked = (
        f"site={smelter.site.code}&group=铸棒&owner={smelter.organisation.code}"
        "&month_from=2026-03&month_to=2026-03"
    )
    assert other.get(f"/claims/heats?{asked}").status_code == 404
    assert other.get(f"/regulator/claims/heats?{asked}").status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"window_months": "13"}, 422),
        ({"factor_pct": "101"}, 422),
        ({"from_month": "2026-02"}, 409),
        ({"from_month": "March"}, 422),
        ({"period_months": "2"}, 422),
        ({"method": "both"}, 422),
        ({"site": "AAAAAAAAAAAA00"}, 404),
    ],
)
def test_a_scheme_out_of_bounds_is_refused(app, smelter, change, status):
    browser = signed_in(app, "smelt")
    answer = browser.post("/claims/schemes", on="/claims", **scheme(smelter, **change))
    assert answer.status_code == status, answer.text[:3000]
