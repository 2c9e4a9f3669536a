"""The twin: schemas in and out, keys, faults, signed letters, disputes, scoping, its clock."""

import json
import threading
from collections.abc import Iterator

import pytest
import stripe

from remelt.platform.kernel.codes import new_code
from tests.shared import needs, shared
from tests.stripe_peer import KEY, Peer, client_of, closing, twin_peer
from tools.stripe_twin.delivery import sign
from tools.stripe_twin.schemas import FIXTURES, SUBSET, subset
from tools.stripe_twin.server import serving
from tools.stripe_twin.shapes import shape

ALIPAY = {
    "payment_method_types": ["alipay"], "payment_method_data": {"type": "alipay"},
    "return_url": "https://remelt.example/paid", "payment_method": None,
}  # fmt: skip
# fixtures of 2026 that say what the edition of 2023 has no word for: README.md lists why
OTHER_WORDS = {
    "account": ["settings"],
    "customer": ["discount"],
    "funding_instructions": ["bank_transfer"],
}


@pytest.fixture
def peer() -> Iterator[Peer]:
    with twin_peer() as made:
        yield made
        assert made.twin.tally.violations == []


def pay(peer: Peer, *, key: str | None = None, **changes) -> stripe.PaymentIntent:
    facts = {"amount": 50_000, "currency": "cny", "payment_method": "pm_card_visa", "confirm": True}
    said = {name: value for name, value in (facts | changes).items() if value is not None}
    return peer.client.v1.payment_intents.create(said, {"idempotency_key": key or new_code()})


def seller(peer: Peer) -> str:
    account = peer.client.v1.accounts.create(
        {"type": "express", "country": "SG", "capabilities": {"transfers": {"requested": True}}}
    )
    peer.knob("furnish", account=account.id)
    return account.id


def count(peer: Peer) -> int:
    return len(peer.client.v1.payment_intents.list({"limit": 100}).data)


@needs("stripe")
def test_the_subset_and_the_fixtures_are_those_that_were_given():
    folder = shared("stripe")
    for mine in (SUBSET, FIXTURES):
        assert json.loads(mine.read_text()) == json.loads((folder / mine.name).read_text())


@pytest.mark.parametrize("name", sorted(json.loads(FIXTURES.read_text())))
def test_a_fixture_of_a_later_edition_parses(name):
    fixture = json.loads(FIXTURES.read_text())[name]
    parsed = shape(name, fixture)
    unfit = [each.split(".")[0].split(":")[0] for each in subset().check(name, parsed)]
    assert sorted(set(unfit)) == OTHER_WORDS.get(name, [])
    assert parsed.get("id") == fixture.get("id")


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/v1/payment_intents", "amount=100&currency=cny&colour=red", "colour"),
        ("/v1/payment_intents", "amount=ten&currency=cny", "amount"),
        ("/v1/payment_intents", "currency=cny", "amount"),
        ("/v1/transfers", "amount=1&currency=cny&destination=a&source[x]=1", "source"),
        ("/v1/refunds", "reason=because", "reason"),
        ("/v1/payment_intents", "a[[=1", "Invalid parameter name"),
        ("/v1/payment_intents", "metadata=1&metadata[x]=2", "said both"),
    ],
)
def test_what_the_schema_does_not_know_is_refused_and_counted(path, body, says):
    with twin_peer() as peer:
        status, said = peer.ask("POST", path, body)
        assert status == 400
        assert says in said["error"]["message"]
        state = peer.knob("state")
        assert state["counts"]["bad_answers"] == 0
        if "[[" not in body and "said" not in says:
            assert [each["kind"] for each in state["violations"]] == ["bad_requests"]


def test_another_edition_or_a_live_key_is_refused(peer):
    other = stripe.StripeClient(
        KEY, stripe_version="2026-08-27", base_addresses={"api": peer.url}, max_network_retries=0
    )
    with pytest.raises(stripe.InvalidRequestError):
        other.v1.balance.retrieve()
    closing(other)
    live = stripe.StripeClient(
        "sk_live_x", stripe_version=subset().version, base_addresses={"api": peer.url}
    )
    with pytest.raises(stripe.AuthenticationError):
        live.v1.balance.retrieve()
    closing(live)


