"""Notices come in at the endpoint; the operator sees dead letters and differences, and acts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.settlement.rails.provider_models import ProviderDifference, ProviderEvent
from remelt.web.app import create_app
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party
from tests.rails import put_trouble
from tests.stripe_peer import KEY, Peer, twin_peer
from tools.stripe_twin.delivery import sign

ADDRESS = "/api/v1/providers/stripe/notices"
SECRET = hash_password(PASSWORD)
SECRETS = ("whsec_new", "whsec_old")
BODY = b'{"id": "evt_9", "object": "event", "type": "x", "data": {"object": {"id": "pi_1"}}}'


@pytest.fixture
def peer() -> Iterator[Peer]:
    with twin_peer() as made:
        yield made


@pytest.fixture
def paying(sqlite_url: str, clock: SimulatedClock, tmp_path: Path, peer: Peer) -> Iterator[Flask]:
    """The product with a key of the provider, which is the twin."""
    settings = Settings(
        home=tmp_path / "home", database_url=sqlite_url, stripe_key=KEY,
        stripe_webhook_secrets=", ".join(SECRETS), stripe_url=peer.url,
    )  # fmt: skip
    made = create_app(settings, clock=clock)
    yield made
    made.extensions["remelt"].store.close()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    (tmp_path / "remelt.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'remelt.db'}"


def hand_in(app: Flask, body: bytes, signature: str):
    return app.test_client().post(ADDRESS, data=body, headers={"Stripe-Signature": signature})


def rows(app: Flask, table: type):
    with app.extensions["remelt"].store.read() as session:
        assert isinstance(session, Session)
        return list(session.exec(select(table)))


def test_a_notice_is_kept_once_by_either_secret_and_looked_into(paying):
    assert hand_in(paying, BODY, sign(BODY, SECRETS[1])).json == {"kept": True}
    assert hand_in(paying, BODY, sign(BODY, SECRETS[0])).json == {"kept": False}
    paying.extensions["remelt"].runner.run_pending()
    assert [each.state for each in rows(paying, ProviderEvent)] == ["ignored"]


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (BODY, ""),
        (BODY, sign(BODY, "whsec_x")),
        (b"\xff", "t=1,v1=0"),
        (b"x" * (1 << 20) + b"x", ""),
    ],
    ids=["unsigned", "by-a-stranger", "not-text", "too-long"],  # a signature tells the time
)
def test_what_is_not_signed_is_refused_by_name(paying, body, signature):
    answer = hand_in(paying, body, signature)
    assert answer.status_code == 403
    assert answer.json["type"] == "urn:remelt:error:bad-signature"
    assert rows(paying, ProviderEvent) == []


def test_the_operator_retries_dead_letters_and_explains_differences(paying, clock):
    with paying.extensions["remelt"].store.write() as session:
        a_party(session, clock=clock, role="operator", login="desk", password_hash=SECRET)
        code, _ = put_trouble(session, now=clock.now(), events=["evt_0", "evt_1"])
    browser = signed_in(paying, "desk")
    desk = "/operator/providers?lang=en"
    page = browser.get(desk).text
    assert "dead letter" in page
    assert "CNY\xa067.12" in page
    assert "No payment provider" not in page
    answer = browser.post("/operator/providers/notices/evt_0/retry", on=desk)
    assert answer.status_code == 303
    states = {each.event_id: each.state for each in rows(paying, ProviderEvent)}
    assert states == {"evt_0": "received", "evt_1": "dead"}
    where = f"/operator/providers/differences/{code}"
    assert browser.post(f"{where}/explain", on=where, explanation=" ").status_code == 422
    answer = browser.post(f"{where}/explain", on=where, explanation="a payment of the shop")
    assert answer.status_code == 303
    assert rows(paying, ProviderDifference)[0].explanation == "a payment of the shop"
    assert browser.get(where).status_code == 404
