"""The Stripe rail against the twin, over HTTP: each amount moves once, whatever happens."""

from collections.abc import Iterator

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.rails import provider_errors as errors
from remelt.platform.settlement.rails.provider_news import retry_dead
from remelt.platform.settlement.rails.stripe_client import STRIPE_VERSION
from remelt.platform.settlement.rails.stripe_hooks import read_news
from tests.provider import Desk, a_desk
from tools.stripe_twin.delivery import sign
from tools.stripe_twin.schemas import subset

DAY_S = 86_400


@pytest.fixture
def desk(store: Store, clock: SimulatedClock) -> Iterator[Desk]:
    with a_desk(store, clock) as made:
        yield made
        assert made.peer.twin.tally.violations == []


def test_the_edition_is_that_of_the_subset():
    assert subset().version == STRIPE_VERSION


def test_a_contract_is_paid_and_its_seller_too(desk):
    paid = desk.do("collect", 100_000)
    assert (paid.state, paid.rail_ref[:3]) == ("done", "pi_")
    sent = desk.do("pay-out", 90_000, earlier=paid.rail_ref, party=desk.seller())
    assert sent.state == "done"
    assert desk.money("stripe_balance") == 100_000 - 3_450 - 90_000
    assert desk.money("charges") == 3_450
    assert desk.money("escrow", "C1") == -10_000
    desk.pump()
    desk.work()
    assert {each.state for each in desk.events()} == {"applied", "ignored"}
    assert desk.compare_day() == {"movements": 2, "caught_up": 0, "differences": 0}


def test_a_deposit_is_held_and_captured_in_part(desk):
    held = desk.do("hold", 50_000)
    assert (held.state, desk.money("stripe_balance")) == ("held", 0)
    with pytest.raises(errors.CapturesTooMuch):
        desk.order("capture", 50_001, earlier=held.rail_ref)
    taken = desk.do("capture", 20_000, earlier=held.rail_ref)
    assert (taken.state, desk.money("escrow")) == ("done", -20_000)
    with pytest.raises(errors.CapturesTooMuch):
        desk.order("capture", 1, earlier=held.rail_ref)


def test_a_deposit_is_released(desk):
    held = desk.do("hold", 50_000)
    assert desk.do("release", 50_000, earlier=held.rail_ref).state == "done"
    assert desk.money("stripe_balance") == 0


def test_a_card_that_says_no_moves_nothing(desk):
    said = desk.do("collect", 10_000, party="pm_card_chargeDeclined")
    assert (said.state, said.reason) == ("refused", "generic_decline")
    again = desk.do("collect", 10_000)
    assert (again.seq, again.state, desk.money("escrow")) == (2, "done", -10_000)


def test_a_card_is_given_on_the_page_of_the_provider(desk):
    asked = desk.do("collect", 30_000, party="")
    assert (asked.state, asked.rail_ref[:3]) == ("waiting", "cs_")
    assert asked.tell["url"] == f"{desk.peer.url}/pay/{asked.rail_ref}"
    desk.peer.knob("pay", session=asked.rail_ref, choice="refuse")
    desk.pump()
    desk.work()
    assert desk.row(asked.order_key).state == "waiting", "another card may be tried there"
    desk.peer.knob("pay", session=asked.rail_ref)
    desk.pump()
    desk.work()
    paid = desk.row(asked.order_key)
    assert (paid.state, paid.rail_ref[:3], desk.money("escrow")) == ("done", "pi_", -30_000)
    assert desk.compare_day()["differences"] == 0


def test_a_page_that_its_payer_leaves_alone_lapses(desk):
    asked = desk.do("collect", 30_000, party="")
    desk.peer.knob("clock", seconds=DAY_S)
    desk.pump()
    desk.work()
    left = desk.row(asked.order_key)
    assert (left.state, left.reason, desk.money("escrow")) == ("cancelled", "not-paid-in-time", 0)
    assert desk.do("collect", 30_000, party="").seq == 2


def test_a_page_that_no_answer_told_of_is_found(desk):
    desk.peer.fault("500_after", on="POST /v1/checkout")
    asked = desk.do("hold", 30_000, party="")
    assert (asked.state, asked.rail_ref[:3]) == ("waiting", "cs_")
    desk.peer.knob("pay", session=asked.rail_ref)
    assert desk.compare_day()["differences"] == 0
    assert desk.row(asked.order_key).state == "held", "the day looks again at what waits"
    assert len(desk.peer.client.v1.checkout.sessions.list().data) == 1


