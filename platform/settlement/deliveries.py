"""What a weighing under a contract makes owed: by signed terms, else by the award's own."""

from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.models import Contract
from remelt.platform.settlement.books import in_force, put
from remelt.platform.settlement.errors import NoSuchSettlement
from remelt.platform.settlement.events import ContractSettled
from remelt.platform.settlement.finals.computing import final
from remelt.platform.settlement.finals.drafting import signed_terms
from remelt.platform.settlement.finals.entering import Load, keep_load
from remelt.platform.settlement.finals.gathering import standing_weights
from remelt.platform.settlement.finals.inputs import Inputs, Weight
from remelt.platform.settlement.finals.settling import settle_signed
from remelt.platform.settlement.finals.statement import Statement
from remelt.platform.settlement.finals.terms import plain_terms
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import Weighed, check_weighed

FIRST_LOAD = "1"


def settle(
    session: Session,
    *,
    clock: Clock,
    contract_code: str,
    ticket_code: str,
    net_g: int,
    deducted_g: int,
    tare_g: int = 0,
    weighed_at: datetime | None = None,
    person_id: int | None = None,
) -> Settlement | None:
    """Work out what the buyer owes under a contract, from the ticket that governs.

    Terms that both parties signed say how; the ticket is then one of their inputs, the buyer's
    weight of the first load, and the settlement is None while others are missing. Without them
    the payable mass is net less deductions, and the amount is that times the contract's price,
    half a fen rounded up. The same inputs give the settlement in force again; others supersede
    it, and only what is still open is asked for.
    Raises `NoSuchSettlement` (no such contract), `NothingWeighed` or `DeductedTooMuch`.
    """
    contract = session.exec(
        select(Contract).where(Contract.code == contract_code).with_for_update()
    ).one_or_none()
    if contract is None:
        raise NoSuchSettlement(contract_code=contract_code[:20])
    line = _line(contract, net_g=net_g, deducted_g=deducted_g)
    check_weighed([line])
    now = clock.now(session)
    load = Load(
        load=FIRST_LOAD, ticket=ticket_code, gross_g=net_g + tare_g, tare_g=tare_g,
        day=(weighed_at or now).astimezone(BEIJING).date(), deducted_g=deducted_g,
    )  # fmt: skip
    if signed_terms(session, contract_id=contract.key) is not None and person_id is not None:
        keep_load(
            session, clock=clock, contract=contract, side="buyer", person_id=person_id, load=load,
            ours=True,
        )  # fmt: skip
        return settle_signed(session, clock=clock, contract=contract)
    return _settle_plainly(session, clock, contract=contract, load=load)


def awaiting(session: Session, *, lot_code: str) -> Settlement | None:
    """Return the settlement in force over a lot whose governing ticket was voided.

    Its ticket is the counter ticket; it waits for the next weighing. None when none does.
    """
    contract = session.exec(
        select(Contract)
        .where(
            Contract.lot_code == lot_code,
            col(Contract.title_passed_at).is_not(None),
        )
        .order_by(col(Contract.id).desc())
        .limit(1)
    ).one_or_none()
    if contract is None:
        return None
    last = in_force(session, kind="contract", subject_code=contract.code)
    if last is None or last.net_g == 0:
        return last
    if signed_terms(session, contract_id=contract.key) is None:
        return None
    weights = standing_weights(session, contract_id=contract.key)
    return None if any(weight.side == "buyer" for weight in weights) else last


def _settle_plainly(
    session: Session, clock: Clock, *, contract: Contract, load: Load
) -> Settlement:
    """Settle an award as it was made: its fixed price on one weighing."""
    terms = plain_terms(
        price_fen_per_t=contract.price_fen_per_t,
        tax_included=contract.tax_included,
        vat_rate_bp=contract.vat_rate_bp,
    )
    weight = Weight(
        ticket=load.ticket, side="buyer", load=load.load, day=load.day, gross_g=load.gross_g,
        tare_g=load.tare_g, deducted_g=load.deducted_g,
    )  # fmt: skip
    found = final(terms, Inputs(weights=(weight,)))
    if not isinstance(found, Statement):
        raise TypeError("a fixed price on one weighing waits for nothing")
    line = _line(contract, net_g=found.net_g, deducted_g=found.net_g - found.payable_g)
    draft = Settlement(
        code=new_code(),
        kind="contract",
        subject_code=contract.code,
        ticket_code=load.ticket,
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
                ticket_code=load.ticket,
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
