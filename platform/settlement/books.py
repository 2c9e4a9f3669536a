"""Putting settlements into the books: the newest revision is in force, none is edited."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Table, Text, bindparam
from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.many import Among, as_texts, insert_many
from remelt.platform.parties.models import Site
from remelt.platform.settlement.models import (
    PaymentInstruction,
    PaymentRecord,
    Settlement,
    SettlementLine,
)
from remelt.platform.settlement.rules import Balance, Weighed, inputs_hash, settlement_inputs
from remelt.platform.settlement.vouchers import enter_settlement

_LINES: Table = SettlementLine.__table__  # type: ignore[attr-defined]


def put(
    session: Session,
    draft: Settlement,
    *,
    lines: Sequence[Weighed],
    clock: Clock,
    statement_sha256: str | None = None,
) -> tuple[Settlement, bool]:
    """Put `draft` in force with its lines, and ask for what is still open.

    Its sums, inputs, revision and time are worked out here. Returns the settlement in force
    and whether it is new: the same inputs again change nothing. statement_sha256: of the
    statement that explains it, where signed terms made one.
    """
    before = in_force(session, kind=draft.kind, subject_code=draft.subject_code, lock=True)
    made = worked(
        draft, lines=lines, before=before, now=clock.now(session), statement_sha256=statement_sha256
    )
    if before is not None and before.inputs_sha256 == made.inputs_sha256:
        return before, False
    keep(session, [(made, lines)])
    enter_settlement(session, made, before=before)
    _instruct(session, made)
    return made, True


def worked(
    draft: Settlement,
    *,
    lines: Sequence[Weighed],
    before: Settlement | None,
    now: datetime,
    statement_sha256: str | None = None,
) -> Settlement:
    """Return `draft` with its sums, inputs, revision and time. Touches no database."""
    explained = {} if statement_sha256 is None else {"statement": statement_sha256}
    inputs = settlement_inputs(
        lines,
        rules=1,
        subject=draft.subject_code,
        ticket=draft.ticket_code,
        tax_included=draft.tax_included,
        vat_rate_bp=draft.vat_rate_bp,
        rounding_fen=draft.rounding_fen,
        **explained,
    )
    lines_fen = sum(line.amount_fen for line in lines)
    values = draft.model_dump(exclude={"id"}) | {
        "revision": 1 if before is None else before.revision + 1,
        "supersedes_id": None if before is None else before.key,
        "net_g": sum(line.net_g for line in lines),
        "deducted_g": sum(line.deducted_g for line in lines),
        "payable_g": sum(line.payable_g for line in lines),
        "lines_fen": lines_fen,
        "amount_fen": lines_fen + draft.rounding_fen - draft.withheld_fen,
        "inputs": inputs,
        "inputs_sha256": inputs_hash(inputs),
        "computed_at": now,
    }
    return Settlement(**values)


def keep(session: Session, made: Sequence[tuple[Settlement, Sequence[Weighed]]]) -> None:
    """Keep settlements with their lines, each table at once."""
    session.add_all(each for each, _lines in made)
    session.flush()
    rows = [
        {
            "settlement_id": each.key, "position": position, "lot_code": line.lot_code,
            "grade_system": line.grade_system, "grade_code": line.grade_code,
            "net_g": line.net_g, "deducted_g": line.deducted_g, "payable_g": line.payable_g,
            "price_fen_per_t": line.price_fen_per_t, "amount_fen": line.amount_fen,
        }
        for each, lines in made
        for position, line in enumerate(lines)
    ]  # fmt: skip
    insert_many(session, _LINES, rows)


def settled_among(session: Session, *, kind: str, subject_codes: Collection[str]) -> set[str]:
    """Return of which of these contracts or gate tickets anything was settled before."""
    asked = select(Settlement.subject_code).where(
        Settlement.kind == kind,
        Among(col(Settlement.subject_code), bindparam("subjects", type_=Text)),
    )
    return set(session.exec(asked, params={"subjects": as_texts(subject_codes)}))


def in_force(
    session: Session, *, kind: str, subject_code: str, lock: bool = False
) -> Settlement | None:
    """Return the newest settlement of a contract or gate ticket, locked on wish."""
    statement = (
        select(Settlement)
        .where(Settlement.kind == kind, Settlement.subject_code == subject_code)
        .order_by(col(Settlement.revision).desc())
        .limit(1)
    )
    return session.exec(statement.with_for_update() if lock else statement).one_or_none()


def balance(session: Session, settlement: Settlement) -> Balance:
    """Return what of a settlement's subject is paid, over all its revisions."""
    confirmed = col(PaymentRecord.confirmed_at).is_not(None)
    stands = col(PaymentRecord.declined_at).is_(None)
    amount = col(PaymentRecord.amount_fen)
    recorded_fen, confirmed_fen = session.exec(
        select(
            func.coalesce(func.sum(amount).filter(stands), 0),
            func.coalesce(func.sum(amount).filter(confirmed), 0),
        ).where(PaymentRecord.subject_code == settlement.subject_code)
    ).one()
    return Balance(
        amount_fen=settlement.amount_fen,
        confirmed_fen=int(confirmed_fen),
        recorded_fen=int(recorded_fen),
    )


def threshold(session: Session, settlement: Settlement) -> int | None:
    """Return the payer's rule: of the site of delivery, else the strictest of its own sites."""
    return strictest(session, organisation_id=settlement.payer_id, site_id=settlement.site_id)


def strictest(session: Session, *, organisation_id: int, site_id: int | None = None) -> int | None:
    """Return above what an organisation needs a second person: a site's rule, else the least."""
    sites = session.exec(
        select(Site).where(Site.organisation_id == organisation_id, col(Site.ended_at).is_(None))
    ).all()
    here = [site for site in sites if site.id == site_id]
    rules = [site.second_person_above_fen for site in here or sites]
    return min((rule for rule in rules if rule is not None), default=None)


def ask_again(session: Session, owed: Settlement, *, at: datetime) -> None:
    """Supersede what was asked for by what is still open, once part was set off without a transfer.

    The reference that was asked for before still leads to the contract.
    """
    asked = asked_for(session, owed)
    open_fen = max(balance(session, owed).open_fen, 0)
    if asked is not None and asked.amount_fen > open_fen:
        _ask(session, owed, amount_fen=open_fen, at=at)


def asked_for(session: Session, owed: Settlement) -> PaymentInstruction | None:
    """Return what is asked for in force of a contract; None where nothing ever was."""
    return session.exec(
        select(PaymentInstruction)
        .join(Settlement, col(Settlement.id) == col(PaymentInstruction.settlement_id))
        .where(Settlement.kind == owed.kind, Settlement.subject_code == owed.subject_code)
        .order_by(col(PaymentInstruction.id).desc())
        .limit(1)
    ).one_or_none()


def _instruct(session: Session, made: Settlement) -> None:
    """Ask for the open amount by bank transfer; a gate purchase is paid on the spot."""
    if made.kind == "gate":
        return
    open_fen = balance(session, made).open_fen
    if open_fen > 0:
        _ask(session, made, amount_fen=open_fen, at=made.computed_at)


def _ask(session: Session, owed: Settlement, *, amount_fen: int, at: datetime) -> None:
    session.add(
        PaymentInstruction(
            settlement_id=owed.key, reference=new_code(), amount_fen=amount_fen, issued_at=at
        )
    )
    session.flush()