def test_the_same_key_gives_the_same_answer(peer):
    first = pay(peer, key="k")
    assert pay(peer, key="k").id == first.id
    with pytest.raises(stripe.IdempotencyError):
        pay(peer, key="k", amount=50_001)
    assert count(peer) == 1
    peer.knob("clock", seconds=86_401)
    assert pay(peer, key="k").id != first.id, "a key is forgotten after a day"


def test_of_two_at_once_under_one_key_one_is_done(peer):
    answers: list[object] = []
    others = [client_of(peer.url) for _ in range(2)]
    held = peer.twin.world.lock
    held.acquire()
    threads = [
        threading.Thread(target=lambda each=each: answers.append(_alone(each, peer, "together")))
        for each in others
    ]
    for thread in threads:
        thread.start()
    threads[0].join(0.5)
    held.release()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["409", "succeeded"]
    assert count(peer) == 1


def _alone(client, peer: Peer, key: str) -> object:
    said = _tried(Peer(peer.url, client), key)
    closing(client)
    return said


def _tried(peer: Peer, key: str) -> object:
    try:
        return pay(peer, key=key).status
    except stripe.StripeError as refused:
        return refused.http_status


@pytest.mark.parametrize(
    ("kind", "done", "again"),
    [
        ("drop_before", 0, "succeeded"),
        ("drop_after", 1, "succeeded"),
        ("429", 0, "succeeded"),
        ("409", 0, "succeeded"),
        ("503", 0, "succeeded"),
        ("500_before", 0, 500),
        ("500_after", 1, 500),
        ("delay", 1, "succeeded"),
    ],
)
def test_each_fault_leaves_what_it_says(peer, kind, done, again):
    peer.fault(kind, on="POST /v1/payment_intents", seconds=0.01)
    tried = _tried(peer, "k")
    assert (tried == "succeeded") == (kind == "delay")
    assert count(peer) == done
    assert _tried(peer, "k") == again, "an answer given under a key is kept, an error too"
    assert count(peer) == (1 if again == "succeeded" else done)


def test_a_fault_can_ride_on_a_request(peer):
    assert peer.ask("GET", "/v1/balance", X_Twin_Fault="429")[0] == 429


def test_a_wallet_pays_on_its_own_page_and_is_refunded_later(peer):
    intent = pay(peer, **ALIPAY)
    assert intent.next_action.alipay_handle_redirect.url == f"{peer.url}/pay/{intent.id}"
    peer.knob("pay", payment_intent=intent.id)
    refund = peer.client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"
    peer.knob("clock", seconds=86_400)
    assert peer.client.v1.refunds.retrieve(refund.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        pay(peer, capture_method="manual", **ALIPAY)


def test_a_wallet_takes_no_refund_after_its_days(peer):
    intent = pay(peer, **ALIPAY)
    peer.knob("pay", payment_intent=intent.id)
    peer.knob("clock", seconds=91 * 86_400)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        peer.client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_expired_for_refund"


def test_cash_sent_ahead_pays(peer):
    customer = peer.client.v1.customers.create({"name": "外商"})
    bank = {
        "payment_method": None, "customer": customer.id, "currency": "eur",
        "payment_method_types": ["customer_balance"],
        "payment_method_data": {"type": "customer_balance"},
    }  # fmt: skip
    intent = pay(peer, **bank)
    assert intent.next_action.display_bank_transfer_instructions.amount_remaining == 50_000
    told = {"funding_type": "bank_transfer", "currency": "eur"}
    told["bank_transfer"] = {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "IE"}}
    said = peer.client.v1.customers.funding_instructions.create(customer.id, told)
    assert said.bank_transfer.financial_addresses[0].type == "iban"
    peer.knob("fund", customer=customer.id, currency="eur", amount=60_000)
    assert peer.client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    left = peer.client.v1.customers.cash_balance.retrieve(customer.id)
    assert left.available.to_dict() == {"eur": 10_000}


def test_more_than_was_taken_is_not_handed_back(peer):
    intent = pay(peer)
    peer.client.v1.refunds.create({"payment_intent": intent.id, "amount": 20_000})
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.refunds.create({"payment_intent": intent.id, "amount": 40_000})


