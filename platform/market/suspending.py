"""A contract that stands still while a payment of it is disputed, and goes on afterwards."""

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.errors import ContractSuspended
from remelt.platform.market.events import ContractResumed, ContractStopped
from remelt.platform.market.models import Contract


def suspend(session: Session, *, clock: Clock, contract_code: str, cause: str) -> bool:
    """Let a contract stand still; False where there is none, or it stands still already.

    cause: what stops it, as the reader of the audit trail knows it.
    """
    contract = _locked(session, contract_code)
    if contract is None or contract.suspended_at is not None:
        return False
    contract.suspended_at = clock.now(session)
    session.add(contract)
    outbox.record(
        session,
        ContractStopped(at=contract.suspended_at, contract_code=contract.code, cause=cause),
    )
    return True


def resume(session: Session, *, clock: Clock, contract_code: str, cause: str) -> bool:
    """Let a contract go on; False where there is none, or it stands still for nothing."""
    contract = _locked(session, contract_code)
    if contract is None or contract.suspended_at is None:
        return False
    contract.suspended_at = None
    session.add(contract)
    outbox.record(
        session,
        ContractResumed(at=clock.now(session), contract_code=contract.code, cause=cause),
    )
    return True


def check_running(contract: Contract) -> None:
    """Refuse to change what stands still. Raises `ContractSuspended`."""
    if contract.suspended_at is not None:
        raise ContractSuspended(contract=contract.code)


def _locked(session: Session, code: str) -> Contract | None:
    return session.exec(
        select(Contract).where(Contract.code == code).with_for_update()
    ).one_or_none()
