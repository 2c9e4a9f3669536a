"""Claims: a firm's mass balance accounts, its claims and certificates; the regulator sees all."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.kernel.clock import month_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.traceability.credits.errors import NoSuchGroup
from remelt.traceability.credits.schemes import declare_scheme
from remelt.traceability.passports import claiming
from remelt.web import ledger_words
from remelt.web.claims import (
    KIND_WORDS,
    METHOD_WORDS,
    PERIOD_WORDS,
    AskedHeats,
    BookingForm,
    ClaimForm,
    SchemeForm,
    claimable,
    heat_codes,
    heats_behind,
    own_board,
    whole_board,
)
from remelt.web.context import clock, require, store
from remelt.web.fmt import code, kilograms
from remelt.web.forms import FormState, blank, submit
from remelt.web.works_words import site_choices, spoken

bp = Blueprint("claims", __name__)


@bp.get("/claims")
def show() -> ResponseReturnValue:
    """Show a firm's accounts by period, its claims, and the forms that make them."""
    return _page(require("traceability.claim"))


@bp.post("/claims")
def post_claim() -> ResponseReturnValue:
    """Claim a lot's recycled content, attribute credits to it, or use a certificate on it."""
    who = require("traceability.claim")

    def act(session: Session, form: ClaimForm) -> str:
        claiming.claim(
            session,
            clock=clock(),
            lot_code=form.lot,
            model=form.model,
            mass_g=form.mass_kg,
            certificate_code=form.certificate,
            owner=who.organisation_code,
            actor=f"person:{who.person_code}",
        )
        return url_for("claims.show")

    return submit(ClaimForm, act, who=who, page=lambda state: _page(who, claim=state))


@bp.post("/claims/schemes")
def post_scheme() -> ResponseReturnValue:
    """Declare how a product group of one's own site is balanced."""
    who = require("traceability.scheme")

    def act(session: Session, form: SchemeForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        declare_scheme(
            session,
            clock=clock(),
            site_code=site.code,
            organisation=who.organisation_code,
            group_code=form.group,
            metal=form.metal,
            grades=form.grade_codes(),
            terms=form.terms(),
            edition=form.edition,
            actor=f"person:{who.person_code}",
        )
        return url_for("claims.show")

    return submit(SchemeForm, act, who=who, page=lambda state: _page(who, scheme=state))


@bp.post("/claims/certificates")
def post_certificate() -> ResponseReturnValue:
    """Book credits of one's own account to another firm."""
    who = require("traceability.claim")

    def act(session: Session, form: BookingForm) -> str:
        site, _between, group = form.account.partition("|")
        beneficiary = parties.organisation(session, code=form.beneficiary)
        claiming.issue_certificate(
            session,
            clock=clock(),
            site_code=site,
            group_code=group,
            mass_g=form.mass_kg,
            owner=who.organisation_code,
            beneficiary=beneficiary.code,
            actor=f"person:{who.person_code}",
        )
        return url_for("claims.show")

    return submit(BookingForm, act, who=who, page=lambda state: _page(who, booking=state))


@bp.get("/claims/heats")
def heats() -> ResponseReturnValue:
    """Show the heats behind the figures of one's own account."""
    who = require("traceability.claim")
    asked = _asked_heats()
    if asked.owner != who.organisation_code:
        raise NoSuchGroup(group=asked.group)
    return _heats_page(asked, who=who)


@bp.get("/regulator/claims")
def whole() -> ResponseReturnValue:
    """Show every account, claim and balance."""
    require("regulation.read")
    with store().read() as session:
        board = whole_board(session, clock=clock())
    return _shown(board=board, heats_route="claims.whole_heats", forms=False)


@bp.get("/regulator/claims/heats")
def whole_heats() -> ResponseReturnValue:
    """Show the heats behind the figures of any account."""
    require("regulation.read")
    return _heats_page(_asked_heats(), who=None)


def _asked_heats() -> AskedHeats:
    given = {name: value for name, value in request.args.items() if name != "lang"}
    return AskedHeats.model_validate(given)


def _heats_page(asked: AskedHeats, *, who: Actor | None) -> ResponseReturnValue:
    with store().read() as session:
        found = heats_behind(session, asked=asked)
        papers = heat_codes(session, found, organisation_id=who.organisation_id if who else None)
    return render_template("claims/heats.html", asked=asked, heats=found, papers=papers, who=who)


def _page(
    who: Actor,
    *,
    claim: FormState | None = None,
    scheme: FormState | None = None,
    booking: FormState | None = None,
) -> ResponseReturnValue:
    with store().read() as session:
        board = own_board(session, who=who, clock=clock())
        lots = claimable(session, who=who)
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        month = month_of(clock().now(session))
    return _shown(
        board=board,
        heats_route="claims.heats",
        forms=True,
        may_declare=who.may("traceability.scheme") and bool(sites),
        claim=claim or blank(),
        scheme=scheme or blank(from_month=month),
        booking=booking or blank(),
        lots=[(x.code, f"{x.grade_code} · {code(x.code)} · {kilograms(x.mass_g)}") for x in lots],
        site_choices=site_choices(sites),
        models=spoken(ledger_words.CUSTODY_WORDS),
        method_choices=spoken(METHOD_WORDS),
        length_choices=[(str(months), _(said)) for months, said in PERIOD_WORDS.items()],
    )


_shown = partial(
    render_template,
    "claims/show.html",
    kinds=KIND_WORDS,
    methods=METHOD_WORDS,
    lengths=PERIOD_WORDS,
)