@pytest.mark.parametrize("method", ["alipay", "wechat_pay"])
def test_a_wallet_pays_on_its_own_page(desk, method):
    asked = desk.do("collect", 30_000, method=method, party="")
    assert asked.state == "waiting"
    assert asked.tell["url"] == f"{desk.peer.url}/pay/{asked.rail_ref}"
    desk.peer.knob("pay", payment_intent=asked.rail_ref)
    desk.pump()
    desk.work()
    assert desk.row(asked.order_key).state == "done"
    assert desk.money("escrow") == -30_000
    back = desk.do("refund", 10_000, earlier=asked.rail_ref)
    assert back.state == "waiting", "a wallet's refund takes days"
    desk.peer.knob("clock", seconds=DAY_S)
    desk.pump()
    desk.work()
    assert desk.row(back.order_key).state == "done"
    assert desk.money("escrow") == -20_000


def test_a_wallet_that_refuses_a_refund_leaves_the_money_here(desk):
    asked = desk.do("collect", 30_000, method="alipay", party="")
    desk.peer.knob("pay", payment_intent=asked.rail_ref)
    desk.pump()
    desk.work()
    back = desk.do("refund", 10_000, earlier=asked.rail_ref)
    desk.peer.knob("fail_refund", refund=back.rail_ref)
    desk.pump()
    desk.work()
    assert desk.row(back.order_key).state == "refused"
    assert desk.money("escrow") == -30_000
    assert desk.compare_day()["differences"] == 0


def test_wallets_hold_no_deposits_and_eight_digits_are_the_most(desk):
    with pytest.raises(errors.RailCannot):
        desk.order("hold", 1_000, method="alipay")
    with pytest.raises(errors.TooLargeForRail) as refused:
        desk.order("collect", 100_000_000)
    assert refused.value.facts["remedy"] == "bank"
    assert desk.do("collect", 99_999_999).state == "done"


def test_another_currency_than_the_payment_is_refused(desk):
    paid = desk.do("collect", 10_000)
    with pytest.raises(errors.CurrencyMismatch):
        desk.order("refund", 10_000, earlier=paid.rail_ref, currency="USD")
    with pytest.raises(errors.CurrencyMismatch):
        desk.order("pay-out", 10_000, earlier=paid.rail_ref, currency="USD", party="acct_x")


def test_no_more_is_refunded_than_was_captured(desk):
    held = desk.do("hold", 50_000)
    desk.do("capture", 20_000, earlier=held.rail_ref)
    with pytest.raises(errors.RefundsTooMuch) as refused:
        desk.order("refund", 20_001, earlier=held.rail_ref)
    assert refused.value.facts["left_minor"] == 20_000
    desk.do("refund", 15_000, earlier=held.rail_ref)
    with pytest.raises(errors.RefundsTooMuch):
        desk.order("refund", 5_001, earlier=held.rail_ref)


def test_two_orders_stored_before_either_is_sent_do_not_refund_twice(desk):
    paid = desk.do("collect", 10_000)
    desk.order("refund", 6_000, earlier=paid.rail_ref)
    with pytest.raises(errors.RefundsTooMuch):
        desk.order("refund", 6_000, earlier=paid.rail_ref)


def test_a_paid_seller_gives_back_before_the_buyer_gets_back(desk):
    paid = desk.do("collect", 100_000)
    sent = desk.do("pay-out", 90_000, earlier=paid.rail_ref, party=desk.seller())
    with pytest.raises(errors.SellerPaidAlready):
        desk.order("refund", 50_000, earlier=paid.rail_ref)
    back = desk.order("take-back", 60_000, earlier=sent.rail_ref)
    refund = desk.order("refund", 50_000, earlier=paid.rail_ref, after_key=back)
    desk.work(rounds=2)
    assert (desk.row(back).state, desk.row(refund).state) == ("done", "done")
    assert desk.money("escrow") == -100_000 + 90_000 - 60_000 + 50_000
    assert desk.compare_day()["differences"] == 0


