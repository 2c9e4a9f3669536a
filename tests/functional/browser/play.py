"""The stage of the loop: who plays, the clock, and how a person finds their page."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from remelt import web
from remelt.platform.kernel.clock import BEIJING, SimulatedClock
from remelt.platform.logistics.fleet import add_vehicle
from remelt.platform.market.boards import set_price
from remelt.platform.parties.people import add_person, join
from remelt.web.passwords import hash_password
from remelt.web.wiring import keep_schedules
from tests.conftest import NOON
from tests.functional.browser.conftest import DESK, PHONE, Open
from tests.parties import PASSWORD, Party, a_party

HAND = PHONE
TABLE = DESK | {"locale": "zh-CN"}
KG = 1_000
with (Path(web.__path__[0]) / "translations/zh_CN/LC_MESSAGES/messages.po").open("rb") as kept:
    CHINESE = read_po(kept)
NBSP = "\N{NO-BREAK SPACE}"


@dataclass
class Play:
    """One run of the loop: the pages that are open, and what came of each step.

    works: code of the smelter's site; lot: the one that is followed; untouched: one that stays
    as it was listed; cast: what was cast of the lot.
    """

    app: Flask
    clock: SimulatedClock
    open: Open
    works: str
    pages: dict[str, Page] = field(default_factory=dict)
    lot: str = ""
    untouched: str = ""
    cast: str = ""

    def at(self, login: str, *, device: dict[str, Any] = TABLE) -> Page:
        """Return the page of a person who has just signed in; an earlier one of theirs is left."""
        if login in self.pages:
            self.pages.pop(login).context.close()
        page = self.open(device)
        page.goto("/sign-in")
        fill(page, login=login, password=PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        self.pages[login] = page
        return page

    def visit(self) -> Page:
        """Return the phone of a passer-by who is not signed in."""
        return self.open(HAND)

    def morning(self, day: int, *, hour: int = 9) -> None:
        """Wind the clock to an hour of Beijing's day `day` of the play; 0 is its first."""
        first = NOON.astimezone(BEIJING)
        self.clock.set(first.replace(hour=hour) + timedelta(days=day))

    def work(self) -> None:
        """Let the jobs that are due be done."""
        self.app.extensions["remelt"].runner.run_pending()

    @property
    def tag(self) -> str:
        """The lot's code as its tag shows it."""
        return "-".join(self.lot[at : at + 4] for at in range(0, len(self.lot), 4))


def raise_curtain(app: Flask, clock: SimulatedClock, open_page: Open) -> Play:
    """Bring the parties on stage by domain actions: places, people, a truck, a price."""
    word = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        common = {"clock": clock, "password_hash": word}
        a_party(
            session, **common, login="shou", name="花溪收购户", legal_form="natural_person",
            lat_e6=26_410_000, lon_e6=106_670_000,
        )  # fmt: skip
        hub = a_party(
            session, **common, role="hub", login="zhan", name="清镇集散中心",
            lat_e6=26_551_000, lon_e6=106_472_000, scale_division_g=20 * KG,
            second_person_above_fen=5_000_000,
        )  # fmt: skip
        smelter = a_party(
            session, **common, role="smelter", login="lian", name="播州再生铝厂",
            adcode="520304", lat_e6=27_530_000, lon_e6=106_830_000, scale_division_g=20 * KG,
        )  # fmt: skip
        a_party(session, **common, role="smelter", login="dui", name="福泉铝业")
        a_party(session, **common, role="regulator", login="guan", name="主管部门")
        _second_person(session, clock, smelter, login="cai", word=word)
        _truck_and_price(session, clock, hub)
        keep_schedules(session, clock=clock)
    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    return Play(app, clock, open_page, works=smelter.site.code)


def _second_person(
    session: Any, clock: SimulatedClock, at: Party, *, login: str, word: str
) -> None:
    person = add_person(session, clock=clock, login=login, name="财务", password_hash=word)
    join(
        session, clock=clock, person_id=person.key, organisation_id=at.organisation.key,
        role="smelter",
    )  # fmt: skip


def _truck_and_price(session: Any, clock: SimulatedClock, hub: Party) -> None:
    add_vehicle(
        session, clock=clock, organisation_id=hub.organisation.key, site_id=hub.site.key,
        plate="贵A·12345", capacity_g=8_000 * KG, emission_class="rigid_7.5_17",
        shift_from_min=420, shift_to_min=1140, fen_per_km=250, fen_per_hour=4_000,
    )  # fmt: skip
    set_price(
        session, clock=clock, site_id=hub.site.key, organisation_id=hub.organisation.key,
        person_id=hub.person.key, grade_system="CN-trade", grade_code="CN-shulv",
        price_fen_per_t=1_280_000, with_invoice=False,
    )  # fmt: skip


def zh(sentence: str, **facts: object) -> str:
    """Return how the pages say a sentence in Chinese, so that a better word breaks no step."""
    said = CHINESE[sentence].string
    assert said, f"no Chinese for {sentence}"
    return said % facts if facts else said


def fill(page: Page, /, **typed: str) -> None:
    """Fill in the fields of the page's form by their names; `__` in a keyword is a hyphen."""
    for name, text in typed.items():
        box = page.locator(f"main [name='{name.replace('__', '-')}']")
        kind = box.first.evaluate("e => e.type || e.tagName")
        if kind == "radio":
            page.locator(f"main [name='{name}'][value='{text}']").check()
        elif kind == "checkbox":
            box.check()
        elif kind.startswith("select"):
            box.select_option(text)
        else:
            box.fill(text)


def press(page: Page, word: str) -> None:
    """Press the button that says `word`, and wait for where it leads."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=word, exact=True).click()


def follow(page: Page, word: str) -> None:
    """Follow the link of the page that says `word`."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=word).first.click()


def reads(where: Page | Locator, *facts: str) -> None:
    """See that the page says each fact; figures stand with their unit, as people read them."""
    box = where.locator("main") if isinstance(where, Page) else where
    for fact in facts:
        expect(box).to_contain_text(fact)


def row(page: Page, word: str) -> list[str]:
    """Return the texts of the first table row in which `word` stands."""
    found = page.locator("main tr", has_text=word).first
    return _tidy(found.locator("th, td").all_inner_texts())


def figures(page: Page) -> list[str]:
    """Return the figures at the head of the page."""
    return _tidy(page.locator("main .stat .value").all_inner_texts())


def same(found: object, wanted: object) -> None:
    """See that two facts are the same, and say both when they are not."""
    assert found == wanted, f"the page says {found}, not {wanted}"


def _tidy(texts: list[str]) -> list[str]:
    return [text.replace(NBSP, " ").strip() for text in texts]
