"""The fee of tolling: what a processor is owed for the metal that it gave back."""

from collections.abc import Sequence

from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.books import put
from remelt.platform.settlement.events import TollingSettled
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import Weighed, check_weighed


def settle_tolling(
    session: Session,
    *,
    clock: Clock,
    account_code: str,
    site_id: int,
    owner_id: int,
    processor_id: int,
    lines: Sequence[Weighed],
) -> Settlement:
    """Put in force what the owner owes the processor under a metal account, every lot a line.

    lines: all lots given back so far, at the account's fee in fen per t; the fee is without
    invoice. Each return, and each correction of what came back, makes a new revision that asks for
    what is still open, the difference; the same lots again change nothing. Raises `NothingWeighed`.
    """
    check_weighed(lines)
    draft = Settlement(
        code=new_code(),
        kind="tolling",
        subject_code=account_code,
        ticket_code=account_code,
        revision=1,
        site_id=site_id,
        payer_id=owner_id,
        payee_id=processor_id,
        net_g=0, deducted_g=0, payable_g=0, lines_fen=0, amount_fen=0,
        inputs={}, inputs_sha256="", computed_at=clock.now(session),
    )  # fmt: skip
    made, fresh = put(session, draft, lines=lines, clock=clock)
    if fresh:
        outbox.record(
            session,
            TollingSettled(
                at=made.computed_at,
                settlement_code=made.code,
                account_code=account_code,
                revision=made.revision,
                payable_g=made.payable_g,
                amount_fen=made.amount_fen,
            ),
        )
    return made
