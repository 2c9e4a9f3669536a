"""Drafting the terms of a contract and signing them: two signatures put a version in force."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session, col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.errors import NoSuchContract
from remelt.platform.market.models import Contract
from remelt.platform.market.suspending import check_running
from remelt.platform.settlement.events import TermsDrafted, TermsSigned
from remelt.platform.settlement.finals.errors import NoSuchTerms, TermsSuperseded, TermsTooLate
from remelt.platform.settlement.finals.models import ContractTerms, TermsIndex, TermsSignature
from remelt.platform.settlement.finals.terms import (
    Side,
    Terms,
    canonical_json,
    formula_of,
    read_terms,
    terms_json,
    terms_sha256,
)
from remelt.platform.settlement.pricing.indices import units
from remelt.platform.settlement.pricing.syntax import quotes


def party_contract(
    session: Session, *, contract_code: str, organisation_id: int, lock: bool = False
) -> tuple[Contract, Side]:
    """Return a contract and the side that an organisation is on. Raises `NoSuchContract`."""
    statement = select(Contract).where(Contract.code == contract_code)
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None or organisation_id not in {found.seller_id, found.buyer_id}:
        raise NoSuchContract(contract=contract_code[:20])
    return found, "seller" if found.seller_id == organisation_id else "buyer"


def draft_terms(
    session: Session,
    *,
    clock: Clock,
    contract_code: str,
    organisation_id: int,
    person_id: int,
    said: Mapping[str, Any],
) -> ContractTerms:
    """Keep a version of a contract's terms, signed by the party that drafts it.

    Raises `NoSuchContract`, `TermsTooLate`, `ContractSuspended`, or what `read_terms` refuses.
    """
    contract, _ = party_contract(
        session, contract_code=contract_code, organisation_id=organisation_id, lock=True
    )
    _refuse_late(contract)
    terms = read_terms(said, indices=units(session))
    last = session.exec(
        select(func.max(ContractTerms.revision)).where(ContractTerms.contract_id == contract.key)
    ).one()
    now = clock.now(session)
    row = ContractTerms(
        code=new_code(), contract_id=contract.key, revision=(last or 0) + 1,
        terms=terms_json(terms), sha256=terms_sha256(terms), organisation_id=organisation_id,
        person_id=person_id, drafted_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for code in sorted({quote.code for quote in quotes(formula_of(terms.formula).price)}):
        session.add(TermsIndex(terms_id=row.key, index_code=code))
    _sign(session, row, organisation_id=organisation_id, person_id=person_id, clock=clock)
    outbox.record(
        session,
        TermsDrafted(
            at=now, contract_code=contract.code, terms_code=row.code, revision=row.revision,
            sha256=row.sha256, person_id=person_id,
        ),
    )  # fmt: skip
    return row


def sign_terms(
    session: Session, *, clock: Clock, terms_code: str, organisation_id: int, person_id: int
) -> ContractTerms:
    """Sign the newest version of a contract's terms as the other party; signing twice is once.

    Raises `NoSuchTerms`, `TermsSuperseded`, `TermsTooLate` or `ContractSuspended`.
    """
    found = session.exec(
        select(ContractTerms, Contract)
        .join(Contract, col(Contract.id) == col(ContractTerms.contract_id))
        .where(ContractTerms.code == terms_code)
        .with_for_update()
    ).one_or_none()
    if found is None or organisation_id not in {found[1].seller_id, found[1].buyer_id}:
        raise NoSuchTerms(terms=terms_code[:20])
    row, contract = found
    newest = session.exec(
        select(func.max(ContractTerms.revision)).where(ContractTerms.contract_id == contract.key)
    ).one()
    if row.revision != newest:
        raise TermsSuperseded(terms=row.code)
    if organisation_id in signers(session, terms_id=row.key):
        return row
    _refuse_late(contract)
    _sign(session, row, organisation_id=organisation_id, person_id=person_id, clock=clock)
    outbox.record(
        session,
        TermsSigned(
            at=clock.now(session), contract_code=contract.code, terms_code=row.code,
            sha256=row.sha256, person_id=person_id,
        ),
    )  # fmt: skip
    return row


def signers(session: Session, *, terms_id: int) -> set[int]:
    """Return the organisations that signed a version of terms."""
    rows = session.exec(
        select(TermsSignature.organisation_id).where(TermsSignature.terms_id == terms_id)
    )
    return set(rows)


def signed_terms(session: Session, *, contract_id: int) -> ContractTerms | None:
    """Return the newest version of a contract's terms that both parties signed."""
    return terms_by_contract(session, contract_ids=[contract_id]).get(contract_id)


def terms_by_contract(
    session: Session, *, contract_ids: Collection[int]
) -> dict[int, ContractTerms]:
    """Return the terms in force of those contracts that have signed ones."""
    signed = (
        select(TermsSignature.terms_id)
        .join(ContractTerms, col(ContractTerms.id) == col(TermsSignature.terms_id))
        .where(col(ContractTerms.contract_id).in_(list(contract_ids)))
        .group_by(col(TermsSignature.terms_id))
        .having(func.count() == 2)  # noqa: PLR2004 - both parties
    )
    rows = session.exec(
        select(ContractTerms)
        .where(col(ContractTerms.id).in_(signed))
        .order_by(col(ContractTerms.revision))
    )
    return {row.contract_id: row for row in rows}


def terms_of(row: ContractTerms) -> Terms:
    """Return the terms that a row keeps."""
    return Terms.model_validate_json(canonical_json(row.terms))


def _refuse_late(contract: Contract) -> None:
    check_running(contract)
    if contract.title_passed_at is not None or contract.refused_at is not None:
        raise TermsTooLate(contract=contract.code)


def _sign(
    session: Session, row: ContractTerms, *, organisation_id: int, person_id: int, clock: Clock
) -> None:
    session.add(
        TermsSignature(
            terms_id=row.key, organisation_id=organisation_id, person_id=person_id,
            signed_at=clock.now(session),
        )
    )  # fmt: skip
    session.flush()
