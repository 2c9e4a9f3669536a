"""What the walk over every route finds of payment providers: dead letters and a difference."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.rails.provider_models import (
    PaymentIntentRequest,
    ProviderDifference,
    ProviderEvent,
)

if TYPE_CHECKING:
    from tests.parties import Party
    from tests.world import World


def put_trouble(session: Session, *, now: datetime, events: list[str]) -> list[str]:
    """A dead letter of each name, and a difference for each; returns the differences' codes."""
    codes = [new_code() for _ in events]
    for event, code in zip(events, codes, strict=True):
        session.add(
            ProviderEvent(
                provider="stripe", event_id=event, kind="charge.refunded", object_id="pi_1",
                body_sha256="0" * 64, received_at=now, state="dead", tries=8, settled_at=now,
                reason="no answer",
            )
        )  # fmt: skip
        session.add(
            ProviderDifference(
                code=code, provider="stripe", kind="unknown-movement", ref=f"txn_{event}",
                on_day=date(2026, 3, 2), currency="CNY", theirs_minor=6_712, ours_minor=0,
                text="charge", found_at=now,
            )
        )  # fmt: skip
    return codes


def rail_objects(world: "World", session: Session) -> None:
    """Dead letters, differences and contracts for the operator; payments of each and another."""
    events = ["evt_0", "evt_1"]
    codes = put_trouble(session, now=world.clock.now(), events=events)
    world.give("operator_rails.event", own=events[0], other=events[1])
    world.give("operator_rails.difference", own=codes[0], other=codes[1])
    world.give("operator_rails.code", own=new_code(), other=new_code())
    for walker in world.own:
        orders = [
            _ordered(session, party, now=world.clock.now())
            for party in (world.own[walker], world.other[walker])
        ]
        for room in ("online", "api_online"):
            world.give(f"{room}.order", own=orders[0], other=orders[1], walker=walker)


def _ordered(session: Session, party: "Party", *, now: datetime) -> str:
    """Return the key of a payment that a party has ordered and not finished."""
    key = new_code() * 4
    session.add(
        PaymentIntentRequest(
            order_key=key, provider="stripe", subject=new_code(), purpose="collect", seq=1,
            amount_minor=100, currency="CNY", method="card", stored_at=now,
            person_id=party.person.key, organisation_id=party.organisation.key,
        )
    )  # fmt: skip
    return key
