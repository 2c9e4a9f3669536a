"""What a contract on a price that is not yet known weighs on its buyer's credit."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.terms_models import ContractEstimate


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a contract is priced at for now; see `ContractEstimate`."""

    how: str
    price_fen_per_t: int | None = None
    basis: str = ""


def estimate_of(session: Session, *, contract_id: int) -> ContractEstimate | None:
    """Return the estimate that counts for a contract, None for one on its award's own price."""
    return estimates_of(session, contract_ids=[contract_id]).get(contract_id)


def estimates_of(session: Session, *, contract_ids: Collection[int]) -> dict[int, ContractEstimate]:
    """Return the estimates that count, by contract; none for those on their award's own price."""
    newest = (
        select(func.max(ContractEstimate.id))
        .where(col(ContractEstimate.contract_id).in_(list(contract_ids)))
        .group_by(col(ContractEstimate.contract_id))
    )
    rows = session.exec(select(ContractEstimate).where(col(ContractEstimate.id).in_(newest)))
    return {row.contract_id: row for row in rows}


def keep_estimate(
    session: Session, found: Estimate, *, clock: Clock, contract_id: int
) -> ContractEstimate:
    """Let an estimate count from now on; the one that counts already is not kept again.

    The contract is locked.
    """
    last = estimate_of(session, contract_id=contract_id)
    if last is not None and Estimate(last.how, last.price_fen_per_t, last.basis) == found:
        return last
    row = ContractEstimate(
        contract_id=contract_id, how=found.how, price_fen_per_t=found.price_fen_per_t,
        basis=found.basis, made_at=clock.now(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
