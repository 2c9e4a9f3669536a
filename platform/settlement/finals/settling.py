"""Putting the settlement of signed terms in force: provisional, final, and each new revision."""

from datetime import date

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.estimating import keep_estimate
from remelt.platform.market.models import Contract
from remelt.platform.settlement.books import balance, in_force, put
from remelt.platform.settlement.escrow.entries import Borne, enter_charges
from remelt.platform.settlement.events import ContractSettled, DebitNoteIssued
from remelt.platform.settlement.finals.computing import final, provisional
from remelt.platform.settlement.finals.drafting import signed_terms, terms_of
from remelt.platform.settlement.finals.estimating import estimated
from remelt.platform.settlement.finals.gathering import gather, pruned
from remelt.platform.settlement.finals.inputs import Inputs
from remelt.platform.settlement.finals.models import (
    ContractTerms,
    DebitNote,
    SettlementStatement,
    TermsIndex,
)
from remelt.platform.settlement.finals.statement import (
    Statement,
    Waiting,
    statement_json,
    statement_sha256,
)
from remelt.platform.settlement.finals.stored import inputs_json
from remelt.platform.settlement.finals.terms import Terms, formula_of, terms_json
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import Weighed

JOB_KIND = "resettle"


def settle_signed(session: Session, *, clock: Clock, contract: Contract) -> Settlement | None:
    """Work the settlement of a contract with signed terms anew and put it in force.

    The final one once everything is known, else the provisional; the same inputs change nothing.
    What was in force and can no longer be worked, because a ticket was voided, gives way to
    nothing owed. None while there is nothing to state, or no signed terms.
    """
    signed = signed_terms(session, contract_id=contract.key)
    if signed is None:
        return None
    terms = terms_of(signed)
    before = in_force(session, kind="contract", subject_code=contract.code, lock=True)
    today = _today(session, clock)
    inputs = gather(session, contract_id=contract.key, terms=terms, today=today)
    found = stated(terms, inputs)
    price = estimated(terms, inputs, today=today, found=found)
    keep_estimate(session, price, clock=clock, contract_id=contract.key)
    if found is None and before is None:
        return None
    draft = _draft(contract, terms=terms, ticket=_ticket(inputs, of=found), statement=found)
    made, fresh = put(
        session,
        draft,
        lines=[] if found is None else [_line(contract, found)],
        clock=clock,
        statement_sha256="" if found is None else statement_sha256(found),
    )
    if fresh and found is not None:
        _explain(session, made, statement=found, terms=terms, inputs=inputs)
        _announce(session, made, contract=contract)
    if fresh:
        _charge(session, made, contract=contract, before=before)
        _debit(session, made, contract=contract)
    return made


def stated(terms: Terms, inputs: Inputs) -> Statement | None:
    """Return the final statement, else the provisional one, else None."""
    for found in (final(terms, inputs), provisional(terms, inputs)):
        if isinstance(found, Statement):
            return found
    return None


def waiting_for(session: Session, *, contract: Contract, today: date) -> Waiting | None:
    """Return what the final settlement of a contract waits for, None where it needs nothing."""
    signed = signed_terms(session, contract_id=contract.key)
    if signed is None:
        return None
    terms = terms_of(signed)
    inputs = gather(session, contract_id=contract.key, terms=terms, today=today)
    found = final(terms, inputs)
    return found if isinstance(found, Waiting) else None


def resettle_one(session: Session, *, clock: Clock, contract_code: str) -> Settlement | None:
    """Work one contract anew: its terms were signed."""
    statement = select(Contract).where(Contract.code == contract_code).with_for_update()
    return settle_signed(session, clock=clock, contract=session.exec(statement).one())


def resettle(session: Session, *, clock: Clock, codes: list[str]) -> int:
    """Work every contract anew that follows one of these indices; all of them when none is named.

    A price that was revised after the final settlement makes a new revision, which asks for the
    difference. What is not weighed yet weighs anew on its buyer's credit. Returns how many
    contracts were looked at.
    """
    statement = (
        select(col(Contract.id))
        .join(ContractTerms, col(ContractTerms.contract_id) == col(Contract.id))
        .join(TermsIndex, col(TermsIndex.terms_id) == col(ContractTerms.id))
        .where(col(Contract.refused_at).is_(None))
        .order_by(col(Contract.id))
        .distinct()
    )
    if codes:
        statement = statement.where(col(TermsIndex.index_code).in_(codes))
    ids = [key for (key,) in session.execute(statement)]
    for contract_id in ids:
        contract = session.exec(
            select(Contract).where(Contract.id == contract_id).with_for_update()
        ).one()
        settle_signed(session, clock=clock, contract=contract)
    return len(ids)


