"""Drawing up reverse invoices: counted and refused under one lock, taken back by red ones."""

from datetime import date

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock, month_of
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.accounts import lock_settlement
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.reverse.counting import meter
from remelt.platform.settlement.reverse.errors import (
    AlreadyInvoiced,
    InvoiceNotStanding,
    InvoiceNumberTaken,
    IssuesOwnInvoices,
    NoSuchReverseInvoice,
    NothingToInvoice,
    ReverseNotSetUp,
    SellerUnidentified,
)
from remelt.platform.settlement.reverse.events import ReverseInvoiced
from remelt.platform.settlement.reverse.models import (
    BuyerTaxMethod,
    InvoiceNumber,
    ReverseInvoice,
    SellerPurchase,
)
from remelt.platform.settlement.reverse.rates import tax_rules
from remelt.platform.settlement.reverse.rules import (
    Parted,
    TaxRules,
    check_ceiling,
    invoice_kind,
    part,
    read_number,
    vat_rate_bp,
)
from remelt.platform.settlement.reverse.sellers import lock, needed_consent
from remelt.platform.settlement.reverse.tax_entries import enter_taxes
from remelt.platform.settlement.reverse.tying import is_natural


def set_tax_method(
    session: Session, *, clock: Clock, organisation_id: int, person_id: int, method: str
) -> BuyerTaxMethod:
    """Say how a buyer pays VAT from today on: `general` or `simple`."""
    now = clock.now(session)
    made = BuyerTaxMethod(
        organisation_id=organisation_id,
        method=method,
        from_day=now.astimezone(BEIJING).date(),
        person_id=person_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    return made


def tax_method(session: Session, *, organisation_id: int, on: date) -> str | None:
    """Return a buyer's VAT method on a day, None when it has not said."""
    return session.exec(
        select(BuyerTaxMethod.method)
        .where(
            BuyerTaxMethod.organisation_id == organisation_id,
            BuyerTaxMethod.from_day <= on,
        )
        .order_by(col(BuyerTaxMethod.from_day).desc(), col(BuyerTaxMethod.id).desc())
        .limit(1)
    ).first()


def draw_up(
    session: Session,
    *,
    clock: Clock,
    subject_code: str,
    buyer_id: int,
    person_id: int,
    kind: str = "gate",
) -> ReverseInvoice:
    """Draw up the reverse invoice of a purchase: its seller stays within the ceiling, or nothing.

    The settlement and then the seller are locked before the clock is read and the twelve months
    are counted, so that two buyers cannot both take what is left.
    Raises `NothingToInvoice`, `SellerUnidentified`, `IssuesOwnInvoices`, `AlreadyInvoiced`,
    `ReverseNotSetUp`, `ReverseConsentMissing` or `CeilingReached`.
    """
    settlement = _settled(session, kind=kind, subject_code=subject_code, buyer_id=buyer_id)
    if not is_natural(session, organisation_id=settlement.payee_id):
        raise IssuesOwnInvoices
    purchase = _purchase(session, kind=kind, subject_code=subject_code)
    seller = lock(session, seller_id=purchase.natural_seller_id)
    last = _last(session, purchase)
    if last is not None and last.sign > 0:
        raise AlreadyInvoiced(invoice_code=last.code)
    now = clock.now(session)
    today, month = now.astimezone(BEIJING).date(), month_of(now)
    method = tax_method(session, organisation_id=buyer_id, on=today)
    if method is None:
        raise ReverseNotSetUp
    needed_consent(session, seller_id=seller.key, buyer_id=buyer_id)
    rules = tax_rules(session, on=today)
    invoiced = invoice_kind(method)
    parted = _parted(
        session, settlement.amount_fen, seller_id=seller.key, kind=invoiced, month=month,
        rules=rules,
    )  # fmt: skip
    made = ReverseInvoice(
        code=new_code(),
        purchase_id=purchase.key,
        natural_seller_id=seller.key,
        buyer_id=buyer_id,
        settlement_id=settlement.key,
        turn=1 if last is None else last.turn + 1,
        sign=1,
        kind=invoiced,
        month=month,
        counts_in=month,
        vat_bp=parted.vat_bp,
        income_tax_bp=rules.income_tax_bp,
        gross_fen=settlement.amount_fen,
        net_fen=parted.net_fen,
        vat_fen=parted.vat_fen,
        income_tax_fen=parted.income_tax_fen,
        rules=rules.edition,
        person_id=person_id,
        drawn_at=now,
    )
    return _keep(session, made, clock=clock, subject_code=subject_code)


def counter(
    session: Session, *, clock: Clock, invoice_code: str, buyer_id: int, person_id: int
) -> ReverseInvoice:
    """Take an invoice back by a red one of the same figures; the ceiling gets its room again.

    Raises `NoSuchReverseInvoice` or `InvoiceNotStanding`.
    """
    found = invoice(session, code=invoice_code, buyer_id=buyer_id)
    lock(session, seller_id=found.natural_seller_id)
    purchase = session.get_one(SellerPurchase, found.purchase_id)
    last = _last(session, purchase)
    if found.sign < 0 or last is None or last.key != found.key:
        raise InvoiceNotStanding(invoice_code=found.code)
    now = clock.now(session)
    values = found.model_dump(exclude={"id"}) | {
        "code": new_code(),
        "turn": found.turn + 1,
        "sign": -1,
        "counters_id": found.key,
        "month": month_of(now),
        "person_id": person_id,
        "drawn_at": now,
    }
    made = ReverseInvoice(**values)
    return _keep(session, made, clock=clock, subject_code=purchase.subject_code)


def note_number(
    session: Session, *, clock: Clock, invoice_code: str, buyer_id: int, person_id: int, number: str
) -> InvoiceNumber:
    """Note the number that the tax office's system gave to an invoice, once.

    Raises `NoSuchReverseInvoice`, `BadInvoiceNumber` or `InvoiceNumberTaken`.
    """
    tidy = read_number(number)
    found = invoice(session, code=invoice_code, buyer_id=buyer_id)
    lock(session, seller_id=found.natural_seller_id)
    taken = session.exec(
        select(InvoiceNumber.id).where(
            (col(InvoiceNumber.number) == tidy) | (col(InvoiceNumber.invoice_id) == found.key)
        )
    ).first()
    if taken is not None:
        raise InvoiceNumberTaken(field="number")
    made = InvoiceNumber(
        invoice_id=found.key, number=tidy, person_id=person_id, noted_at=clock.now(session)
    )
    session.add(made)
    session.flush()
    return made


def invoice(session: Session, *, code: str, buyer_id: int) -> ReverseInvoice:
    """Return one of a buyer's invoices. Raises `NoSuchReverseInvoice`."""
    found = session.exec(
        select(ReverseInvoice).where(
            ReverseInvoice.code == code, ReverseInvoice.buyer_id == buyer_id
        )
    ).one_or_none()
    if found is None:
        raise NoSuchReverseInvoice(invoice_code=code[:20])
    return found


def _parted(
    session: Session, gross_fen: int, *, seller_id: int, kind: str, month: str, rules: TaxRules
) -> Parted:
    """Part the amount, and refuse it where the seller would be above the ceiling."""
    counted = meter(session, seller_id=seller_id, month=month, rules=rules)
    vat_bp = vat_rate_bp(gross_fen, kind=kind, month_fen=counted.month_fen, rules=rules)
    parted = part(gross_fen, vat_bp=vat_bp, income_tax_bp=rules.income_tax_bp)
    check_ceiling(counted, net_fen=parted.net_fen)
    return parted


def _settled(session: Session, *, kind: str, subject_code: str, buyer_id: int) -> Settlement:
    newest = in_force(session, kind=kind, subject_code=subject_code)
    if newest is None or newest.payer_id != buyer_id:
        raise NothingToInvoice(subject_code=subject_code[:20])
    found = lock_settlement(session, code=newest.code)
    if found.amount_fen <= 0:
        raise NothingToInvoice(subject_code=subject_code)
    return found


def _purchase(session: Session, *, kind: str, subject_code: str) -> SellerPurchase:
    found = session.exec(
        select(SellerPurchase).where(
            SellerPurchase.kind == kind, SellerPurchase.subject_code == subject_code
        )
    ).one_or_none()
    if found is None:
        raise SellerUnidentified(subject_code=subject_code)
    return found


def _last(session: Session, purchase: SellerPurchase) -> ReverseInvoice | None:
    return session.exec(
        select(ReverseInvoice)
        .where(ReverseInvoice.purchase_id == purchase.key)
        .order_by(col(ReverseInvoice.turn).desc())
        .limit(1)
    ).one_or_none()


def _keep(
    session: Session, made: ReverseInvoice, *, clock: Clock, subject_code: str
) -> ReverseInvoice:
    session.add(made)
    session.flush()
    months = (made.month, made.counts_in)
    enter_taxes(session, clock=clock, seller_id=made.natural_seller_id, months=months)
    outbox.record(
        session,
        ReverseInvoiced(
            at=made.drawn_at,
            invoice_code=made.code,
            subject_code=subject_code,
            organisation_id=made.buyer_id,
            person_id=made.person_id,
            month=made.month,
            net_fen=made.net_fen,
            vat_fen=made.vat_fen,
            income_tax_fen=made.income_tax_fen,
            sign=made.sign,
        ),
    )
    return made
