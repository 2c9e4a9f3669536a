"""Reverse invoices: the buyer's sellers with their meters, consents, invoices and files."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, month_of
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.reporting import quarter_of
from remelt.platform.settlement.reverse import invoicing, queries, sellers, tying
from remelt.platform.settlement.reverse.errors import SellerUnidentified
from remelt.web.address import asked_year
from remelt.web.context import clock, files, require, store
from remelt.web.forms import FormState, Press, blank, read_form, submit
from remelt.web.natural import tie_digest, trait_digests
from remelt.web.photos import keep_photos
from remelt.web.reverse_files import filing_table, quarter_table, year_table
from remelt.web.reverse_forms import (
    ConsentForm,
    ElsewhereForm,
    ExportForm,
    MethodForm,
    NumberForm,
)
from remelt.web.reverse_page import named_flags, rules_at, seller_rows, seller_view
from remelt.web.reverse_words import WORDS
from remelt.web.sheets import table_answer
from remelt.web.yard_sites import vault

bp = Blueprint("reverse", __name__, url_prefix="/reverse-invoices")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the identified sellers with their meters, what waits to be invoiced, and signs."""
    require("settlement.invoice")
    return _index(blank())


@bp.post("/method")
def method() -> ResponseReturnValue:
    """Say how the organisation pays VAT."""
    who = require("settlement.invoice")

    def act(session: Session, form: MethodForm) -> str:
        invoicing.set_tax_method(
            session, clock=clock(), organisation_id=who.organisation_id, person_id=who.person_id,
            method=form.method,
        )  # fmt: skip
        return url_for("reverse.index")

    return submit(MethodForm, act, who=who, page=_index)


@bp.post("/filing")
def filing() -> ResponseReturnValue:
    """Give the month's agent filing as a file; that identities were opened is kept."""
    who = require("settlement.invoice")
    form = read_form(ExportForm)
    with store().write() as session:
        table = filing_table(session, clock=clock(), who=who, month=form.period, vault=vault())
    return table_answer(table, name=f"agent-filing-{form.period}", shape=form.shape)


@bp.post("/quarter")
def quarter() -> ResponseReturnValue:
    """Give a quarter by seller as a file; that identities were opened is kept."""
    who = require("settlement.invoice")
    form = read_form(ExportForm)
    with store().write() as session:
        table = quarter_table(session, clock=clock(), who=who, quarter=form.period, vault=vault())
    return table_answer(table, name=f"sellers-{form.period}", shape=form.shape)


@bp.get("/sellers/<seller>")
def show(seller: str) -> ResponseReturnValue:
    """Show one seller: meter, consent, purchases and invoices."""
    require("settlement.invoice")
    return _seller(seller, blank())


@bp.get("/sellers/<seller>/statement")
def statement(seller: str) -> Response:
    """Give the seller's statement of a year as a file."""
    who = require("settlement.invoice")
    with store().read() as session:
        now = clock().now(session)
        view = seller_view(session, organisation_id=who.organisation_id, code=seller, now=now)
        if view.seller is None:
            raise SellerUnidentified
        year = asked_year(now=now)
        table = year_table(session, who=who, seller_id=view.seller.key, year=year)
    shape = request.args.get("shape", "csv")
    return table_answer(table, name=f"seller-statement-{year}", shape=shape)


@bp.post("/sellers/<seller>/consent")
def consent(seller: str) -> ResponseReturnValue:
    """Keep the seller's consent on file."""
    who = require("settlement.invoice")
    _own_seller(seller)

    def act(session: Session, form: ConsentForm) -> str:
        now = clock().now(session)
        view = seller_view(session, organisation_id=who.organisation_id, code=seller, now=now)
        proof = keep_photos(request.files.getlist("photos"), files=files())
        kept = sellers.consent(
            session, clock=clock(), seller=view.seller, buyer_id=who.organisation_id,
            person_id=who.person_id, given_on=form.given_on,
            proof_sha256=proof[0].sha256 if proof else None,
        )  # fmt: skip
        if view.seller is not None:
            traits = {"bank_card": form.bank_card, "address": form.home_address}
            sellers.met_with(
                session, seller=view.seller, buyer_id=who.organisation_id, at=kept.recorded_at,
                traits=trait_digests(traits, vault=vault()),
            )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(ConsentForm, act, who=who, page=lambda state: _seller(seller, state))


@bp.post("/sellers/<seller>/code")
def hand_code(seller: str) -> ResponseReturnValue:
    """Make the code with which the seller, who stands here, ties the own account."""
    who = require("settlement.invoice")
    _own_seller(seller)

    def act(session: Session, form: Press) -> str:
        del form
        now = clock().now(session)
        view = seller_view(session, organisation_id=who.organisation_id, code=seller, now=now)
        code = new_code()
        tying.hand_code(
            session, clock=clock(), seller=view.seller, buyer_id=who.organisation_id,
            person_id=who.person_id, digest=tie_digest(code, vault=vault()),
            sealed=vault().seal(code),
        )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(Press, act, who=who, page=lambda state: _seller(seller, state))


