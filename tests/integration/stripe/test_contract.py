"""What every Stripe says alike: the twin, localstripe from the package index, real test mode."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
import stripe

from tests.stripe_peer import Peer, live_peer, localstripe_peer, twin_peer

PEERS = {"twin": twin_peer, "localstripe": localstripe_peer, "live": live_peer}
NET = ["127.0.0.1", "localhost", "::1"]


@pytest.fixture(
    scope="module",
    params=["twin", "localstripe", pytest.param("live", marks=pytest.mark.live)],
)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    opened: AbstractContextManager[Peer] = PEERS[request.param]()
    with opened as made:
        yield made


def pay(peer: Peer, **changes) -> stripe.PaymentIntent:
    facts = {"amount": 50_000, "currency": "cny", "payment_method": "pm_card_visa", "confirm": True}
    if not peer.url.startswith("http://127"):
        facts["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    return peer.client.v1.payment_intents.create(facts | changes)


def test_a_customer_is_kept(peer):
    made = peer.client.v1.customers.create({"name": "清镇再生铝", "email": "a@example.com"})
    again = peer.client.v1.customers.retrieve(made.id)
    assert (again.name, again.email, again.object) == ("清镇再生铝", "a@example.com", "customer")


def test_metadata_comes_back(peer):
    intent = pay(peer, metadata={"request": "r-1"})
    again = peer.client.v1.payment_intents.retrieve(intent.id)
    assert again.metadata.to_dict() == {"request": "r-1"}


def test_a_card_pays_at_once(peer):
    intent = pay(peer, expand=["latest_charge"])
    assert intent.status == "succeeded"
    assert (intent.latest_charge.amount, intent.latest_charge.captured) == (50_000, True)


def test_held_money_is_captured_in_part(peer):
    intent = pay(peer, capture_method="manual")
    assert intent.status == "requires_capture"
    peer.client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 20_000})
    after = peer.client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert after.status == "succeeded"
    assert after.latest_charge.amount_refunded == 30_000, "the rest is released"


def test_held_money_is_let_go(peer):
    intent = pay(peer, capture_method="manual")
    assert peer.client.v1.payment_intents.cancel(intent.id).status == "canceled"


def test_a_part_is_handed_back(peer):
    intent = pay(peer)
    refund = peer.client.v1.refunds.create({"payment_intent": intent.id, "amount": 12_345})
    assert (refund.amount, refund.status, refund.object) == (12_345, "succeeded", "refund")
    listed = peer.client.v1.refunds.list({"payment_intent": intent.id})
    assert [each.id for each in listed.data] == [refund.id]


def test_a_taken_payment_is_not_cancelled(peer):
    intent = pay(peer)
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.payment_intents.cancel(intent.id)


def test_a_card_says_no(peer):
    facts = {"type": "card", "card": {"number": "4000000000000002", "exp_month": 12}}
    facts["card"] |= {"exp_year": 2034, "cvc": "314"}
    if "api.stripe.com" in peer.url:
        method = "pm_card_chargeDeclined"
    else:
        method = peer.client.v1.payment_methods.create(facts).id
    customer = peer.client.v1.customers.create({"name": "x"})
    with pytest.raises(stripe.CardError) as refused:
        peer.client.v1.payment_methods.attach(method, {"customer": customer.id})
    assert refused.value.code == "card_declined"


def test_what_is_not_there_is_missing(peer):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        peer.client.v1.customers.retrieve("cus_nobody")
    assert refused.value.http_status == 404


def test_events_say_what_happened(peer):
    intent = pay(peer)
    kinds = [
        (each.type, each.data.object.id)
        for each in peer.client.v1.events.list({"limit": 10}).data
        if each.type.startswith("payment_intent")
    ]
    assert ("payment_intent.succeeded", intent.id) in kinds