def test_transfers_never_pass_their_charge_and_come_back_while_they_can(peer):
    there, intent = seller(peer), pay(peer)
    facts = {"currency": "cny", "destination": there, "source_transaction": intent.latest_charge}
    sent = peer.client.v1.transfers.create(facts | {"amount": 45_000})
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.transfers.create(facts | {"amount": 5_001})
    peer.client.v1.transfers.reversals.create(sent.id, {"amount": 5_000})
    here = peer.client.v1.balance.retrieve({}, {"stripe_account": there})
    assert [each.amount for each in here.pending] == [40_000]
    peer.knob("clock", seconds=3 * 86_400)
    peer.client.v1.payouts.create({"amount": 40_000, "currency": "cny"}, {"stripe_account": there})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        peer.client.v1.transfers.reversals.create(sent.id)
    assert refused.value.code == "balance_insufficient"


def test_an_account_sees_its_own_only(peer):
    there, intent = seller(peer), pay(peer)
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.payment_intents.retrieve(intent.id, {}, {"stripe_account": there})
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.accounts.create({"type": "express", "country": "CN"})


def test_an_unfurnished_account_gets_nothing(peer):
    account = peer.client.v1.accounts.create(
        {"type": "express", "capabilities": {"transfers": {"requested": True}}}
    )
    link = peer.client.v1.account_links.create(
        {"account": account.id, "type": "account_onboarding",
         "return_url": "https://a.example", "refresh_url": "https://a.example"}
    )  # fmt: skip
    assert account.id in link.url
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.transfers.create(
            {"amount": 1, "currency": "cny", "destination": account.id,
             "source_transaction": pay(peer).latest_charge}
        )  # fmt: skip


@pytest.mark.parametrize(
    ("says", "status", "moves"), [("winning", "won", 2), ("losing", "lost", 1)]
)
def test_a_dispute_takes_the_money_and_may_give_it_back(peer, says, status, moves):
    intent = pay(peer, payment_method="pm_card_createDispute")
    dispute = peer.client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.status, dispute.balance_transactions[0].net) == ("needs_response", -51_500)
    with pytest.raises(stripe.InvalidRequestError):
        peer.client.v1.refunds.create({"payment_intent": intent.id})
    evidence = {"uncategorized_text": f"{says}_evidence"}
    after = peer.client.v1.disputes.update(dispute.id, {"evidence": evidence})
    assert (after.status, len(after.balance_transactions)) == (status, moves)


def test_letters_are_signed_sent_again_and_can_go_wrong(peer):
    got: list[tuple[str, str]] = []

    def inbox(environ, start):
        body = environ["wsgi.input"].read().decode()
        event = json.loads(body)
        try:
            stripe.Webhook.construct_event(body, environ["HTTP_STRIPE_SIGNATURE"], secret[0])
            got.append((event["type"], event["id"]))
            said = "200 OK" if len(got) > 1 else "500 Oops"
        except stripe.SignatureVerificationError:
            said = "400 Bad"
        start(said, [("Content-Length", "0")])
        return [b""]

    with serving(inbox) as url:
        endpoint = peer.client.v1.webhook_endpoints.create(
            {"url": url + "/hook", "enabled_events": ["payment_intent.succeeded"]}
        )
        secret = [endpoint.secret]
        peer.knob("faults", events=["wrong_secret", "duplicate", "lose", "stale"])
        for _ in range(4):
            pay(peer)
        assert peer.twin.post.waiting == 4, "one of the five letters is lost"
        taken = [peer.twin.post.pump(now=float("inf")) for _ in range(3)]
    assert sum(taken) == 4
    assert [status for *_, status in peer.twin.post.sent].count(400) == 2
    ids = [each for _, each in got]
    assert len(ids) == 5
    assert len(set(ids)) == 3


def test_a_signature_is_that_of_the_library():
    body = b'{"object": "event"}'
    theirs = stripe.WebhookSignature.generate_signature_header(
        body.decode(), "whsec", 1_700_000_000
    )
    assert sign(body, "whsec", at=1_700_000_000) == theirs


def test_lists_go_on_where_they_ended(peer):
    made = [pay(peer).id for _ in range(5)]
    listed = peer.client.v1.payment_intents.list({"limit": 2})
    assert [each.id for each in listed.auto_paging_iter()] == made[::-1]
    first = peer.client.v1.payment_intents.list({"limit": 2, "ending_before": made[0]})
    assert [each.id for each in first.data] == [made[2], made[1]]
