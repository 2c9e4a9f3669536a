"""Money held for others through pages and API: charged, let go by one, confirmed by another."""

import re

import pytest

from remelt.platform.parties.tokens import issue_token
from remelt.web import fmt
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.deals import a_deal, index_smm
from tests.keeping import a_desk
from tests.parties import PASSWORD, a_party

SECRET = hash_password(PASSWORD)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_price_is_paid_out_by_two_people_and_every_entry_leads_to_its_contract(app, store, clock):
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub", password_hash=SECRET)
        buyer = a_party(session, clock=clock, role="smelter")
        index_smm(session, clock=clock, person_id=buyer.person.key)
        deal = a_deal(session, clock=clock, seller=seller, buyer=buyer)
        desk = a_desk(session, store=store, clock=clock)
        for person, login in ((desk.operator.person, "first"), (desk.second, "second")):
            person.sqlmodel_update({"login": login, "password_hash": SECRET})
            session.add(person)
        token = issue_token(
            session, clock=clock, actor=desk.operator.actor, name="t", days=30,
            scopes=["settlement.oversee"],
        )[1]  # fmt: skip
    for step in deal.steps():
        with store.write() as session:
            step(session)
    code = deal.contract.code
    desk.receive(code)
    first, second = signed_in(app, "first"), signed_in(app, "second")
    page = first.get("/payouts").text
    assert "¥1,567,647.52" in page
    assert "¥13,852.00" in page
    let_go = {"purpose": "price", "subject": code, "deposit": ""}
    assert first.send("/payouts", **let_go).status_code == 303
    (payout,) = re.findall(r"/payouts/(\w+)/confirm", second.get("/payouts").text)
    assert first.post(f"/payouts/{payout}/confirm", on="/payouts").status_code == 403
    assert second.post(f"/payouts/{payout}/confirm", on="/payouts").status_code == 303
    waits = first.get("/payouts").text
    assert "待转账" in waits
    assert fmt.code(payout) in waits
    held = first.get(f"/payouts/contracts/{code}").text
    assert "¥12,652.00" in held
    assert 'href="/listings/' in held
    for party in (seller, buyer):
        assert f'href="/operator/organisations/{party.organisation.code}"' in held
    entries = set(re.findall(r'href="(/books/entries/\w+)"', held))
    assert len(entries) == 3
    back = [first.get(each).text for each in entries]
    assert all(f"/payouts/contracts/{code}" in each for each in back)
    theirs = signed_in(app, "hub").get(f"/contracts/{code}/settlement").text
    assert "¥13,852.00" in theirs
    assert "/books/entries/" in theirs
    said = app.test_client().get("/api/v1/payouts", headers={"Authorization": f"Bearer {token}"})
    assert [(each["purpose"], each["amount_fen"]) for each in said.json["due"]] == [
        ("umpire", 120_000)
    ]
    assert [each["state"] for each in said.json["payouts"]] == ["confirmed"]
