"""What a weighing under a contract makes owed: by signed terms, else by the award's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.models import Contract
from remelt.platform.settlement.books import put
from remelt.platform.settlement.errors import NoSuchSettlement
from remelt.platform.settlement.events import ContractSettled
from remelt.platform.settlement.finals.computing import final
from remelt.platform.settlement.finals.drafting import signed_terms
from remelt.platform.settlement.finals.entering import Load, keep_load, void_load
from remelt.platform.settlement.finals.gathering import standing_weights, weight_of
from remelt.platform.settlement.finals.inputs import Inputs
from remelt.platform.settlement.finals.models import SettlingWeight
from remelt.platform.settlement.finals.settling import settle_signed
from remelt.platform.settlement.finals.statement import Statement
from remelt.platform.settlement.finals.terms import plain_terms
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import Weighed, check_weighed

FIRST_LOAD: Final = "1"


def settle(
    session: Session,
    *,
    clock: Clock,
    contract_code: str,
    ticket_code: str,
    net_g: int,
    deducted_g: int,
    person_id: int,
    tare_g: int = 0,
    weighed_at: datetime | None = None,
    further: bool = False,
) -> Settlement | None:
    """Work out what the buyer owes under a contract, from a ticket of its own scale.

    The ticket is the buyer's weight of the first load; further: of the next one that it has no
    weight of. Terms that both parties signed say how, and the settlement is None while other
    inputs are missing. Without them the payable mass is net less deductions of all loads, and the
    amount is that times the contract's price, half a fen rounded up. The same inputs give the
    settlement in force again; others supersede it, and only what is still open is asked for.
    Raises `NoSuchSettlement` (no such contract), `NothingWeighed` or `DeductedTooMuch`.
    """
    contract = session.exec(
        select(Contract).where(Contract.code == contract_code).with_for_update()
    ).one_or_none()
    if contract is None:
        raise NoSuchSettlement(contract_code=contract_code[:20])
    check_weighed([_line(contract, net_g=net_g, deducted_g=deducted_g)])
    standing = _loads(session, contract)
    load = Load(
        load=_next(standing) if further else FIRST_LOAD, ticket=ticket_code,
        gross_g=net_g + tare_g, tare_g=tare_g, deducted_g=deducted_g,
        day=(weighed_at or clock.now(session)).astimezone(BEIJING).date(),
    )  # fmt: skip
    if all(row.code != ticket_code for row in standing):
        keep_load(
            session, clock=clock, contract=contract, side="buyer", person_id=person_id, load=load,
            ours=True,
        )  # fmt: skip
    return _worked(session, clock, contract=contract)


def void_ticket(session: Session, *, clock: Clock, ticket_code: str, person_id: int) -> bool:
    """Take a load out of its settlement whose ticket of ours was voided; work it anew.

    Returns False when no settlement was worked from it, or an award's own has no load left: then
    nothing is owed until the next weighing.
    """
    contract = void_load(session, clock=clock, ticket_code=ticket_code, person_id=person_id)
    if contract is None:
        return False
    plain = signed_terms(session, contract_id=contract.key) is None
    if plain and not _loads(session, contract):
        return False
    _worked(session, clock, contract=contract)
    return True


@dataclass(frozen=True, slots=True)
class Awaited:
    """A contract that another weighing is for; ticket_code: the last of its tickets, if any."""

    contract_code: str
    site_id: int
    ticket_code: str


def awaiting(session: Session, *, lot_code: str, further: bool) -> Awaited | None:
    """Return the contract that a lot was taken over under, when its next weighing is for it.

    That is while no load stands, because every ticket was voided; or when it comes in further
    trucks.
    """
    contract = _last_passed(session, lot_code=lot_code)
    if contract is None or (_loads(session, contract) and not further):
        return None
    last = session.exec(
        select(SettlingWeight.ticket)
        .where(SettlingWeight.contract_id == contract.key, col(SettlingWeight.ours).is_(True))
        .order_by(col(SettlingWeight.id).desc())
        .limit(1)
    ).one_or_none()
    return Awaited(contract.code, contract.deliver_to_site_id, last or "")


def _last_passed(session: Session, *, lot_code: str) -> Contract | None:
    return session.exec(
        select(Contract)
        .where(
            Contract.lot_code == lot_code,
            col(Contract.title_passed_at).is_not(None),
        )
        .order_by(col(Contract.id).desc())
        .limit(1)
    ).one_or_none()


def _loads(session: Session, contract: Contract) -> list[SettlingWeight]:
    """Return the buyer's weights that stand, in the order in which they came."""
    rows = standing_weights(session, contract_id=contract.key)
    return [row for row in rows if row.side == "buyer"]


def _next(standing: Sequence[SettlingWeight]) -> str:
    """Return the first load, by number, that is not weighed."""
    taken = {row.load for row in standing}
    return next(str(n) for n in count(1) if str(n) not in taken)


def _worked(session: Session, clock: Clock, *, contract: Contract) -> Settlement | None:
    if signed_terms(session, contract_id=contract.key) is not None:
        return settle_signed(session, clock=clock, contract=contract)
    return _settle_plainly(session, clock, contract=contract)


def _settle_plainly(session: Session, clock: Clock, *, contract: Contract) -> Settlement:
    """Settle an award as it was made: its fixed price on the loads of the buyer's scale."""
    terms = plain_terms(
        price_fen_per_t=contract.price_fen_per_t,
        tax_included=contract.tax_included,
        vat_rate_bp=contract.vat_rate_bp,
    )
    rows = _loads(session, contract)
    found = final(terms, Inputs(weights=tuple(map(weight_of, rows))))
    if not isinstance(found, Statement):
        raise TypeError("a fixed price on what was weighed waits for nothing")
    ticket_code = rows[-1].ticket
    line = _line(contract, net_g=found.net_g, deducted_g=found.net_g - found.payable_g)
    draft = Settlement(
        code=new_code(),
        kind="contract",
        subject_code=contract.code,
        ticket_code=ticket_code,
        revision=1,
        site_id=contract.deliver_to_site_id,
        payer_id=contract.buyer_id,
        payee_id=contract.seller_id,
        tax_included=contract.tax_included,
        vat_rate_bp=contract.vat_rate_bp,
        net_g=0, deducted_g=0, payable_g=0, lines_fen=0, amount_fen=0,
        inputs={}, inputs_sha256="", computed_at=contract.made_at,
    )  # fmt: skip
    made, fresh = put(session, draft, lines=[line], clock=clock)
    if fresh:
        outbox.record(
            session,
            ContractSettled(
                at=made.computed_at,
                settlement_code=made.code,
                contract_code=contract.code,
                lot_code=contract.lot_code,
                ticket_code=ticket_code,
                revision=made.revision,
                payable_g=made.payable_g,
                price_fen_per_t=found.price_fen_per_t,
                amount_fen=made.amount_fen,
            ),
        )
    return made


def _line(contract: Contract, *, net_g: int, deducted_g: int) -> Weighed:
    return Weighed(
        lot_code=contract.lot_code,
        net_g=net_g,
        deducted_g=deducted_g,
        price_fen_per_t=contract.price_fen_per_t,
        grade_system=str(contract.terms.get("grade_system", "")),
        grade_code=str(contract.terms.get("grade_code", "")),
    )