def test_no_more_is_paid_out_than_came_in(desk):
    paid = desk.do("collect", 100_000)
    with pytest.raises(errors.PaysOutTooMuch):
        desk.order("pay-out", 100_001, earlier=paid.rail_ref, party="acct_x")


def test_a_dispute_after_the_payout_freezes_the_contract_until_it_is_decided(desk):
    paid = desk.do("collect", 100_000)
    seller = desk.seller()
    desk.do("pay-out", 90_000, earlier=paid.rail_ref, party=seller)
    desk.peer.knob("clock", seconds=3 * DAY_S)
    desk.peer.client.v1.payouts.create(
        {"amount": 90_000, "currency": "cny"}, {"stripe_account": seller}
    )
    charge = desk.peer.client.v1.payment_intents.retrieve(paid.rail_ref).latest_charge
    dispute = desk.peer.knob("dispute", charge=charge)
    desk.pump()
    desk.work()
    assert desk.money("receivable", "C1") == 100_000
    with pytest.raises(errors.SubjectFrozen):
        desk.order("pay-out", 1_000, earlier=paid.rail_ref, party=seller)
    with pytest.raises(errors.SubjectFrozen):
        desk.order("refund", 1_000, earlier=paid.rail_ref)
    assert desk.money("stripe_balance") < 0, "the provider's balance may go below zero"
    desk.peer.client.v1.disputes.update(
        dispute["id"], {"evidence": {"uncategorized_text": "winning_evidence"}}
    )
    desk.pump()
    desk.work()
    assert desk.money("receivable", "C1") == 0
    assert desk.order("refund", 1_000, earlier=paid.rail_ref)
    assert desk.compare_day()["differences"] == 0


def test_the_notice_comes_before_the_answer(desk):
    key = desk.order("collect", 10_000)
    desk.peer.fault("drop_after", on="POST /v1/payment_intents")
    desk.peer.fault("drop_before", on="POST /v1/payment_intents")
    desk.peer.fault("503", on="GET /v1/payment_intents")
    desk.runner.run_pending()
    assert desk.row(key).state == "stored", "nobody knows yet"
    desk.pump()
    desk.work()
    assert (desk.row(key).state, desk.money("escrow")) == ("done", -10_000)
    desk.work(rounds=3)
    assert desk.money("escrow") == -10_000
    assert len(desk.peer.client.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize("kind", ["500_before", "500_after"])
def test_an_error_that_is_kept_under_the_key_is_looked_behind(desk, kind):
    key = desk.order("collect", 10_000)
    desk.peer.fault(kind, on="POST /v1/payment_intents")
    desk.work()
    assert (desk.row(key).state == "done") == (kind == "500_after"), "found by its metadata"
    desk.peer.knob("clock", seconds=DAY_S + 1)
    desk.clock.advance(seconds=DAY_S + 1)
    desk.work(rounds=2)
    assert desk.row(key).state == "done"
    assert desk.money("escrow") == -10_000
    assert len(desk.peer.client.v1.payment_intents.list().data) == 1


def test_a_handler_that_crashes_after_it_noted_the_notice_leaves_nothing(desk, monkeypatch):
    asked = desk.do("collect", 30_000, method="alipay", party="")
    desk.peer.knob("pay", payment_intent=asked.rail_ref)
    desk.pump()
    module = "remelt.platform.settlement.rails.provider_news"
    settle = f"{module}._settle"
    kept = __import__(module, fromlist=["x"])._settle

    def crash(*said, **more):
        kept(*said, **more)
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as broken:
        broken.setattr(settle, crash)
        desk.work()
    assert {each.state for each in desk.events()} == {"received"}
    assert desk.money("escrow") == 0, "state and money are taken back together"
    desk.work(rounds=3)
    assert "applied" in {each.state for each in desk.events()}
    assert desk.money("escrow") == -30_000


def test_the_same_notice_twice_is_one(desk):
    desk.peer.knob("faults", events=["duplicate"] * 6)
    desk.do("collect", 10_000)
    desk.pump()
    desk.work()
    assert len({each.event_id for each in desk.events()}) == len(desk.events())
    assert desk.money("escrow") == -10_000


@pytest.mark.parametrize("fault", ["stale", "wrong_secret"])
def test_what_is_not_signed_or_is_old_is_not_taken(desk, fault):
    desk.do("collect", 10_000)
    body = b'{"id": "evt_1", "object": "event", "type": "x", "data": {"object": {"id": "pi_1"}}}'
    with pytest.raises(errors.BadSignature):
        desk.hear(body, sign(body, desk.secrets[0], fault=fault))
    assert desk.hear(body, sign(body, desk.secrets[0]))
    assert not desk.hear(body, sign(body, desk.secrets[0]))


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (b"\xff\xfe", "t=1,v1=00"),
        (b"{}", ""),
        (b"{}", "t=abc,v1=00"),
        (b"{}", "v1=00"),
        (b"[1]", None),
        (b"{}", None),
        (b"null", None),
    ],
)
def test_a_body_that_is_no_notice_is_refused(body, signature):
    said = sign(body, "whsec_a") if signature is None else signature
    with pytest.raises(errors.BadSignature):
        read_news(body, said, secrets=("whsec_a",))


