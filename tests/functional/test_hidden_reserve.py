"""What one side alone may know, planted as odd numbers and sought in all that leaves.

The hidden reserve of each kind of auction, the limit up to which the house bids for somebody, and
the floor of who bids down.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from remelt.platform.kernel import outbox
from remelt.platform.market.kinds import Sealed
from remelt.platform.market.tenders.answering import Named, bid_down
from remelt.platform.market.tenders.inviting import Terms, invite
from tests.browser import Browser, signed_in
from tests.market import AUCTION, FIXED, NOON, a_draft, publish_lot
from tests.needs import a_need
from tests.parties import some_people

RESERVE, SEALED, LIMIT, FLOOR = 1_587_391, 1_579_313, 1_531_979, 1_357_199
SECRETS = (RESERVE, SEALED, LIMIT, FLOOR)
LOT = (
    "/listings/{0}", "/listings/{0}/room", "/listings/{0}/scores", "/api/v1/listings/{0}",
    "/api/v1/listings/{0}/bids", "/api/v1/listings/{0}/line", "/api/v1/listings/{0}/scores",
    "/api/v1/listings/{0}/questions", "/api/v1/listings/{0}/board-prices",
)  # fmt: skip
NEED = (
    "/needs/{0}", "/needs/{0}/scores", "/api/v1/needs/{0}", "/api/v1/needs/{0}/tender",
    "/api/v1/needs/{0}/scores",
)  # fmt: skip
BOARDS = (
    "/market", "/bids", "/watching", "/inbox", "/sales", "/needs", "/seals", "/sales/watch",
    "/api/v1/listings", "/api/v1/needs", "/api/v1/inbox", "/api/v1/seals", "/api/v1/contracts",
)  # fmt: skip


def forms(fen: int) -> list[str]:
    """How a price may be written: in fen, in yuan, with and without its cents."""
    yuan, cents = divmod(fen, 100)
    return [str(fen), f"{fen:,}", f"{yuan}.{cents:02d}", f"{yuan:,}.{cents:02d}", f"{yuan:,}"]


def secrets(text: str) -> list[str]:
    """The planted numbers that stand in a text, in any writing."""
    every = [each for fen in SECRETS for each in forms(fen)]
    return [each for each in every if re.search(rf"(?<!\d){re.escape(each)}(?!\d)", text)]


def streamed(browser: Browser, address: str) -> str:
    """What a stream tells at once."""
    answer = browser.get(address, headers={"Last-Event-ID": "0"}, buffered=False)
    found = b""
    for chunk in answer.response:
        found += chunk
        if b"heartbeat" in found or b"over" in found:
            break
    answer.close()
    return found.decode()


@pytest.fixture
def people(store, clock):
    return some_people(
        store, clock, seller="collector", bidder="smelter", rival="smelter", official="regulator",
        operator="operator",
    )  # fmt: skip


@pytest.fixture
def lots(store, clock, people):
    """Lots on auction with a hidden reserve, in the open and under seal."""
    prices = (replace(AUCTION, reserve_fen_per_t=RESERVE),
              Sealed(start_fen_per_t=1_400_000, reserve_fen_per_t=SEALED))  # fmt: skip
    with store.write() as session:
        return [
            publish_lot(session, clock=clock, seller=people["seller"], draft=a_draft(price=price))
            for price in prices
        ]


@pytest.fixture
def need(store, clock, people):
    """A need on which the seller bids down, with a floor."""
    seller, buyer = people["seller"], people["bidder"]
    with store.write() as session:
        made = a_need(session, clock=clock, buyer=buyer)
        invite(
            session, clock=clock, need_code=made.code, buyer_id=buyer.organisation.key,
            terms=Terms(
                ceiling_fen_per_t=1_500_000, step_fen_per_t=5_000,
                closes_at=NOON + timedelta(hours=1),
            ),
        )  # fmt: skip
        draft = a_draft(price=FIXED, closes_at=NOON + timedelta(days=1))
        lot = publish_lot(session, clock=clock, seller=seller, draft=draft)
        bid_down(
            session, clock=clock, need_code=made.code, listing_code=lot.code,
            seller_id=seller.organisation.key, person_id=seller.person.key,
            named=Named(price_fen_per_t=1_440_000, floor_fen_per_t=FLOOR),
        )  # fmt: skip
    return made


def offer(browser: Browser, code: str, yuan: str, site: str, **more: str) -> str:
    answer = browser.post(
        f"/listings/{code}/bids", on=f"/listings/{code}", price_yuan_per_t=yuan,
        deliver_to_site=site, **more,
    )  # fmt: skip
    where = answer.headers.get("Location")
    return answer.text + (browser.get(where).text if where else "")


def test_planted_secrets_leave_to_nobody_but_their_owner(
    app, store, clock, people, lots, need, capfd
):
    open_, shut = (each.code for each in lots)
    bidder, rival, seller = (signed_in(app, who) for who in ("bidder", "rival", "seller"))
    sites = {who: people[who].site.code for who in ("bidder", "rival")}
    own = offer(bidder, open_, "14,500", sites["bidder"], limit_yuan_per_t="15,319.79")
    assert secrets(own), "the bidder sees its own limit"
    assert secrets(seller.get(f"/lots/{lots[0].lot_code}").text), "the seller its own reserve"
    capfd.readouterr()
    left = {"bid": offer(rival, open_, "15,000", sites["rival"])}
    left["low"] = offer(rival, open_, "14,000", sites["rival"])
    for who in ("rival", "official", "operator"):
        browser = signed_in(app, who)
        pages = [page.format(code) for page in LOT for code in (open_, shut)]
        pages += [page.format(need.code) for page in NEED]
        for address in (*pages, *BOARDS):
            left[f"{who} {address}"] = browser.get(address).text
        left[f"{who} stream"] = streamed(browser, f"/listings/{open_}/live")
    assert "event: bid" in left["rival stream"]
    clock.advance(hours=2)
    for who, code in (("rival", open_), ("bidder", shut)):
        browser = signed_in(app, who)
        left[f"{who} after"] = "".join(browser.get(page.format(code)).text for page in LOT)
    left["log"] = "".join(capfd.readouterr())
    with store.read() as session:
        left["outbox"] = "".join(str(row.body) for row in outbox.after(session, limit=1_000))
    found = {where: secrets(text) for where, text in left.items()}
    assert {where: what for where, what in found.items() if what} == {}