def _today(session: Session, clock: Clock) -> date:
    return clock.now(session).astimezone(BEIJING).date()


def _ticket(inputs: Inputs, *, of: Statement | None) -> str:
    """Return the weight that a settlement is known by: the last on the side that governs."""
    rule = "" if of is None else of.by_key["base"].rule
    weights = inputs.of("seller" if rule == "weight-of-seller" else "buyer")
    return max(weights, key=lambda w: (w.day, w.load)).ticket if weights else ""


def _draft(
    contract: Contract, *, terms: Terms, ticket: str, statement: Statement | None
) -> Settlement:
    invoice = formula_of(terms.formula).invoice
    withheld = 0 if statement is None else statement.value_fen - statement.due_fen
    return Settlement(
        code=new_code(), kind="contract", subject_code=contract.code, ticket_code=ticket,
        revision=1, site_id=contract.deliver_to_site_id, payer_id=contract.buyer_id,
        payee_id=contract.seller_id,
        tax_included=invoice is not None and invoice.included,
        vat_rate_bp=0 if invoice is None else invoice.rate_bp,
        net_g=0, deducted_g=0, payable_g=0, lines_fen=0, amount_fen=0, withheld_fen=withheld,
        inputs={}, inputs_sha256="", computed_at=contract.made_at,
    )  # fmt: skip


def _line(contract: Contract, found: Statement) -> Weighed:
    return Weighed(
        lot_code=contract.lot_code,
        net_g=found.net_g,
        deducted_g=found.net_g - found.payable_g,
        price_fen_per_t=found.price_fen_per_t,
        grade_system=str(contract.terms.get("grade_system", "")),
        grade_code=str(contract.terms.get("grade_code", "")),
    )


def _explain(
    session: Session, made: Settlement, *, statement: Statement, terms: Terms, inputs: Inputs
) -> None:
    session.add(
        SettlementStatement(
            settlement_id=made.key,
            stage=statement.stage,
            record={
                "stage": statement.stage,
                "terms": terms_json(terms),
                "inputs": inputs_json(pruned(inputs, of=statement)),
            },
            statement=statement_json(statement),
            sha256=statement_sha256(statement),
        )
    )
    session.flush()


def _announce(session: Session, made: Settlement, *, contract: Contract) -> None:
    price = made.inputs["lines"][0]["price_fen_per_t"]
    outbox.record(
        session,
        ContractSettled(
            at=made.computed_at, settlement_code=made.code, contract_code=contract.code,
            lot_code=contract.lot_code, ticket_code=made.ticket_code, revision=made.revision,
            payable_g=made.payable_g, price_fen_per_t=price, amount_fen=made.amount_fen,
        ),
    )  # fmt: skip


def _charge(
    session: Session, made: Settlement, *, contract: Contract, before: Settlement | None
) -> None:
    """Enter commission and umpire, less what the superseded settlement entered of them."""
    charges, old = _charges_of(session, made), _charges_of(session, before)
    enter_charges(
        session, contract, key=made.code, charges=charges, before=old, at=made.computed_at
    )


def _charges_of(session: Session, settlement: Settlement | None) -> list[Borne]:
    if settlement is None:
        return []
    found = session.exec(
        select(SettlementStatement).where(SettlementStatement.settlement_id == settlement.key)
    ).one_or_none()
    return (
        []
        if found is None
        else [(each[0], each[1], each[2]) for each in found.statement["charges"]]
    )


def _debit(session: Session, made: Settlement, *, contract: Contract) -> None:
    """Issue a debit note where more was paid, and confirmed, than is owed now."""
    over_fen = balance(session, made).confirmed_fen - made.amount_fen
    if over_fen <= 0:
        return
    note = DebitNote(
        code=new_code(), settlement_id=made.key, amount_fen=over_fen, issued_at=made.computed_at
    )
    session.add(note)
    session.flush()
    outbox.record(
        session,
        DebitNoteIssued(
            at=made.computed_at, debit_note_code=note.code, settlement_code=made.code,
            contract_code=contract.code, amount_fen=over_fen,
        ),
    )  # fmt: skip
