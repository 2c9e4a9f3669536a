"""The explained settlement of the worked example: each figure's links lead to its origin."""

from urllib.parse import unquote, urljoin, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from remelt.platform.kernel.clock import SimulatedClock
from remelt.web.passwords import hash_password
from tests.deals import FRIDAY, Deal, a_deal, index_smm
from tests.integration.test_signed_terms import AFTER
from tests.market import a_picture
from tests.parties import PASSWORD, a_party

from .conftest import DESK, fits, served, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def clock() -> SimulatedClock:
    """Noon of the Friday of loading."""
    return SimulatedClock(FRIDAY)


@pytest.fixture
def settled(app, clock) -> Deal:
    """The worked example, settled in the end, each slip and certificate with its photo."""
    secret, plant = hash_password(PASSWORD), app.extensions["remelt"]
    photos = iter(range(1, 100))

    def photo() -> str:
        return str(plant.files.put(a_picture(size=(8, next(photos)))))

    with plant.store.write() as session:
        hub, smelter = (
            a_party(session, clock=clock, role=role, login=role, password_hash=secret)
            for role in ("hub", "smelter")
        )
        index_smm(session, clock=clock, person_id=hub.person.key)
        deal = a_deal(session, clock=clock, seller=hub, buyer=smelter)
        clock.set(AFTER)
        for side in ("seller", "buyer"):
            for n in (1, 2, 3):
                deal.load(session, side, n, photo_sha256=photo())
        for step in deal.steps()[6:-5]:
            step(session)
        deal.result(session, "umpire", "Fe", 2_700, report_sha256=photo())
    for step in deal.steps()[-5:]:
        with plant.store.write() as session:
            step(session)
    return deal


def test_every_link_of_every_figure_leads_to_its_origin(app, clock, settled, chromium: Browser):
    with served(app) as address:
        context = chromium.new_context(**DESK, base_url=address)
        page = context.new_page()
        sign_in(page, "smelter")
        explained = f"/contracts/{settled.contract.code}/settlement?lang=en"
        page.goto(explained)
        expect(page.locator("main")).to_contain_text("1,581,499.52")
        fits(page)
        rows = page.locator("tr[id^='l-']")
        assert rows.count() > 20
        assert all(row.locator("a").count() for row in rows.all()), "a figure without an origin"
        links = page.locator("tr[id^='l-'] a").all()
        named = dict.fromkeys(str(link.get_attribute("href")) for link in links)
        kinds = [follow(page, explained=explained, href=href) for href in named]
        context.close()
    assert kinds.count("papers") == 7, "six slips and the umpire's certificate"
    assert set(kinds) == {"figure", "papers", "result", "quote", "terms"}


def follow(page: Page, *, explained: str, href: str) -> str:
    """Click a link of the explanation and hold that what it names is there; tell what it was."""
    if urlparse(page.url).path != urlparse(explained).path:
        page.goto(explained)
    link = page.locator(f"tr[id^='l-'] a[href='{href}']").first
    target = urlparse(urljoin(page.url, href))
    place = unquote(target.fragment)
    if "/papers/" in target.path:
        with page.expect_response(lambda answer: "/papers/" in answer.url) as told:
            link.click()
        assert told.value.ok, href
        assert told.value.headers["content-type"] == "image/jpeg"
        return "papers"
    link.click()
    page.wait_for_url(lambda url: urlparse(url).fragment == target.fragment)
    assert place, f"{href} names no place"
    expect(page.locator(f"[id='{place}']"), href).to_have_count(1)
    kinds = {"l-": "figure", "a-": "result", "q-": "quote", "te": "terms"}
    return kinds[place[:2]]