@bp.post("/sellers/<seller>/withdraw")
def withdraw(seller: str) -> ResponseReturnValue:
    """End the seller's consent."""
    who = require("settlement.invoice")
    _own_seller(seller)

    def act(session: Session, form: Press) -> str:
        del form
        now = clock().now(session)
        view = seller_view(session, organisation_id=who.organisation_id, code=seller, now=now)
        if view.seller is not None:
            sellers.withdraw_consent(
                session, clock=clock(), seller=view.seller, buyer_id=who.organisation_id,
                person_id=who.person_id,
            )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(Press, act, who=who, page=lambda state: _seller(seller, state))


@bp.post("/sellers/<seller>/elsewhere")
def elsewhere(seller: str) -> ResponseReturnValue:
    """Enter what was invoiced for the seller elsewhere, with its proof."""
    who = require("settlement.invoice")
    _own_seller(seller)

    def act(session: Session, form: ElsewhereForm) -> str:
        now = clock().now(session)
        view = seller_view(session, organisation_id=who.organisation_id, code=seller, now=now)
        proof = keep_photos(request.files.getlist("photos"), files=files())
        sellers.state_elsewhere(
            session, clock=clock(), seller=view.seller, told_by_id=who.organisation_id,
            person_id=who.person_id, month=form.month, net_fen=form.net_yuan,
            proof_sha256=proof[0].sha256 if proof else None,
        )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(ElsewhereForm, act, who=who, page=lambda state: _seller(seller, state))


@bp.post("/sellers/<seller>/purchases/<purchase>")
def draw_up(seller: str, purchase: str) -> ResponseReturnValue:
    """Draw up the reverse invoice of a purchase, at the gate or under a contract."""
    who = require("settlement.invoice")
    _own_seller(seller)
    with store().read() as session:
        bought = queries.purchase(session, buyer_id=who.organisation_id, subject_code=purchase)

    def act(session: Session, form: Press) -> str:
        del form
        invoicing.draw_up(
            session, clock=clock(), subject_code=purchase, buyer_id=who.organisation_id,
            person_id=who.person_id, kind=bought.kind,
        )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(Press, act, who=who, page=lambda state: _seller(seller, state))


@bp.post("/sellers/<seller>/invoices/<invoice>/red")
def red(seller: str, invoice: str) -> ResponseReturnValue:
    """Take an invoice back by a red one."""
    who = require("settlement.invoice")
    _own_invoice(seller, invoice)

    def act(session: Session, form: Press) -> str:
        del form
        invoicing.counter(
            session, clock=clock(), invoice_code=invoice, buyer_id=who.organisation_id,
            person_id=who.person_id,
        )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(Press, act, who=who, page=lambda state: _seller(seller, state))


@bp.post("/sellers/<seller>/invoices/<invoice>/number")
def number(seller: str, invoice: str) -> ResponseReturnValue:
    """Note the number that the tax office's system gave."""
    who = require("settlement.invoice")
    _own_invoice(seller, invoice)

    def act(session: Session, form: NumberForm) -> str:
        invoicing.note_number(
            session, clock=clock(), invoice_code=invoice, buyer_id=who.organisation_id,
            person_id=who.person_id, number=form.number,
        )  # fmt: skip
        return url_for("reverse.show", seller=seller)

    return submit(NumberForm, act, who=who, page=lambda state: _seller(seller, state))


def _own_seller(seller: str) -> None:
    who = require("settlement.invoice")
    with store().read() as session:
        seller_view(
            session, organisation_id=who.organisation_id, code=seller,
            now=clock().now(session),
        )  # fmt: skip


def _own_invoice(seller: str, invoice: str) -> None:
    who = require("settlement.invoice")
    _own_seller(seller)
    with store().read() as session:
        invoicing.invoice(session, code=invoice, buyer_id=who.organisation_id)


def _index(state: FormState) -> str:
    who = require("settlement.invoice")
    with store().read() as session:
        now = clock().now(session)
        rules = rules_at(session, now)
        rows = seller_rows(session, organisation_id=who.organisation_id, now=now, rules=rules)
        return render_template(
            "reverse/index.html",
            state=state,
            rows=rows,
            rules=rules,
            month=month_of(now),
            quarter=quarter_of(now),
            method=invoicing.tax_method(
                session,
                organisation_id=who.organisation_id,
                on=now.astimezone(BEIJING).date(),
            ),
            flags=named_flags(
                session, rows, organisation_id=who.organisation_id, now=now, rules=rules
            ),
            filed=queries.filing(
                session, buyer_id=who.organisation_id, month=month_of(now), rules=rules
            ),
            words=WORDS,
        )


def _seller(seller: str, state: FormState) -> str:
    who = require("settlement.invoice")
    with store().read() as session:
        now = clock().now(session)
        return render_template(
            "reverse/seller.html",
            state=state,
            view=seller_view(session, organisation_id=who.organisation_id, code=seller, now=now),
            rules=rules_at(session, now),
            text=sellers.CONSENT_TEXT,
            opened=vault().open,
            month=month_of(now),
            today=now.astimezone(BEIJING).date(),
            words=WORDS,
        )
