"""What the walk over every route finds of payment providers: dead letters and a difference."""

from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import Session

from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.rails.provider_models import ProviderDifference, ProviderEvent

if TYPE_CHECKING:
    from tests.world import World


def rail_objects(world: "World", session: Session) -> None:
    """A dead letter and a difference, both for the operator's eyes."""
    now = world.clock.now()
    events, differences = [f"evt_{n}" for n in range(2)], [new_code() for _ in range(2)]
    for event, code in zip(events, differences, strict=True):
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
    world.give("operator_rails.event", own=events[0], other=events[1])
    world.give("operator_rails.difference", own=differences[0], other=differences[1])
