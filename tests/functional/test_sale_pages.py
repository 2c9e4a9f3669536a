"""Combined sales through their pages and their API, and their awards checked from outside."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlmodel import select

from remelt.platform.market.combined.models import CombinedSale, PackageOffer
from remelt.platform.market.combined.opening import lots_of
from remelt.platform.market.models import Contract
from remelt.platform.market.preparing.keeping import draft_by_code, keep_draft
from remelt.platform.market.preparing.said import said_of
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from remelt.web import cli
from tests.browser import signed_in
from tests.combined import a_sale, an_offer, settle, some_lots
from tests.market import FIXED, NOON, a_draft
from tests.parties import Party, some_people

LATER = NOON + timedelta(hours=2)


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    return some_people(
        store,
        clock,
        collector="collector",
        smelter="smelter",
        rival="smelter",
        official="regulator",
    )


@pytest.fixture
def lots(store, clock, people):
    with store.write() as session:
        return some_lots(session, clock=clock, seller=people["collector"])


@pytest.fixture
def sale(store, clock, people, lots) -> CombinedSale:
    with store.write() as session:
        return a_sale(session, clock=clock, seller=people["collector"], listings=lots)


def a_form(lots, **changes: str) -> dict[str, str]:
    typed = {
        "title": "三批一起",
        "open_hours": "1",
        "freight_yuan_per_tkm": "0.5",
        "co2e_kg_per_tkm": "0.08",
        "carbon_yuan_per_t": "90",
        "preserve_pct": "3",
    }
    for number, each in enumerate(lots):
        typed |= {
            f"lots-{number}-listing": each.code,
            f"lots-{number}-take": "yes",
            f"lots-{number}-reserve_yuan_per_t": "13,000",
        }
    return typed | changes


def an_offer_form(lots, prices: list[str], party: Party, **changes: str) -> dict[str, str]:
    typed = {"how": "together", "use": "wrought", "deliver_to": party.site.code}
    for number, (each, price) in enumerate(zip(lots, prices, strict=True)):
        typed |= {
            f"lines-{number}-lot": each.lot_code,
            f"lines-{number}-price_yuan_per_t": price,
        }
    return typed | changes


def token_of(store, clock, who: Party) -> dict[str, str]:
    with store.write() as session:
        _row, text = issue_token(
            session,
            clock=clock,
            actor=who.actor,
            name="test",
            scopes=tuple(name for name in PERMISSIONS if who.actor.may(name)),
            days=30,
        )
    return {"Authorization": f"Bearer {text}"}


def test_a_sale_goes_from_the_form_to_contracts_on_pages(app, store, clock, people, lots):
    seller = signed_in(app, "collector")
    assert lots[0].code in seller.get("/sales/new").text
    done = seller.post("/sales/new", **a_form(lots))
    assert done.status_code == 303
    address = done.location
    assert "三批一起" in signed_in(app, "smelter").get("/sales").text
    buyer = signed_in(app, "smelter")
    near, other = people["smelter"], people["rival"]
    wrong = buyer.post(f"{address}/offers", on=address, **an_offer_form(lots, ["", "", ""], near))
    assert wrong.status_code == 422
    far = buyer.post(
        f"{address}/offers", **an_offer_form(lots, ["15,000", "15,000", ""], people["smelter"])
    )
    assert far.status_code == 303
    rival = signed_in(app, "rival")
    assert "15,000" not in rival.get(address).text, "offers are seen by nobody else"
    assert "15,000" not in seller.get(address).text, "not even by the seller"
    assert "15,000" in buyer.get(address).text
    alone = an_offer_form(
        lots, ["14,000", "14,000", "14,000"], people["rival"], how="alone", use="cast"
    )
    assert rival.post(f"{address}/offers", on=address, **alone).status_code == 303
    with store.read() as session:
        assert len(session.exec(select(PackageOffer)).all()) == 4
    settle(store, clock, at=LATER)
    page = seller.get(address).text
    assert page.count('href="/contracts/') >= 3
    with store.read() as session:
        buyers = {x.lot_code: x.buyer_id for x in session.exec(select(Contract))}
    assert [buyers[x.lot_code] for x in lots] == [
        party.organisation.key for party in (near, near, other)
    ]
    assert "14,000" not in signed_in(app, "smelter").get(address).text.split('id="mine"')[0]


def test_drafts_and_a_listing_become_a_bundle_on_one_form(app, store, clock, people, lots):
    seller = people["collector"]
    with store.write() as session:
        drafts = [
            keep_draft(
                session, clock=clock, seller_id=seller.organisation.key,
                person_id=seller.person.key, site_id=seller.site.key,
                said=said_of(a_draft(price=FIXED, title=f"草稿{n}")),
            ).code
            for n in range(2)
        ]  # fmt: skip
    page = signed_in(app, "collector")
    told = page.get("/sales/new").text
    assert all(code in told for code in drafts)
    typed = a_form(lots[:1], whole="yes")
    for number, code in enumerate(drafts, start=1):
        typed |= {
            f"lots-{number}-draft": code,
            f"lots-{number}-take": "yes",
            f"lots-{number}-reserve_yuan_per_t": "12,500",
        }
    cheap = typed | {"lots-2-reserve_yuan_per_t": "nothing"}
    again = page.post("/sales/new", **cheap)
    assert again.status_code == 422
    assert all(f'value="{code}"' in again.text for code in drafts)
    done = page.post("/sales/new", **typed)
    assert done.status_code == 303, done.text
    with store.read() as session:
        made = session.exec(select(CombinedSale)).one()
        assert made.whole
        joined = lots_of(session, sale_id=made.key)
        assert [row.reserve_fen_per_t for row, _listing in joined] == [1_300_000, *[1_250_000] * 2]
        assert [listing.title for _row, listing in joined[1:]] == ["草稿0", "草稿1"]
        published = [
            draft_by_code(session, code=code, seller_id=seller.organisation.key).listing_id
            for code in drafts
        ]
        assert published == [listing.key for _row, listing in joined[1:]]
    told = page.get("/sales/new").text
    assert not any(code in told for code in drafts), "a draft goes into one sale"
    buyer = signed_in(app, "smelter")
    offered = [listing for _row, listing in joined]
    whole = an_offer_form(offered, ["14,000", "13,000", "12,800"], people["smelter"])
    assert buyer.post(f"{done.location}/offers", on=done.location, **whole).status_code == 303
    settle(store, clock, at=LATER)
    with store.read() as session:
        assert len(session.exec(select(Contract)).all()) == 3


def test_an_award_is_checked_by_anybody_who_took_part_and_made_again(
    app, store, clock, people, lots, sale, tmp_path, monkeypatch, capsys
):
    one, two, _three = (each.lot_code for each in lots)
    with store.write() as session:
        an_offer(
            session,
            clock=clock,
            sale=sale,
            buyer=people["smelter"],
            yuan={one: 14_000, two: 14_200},
        )
        an_offer(session, clock=clock, sale=sale, buyer=people["smelter"], yuan={one: 14_300})
    buyer, address = signed_in(app, "smelter"), f"/sales/{sale.code}/award.json"
    assert buyer.get(address).status_code == 404, "not before the award"
    settle(store, clock, at=LATER)
    assert signed_in(app, "rival").get(address).status_code == 404
    official = signed_in(app, "official")
    assert sale.code in official.get("/supervision/sales").text
    same = official.get(f"/supervision{address}")
    made = buyer.get(address)
    assert made.data == same.data
    assert people["smelter"].organisation.code not in made.text, "bidders have numbers"
    (tmp_path / "award.json").write_bytes(made.data)
    (tmp_path / "verifier.py").write_bytes(app.test_client().get("/sales/verifier.py").data)
    done = subprocess.run(
        [sys.executable, "-I", "verifier.py", "award.json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout[:6]) == (0, "valid:"), done.stderr
    monkeypatch.setenv("REMELT_HOME", str(tmp_path))
    assert cli.main(["award", str(tmp_path / "award.json"), "--again"]) == 0
    assert "the same award" in capsys.readouterr().out
    said = json.loads(made.data)
    said["sale"]["bids"][1]["price_fen"] += 10**7
    for bent in (said, {"format": "remelt/award@1"}, [], {**said, "format": "x"}):
        (tmp_path / "bent.json").write_text(json.dumps(bent))
        assert cli.main(["award", str(tmp_path / "bent.json")]) == 1
        assert "NOT VALID" in capsys.readouterr().err


def test_a_program_sells_and_offers_as_the_pages_do(app, store, clock, people, lots):
    client = app.test_client()
    seller, buyer = (token_of(store, clock, people[x]) for x in ("collector", "smelter"))
    body = {
        "closes_at": (NOON + timedelta(hours=2)).isoformat(),
        "lots": [{"listing": x.code, "reserve_fen_per_t": 1_300_000} for x in lots],
    }
    key = {"Idempotency-Key": "one"}
    made = client.post("/api/v1/sales", json=body, headers=seller | key)
    assert made.status_code == 201
    assert client.post("/api/v1/sales", json=body, headers=seller | key).json == made.json
    address = f"/api/v1/sales/{made.json['code']}"
    offer = {
        "lines": [{"lot": x.lot_code, "price_fen_per_t": 1_400_000} for x in lots],
        "deliver_to": people["smelter"].site.code,
        "use": "cast",
    }
    for wrong in ({"use": "gold"}, {"lines": []}, {"capacity_g": 0}, {"mark": "a b"}, {"x": 1}):
        assert (
            client.post(f"{address}/offers", json=offer | wrong, headers=buyer).status_code == 422
        )
    assert client.post(f"{address}/offers", json=offer, headers=seller).status_code == 403
    told = client.post(f"{address}/offers", json=offer, headers=buyer)
    assert (told.status_code, [x["seq"] for x in told.json["offers"]]) == (201, [1])
    assert client.get(address, headers=seller).json["offers"] == []
    assert client.post(f"{address}/withdraw", headers=seller).status_code == 403
    settle(store, clock, at=LATER)
    shown = client.get(address, headers=buyer).json
    assert shown["state"] == "decided"
    assert [x["price_fen_per_t"] for x in shown["lots"]] == [1_400_000] * 3
    assert [x["won"] for x in shown["offers"]] == [True]
    award = client.get(f"{address}/award", headers=seller).json
    assert award["certificate"]["winners"] == ["O1"]
    late = client.post(f"{address}/offers", json=offer, headers=buyer)
    assert (late.status_code, late.json["code"]) == (409, "sale-over")


def test_offers_and_a_sale_without_offers_are_taken_back_on_pages(
    app, store, clock, people, lots, sale
):
    buyer, seller = signed_in(app, "smelter"), signed_in(app, "collector")
    address = f"/sales/{sale.code}"
    form = an_offer_form(lots, ["14,000", "", ""], people["smelter"], mark="a", capacity_t="2.5")
    assert buyer.post(f"{address}/offers", on=address, **form).status_code == 303
    assert "2.5" in buyer.get(address).text
    assert seller.post(f"{address}/withdraw", on=address).status_code == 403
    assert buyer.post(f"{address}/offers/1/take-back", on=address).status_code == 303
    with store.read() as session:
        assert session.exec(select(PackageOffer)).one().taken_back_at is not None
    with store.write() as session:
        more = some_lots(session, clock=clock, seller=people["collector"], count=2)
        empty = a_sale(session, clock=clock, seller=people["collector"], listings=more)
    assert (
        seller.post(f"/sales/{empty.code}/withdraw", on=f"/sales/{empty.code}").status_code == 303
    )
    assert (
        "已撤回" in seller.get(f"/sales/{empty.code}").text
        or "撤回" in seller.get(f"/sales/{empty.code}").text
    )
