"""What the walk over every route finds of payment providers: dead letters and a difference."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.rails.provider_models import ProviderDifference, ProviderEvent

if TYPE_CHECKING:
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
    """Two dead letters and two differences, all for the operator's eyes."""
    events = ["evt_0", "evt_1"]
    codes = put_trouble(session, now=world.clock.now(), events=events)
    world.give("operator_rails.event", own=events[0], other=events[1])
    world.give("operator_rails.difference", own=codes[0], other=codes[1])
