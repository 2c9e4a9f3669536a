"""Goods that the buyer's gate refuses end their contract."""

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.events import ContractRefused
from remelt.platform.market.models import Contract
from remelt.platform.market.queries import is_open


def end_refused(
    session: Session, *, clock: Clock, lot_code: str, site_id: int, cause: str
) -> Contract | None:
    """End the open contract over a lot that was refused where it was to be delivered.

    The lot stays the seller's and may be offered again. site_id: of the gate; refused anywhere
    else the contract stands. Returns the contract, or None when none ended.
    """
    contract = session.exec(
        select(Contract)
        .where(Contract.lot_code == lot_code, is_open())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if contract is None or contract.deliver_to_site_id != site_id:
        return None
    now = clock.now(session)
    contract.sqlmodel_update({"refused_at": now, "refused_for": cause})
    session.add(contract)
    outbox.record(
        session,
        ContractRefused(at=now, contract_code=contract.code, lot_code=lot_code, cause=cause),
    )
    session.flush()
    return contract