def test_two_secrets_are_taken_while_one_changes():
    body = b'{"id": "evt_1", "object": "event", "type": "x", "data": {"object": {"id": "pi_1"}}}'
    for secret in ("whsec_old", "whsec_new"):
        news = read_news(body, sign(body, secret), secrets=("whsec_new", "whsec_old"))
        assert news.object_id == "pi_1"
    with pytest.raises(errors.BadSignature):
        read_news(body, sign(body, "whsec_old"), secrets=("whsec_new",))


def test_news_that_cannot_be_looked_into_is_dead_and_tried_again_by_hand(desk):
    asked = desk.do("collect", 30_000, method="alipay", party="")
    desk.peer.knob("pay", payment_intent=asked.rail_ref)
    desk.pump()
    for _ in range(200):
        desk.peer.fault("503", on="GET /v1/payment_intents")
    desk.work(rounds=10)
    dead = [each for each in desk.events() if each.state == "dead"]
    assert dead
    assert dead[0].reason == "no answer"
    desk.peer.knob("faults", clear=True)
    with desk.store.write() as session:
        for each in dead:
            retry_dead(session, clock=desk.clock, provider="stripe", event_id=each.event_id)
    desk.work()
    assert not [each for each in desk.events() if each.state == "dead"]
    assert desk.money("escrow") == -30_000
    with desk.store.write() as session, pytest.raises(errors.EventNotDead):
        retry_dead(session, clock=desk.clock, provider="stripe", event_id=dead[0].event_id)


def test_the_day_finds_what_no_notice_told(desk):
    desk.peer.knob("faults", events=["lose"] * 20)
    asked = desk.do("collect", 30_000, method="alipay", party="")
    desk.peer.knob("pay", payment_intent=asked.rail_ref)
    assert desk.money("escrow") == 0
    assert desk.compare_day() == {"movements": 1, "caught_up": 1, "differences": 0}
    assert desk.money("escrow") == -30_000


def test_money_that_is_not_ours_is_shown_until_it_is_explained(desk):
    desk.peer.client.v1.payment_intents.create(
        {"amount": 7_000, "currency": "cny", "payment_method": "pm_card_visa", "confirm": True}
    )
    assert desk.compare_day()["differences"] == 2
    kinds = {each.kind: each for each in desk.differences()}
    assert kinds["unknown-movement"].theirs_minor == 7_000 - 288
    assert kinds["balance-differs"].ours_minor == 0
    assert desk.compare_day()["differences"] == 2
    assert len(desk.differences()) == 2


def test_an_unknown_seller_is_refused_by_the_provider(desk):
    paid = desk.do("collect", 10_000)
    said = desk.do("pay-out", 5_000, earlier=paid.rail_ref, party="acct_nobody")
    assert (said.state, said.reason) == ("refused", "resource_missing")
    assert desk.rail.can("collect", money=_money(10), method="card") == ""
    assert desk.rail.can("collect", money=_money(10**8), method="card") == "too-large-for-rail"
    account = desk.rail.open_account(country="SG", email="a@example.com", key="k")
    seen = desk.rail.look(kind="account.updated", object_id=account).accounts
    assert [(each.account_ref, each.transfers) for each in seen] == [(account, "inactive")]
    assert account in desk.rail.account_page(account)[0]


def _money(amount: int):
    return __import__("remelt.platform.settlement.rails.protocol", fromlist=["x"]).Money(amount)
