"""Claims for programs: accounts by period, claims on lots, schemes and certificates."""

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from remelt.platform.parties import queries as parties
from remelt.traceability.credits.schemes import declare_scheme
from remelt.traceability.passports import claiming
from remelt.traceability.rules.credits import Terms
from remelt.web.api.base import api_blueprint, once
from remelt.web.claims import Method, Model, as_json, own_board, whole_board
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, Month

bp = api_blueprint("claims", tag="Claims")
Grams = Annotated[int, Field(gt=0, le=10**12)]
Code = Annotated[str, Field(min_length=1, max_length=40)]


class ClaimIn(ApiIn):
    """A claim on a lot; grams under mass balance, a certificate under book and claim."""

    lot: Code
    model: Model
    mass_g: Grams | None = None
    certificate: Annotated[str, Field(max_length=20)] = ""


class ClaimOut(ApiOut):
    """A claim as made."""

    code: str
    lot: str
    kind: str
    model: str
    mass_g: int
    period: str
    event_hash: str


class SchemeIn(ApiIn):
    """One edition of a product group's parameters; grades empty: every grade of the metal."""

    site: Code
    group: Code
    metal: Annotated[str, Field(pattern=r"^[A-Za-z]{1,10}$")]
    grades: tuple[Code, ...] = ()
    method: Method
    from_month: Month
    period_months: int = 1
    window_months: int = 12
    factor: tuple[int, int] = (1, 1)
    expiry_months: int = 12
    edition: Annotated[str, Field(min_length=1, max_length=80)]


class SchemeOut(ApiOut):
    """An edition as declared."""

    group: str
    edition: str
    from_month: str


class CertificateIn(ApiIn):
    """Credits given to another firm."""

    site: Code
    group: Code
    mass_g: Grams
    beneficiary: Code


class CertificateOut(ApiOut):
    """A certificate of book and claim."""

    code: str
    metal: str
    mass_g: int
    beneficiary: str


class ClaimAccountsOut(ApiOut):
    """Accounts with their periods and heats, in grams."""

    items: list[dict[str, Any]]


@bp.get("/claims/accounts")
@bp.output(ClaimAccountsOut)
def get_accounts() -> ClaimAccountsOut:
    """List one's own accounts of every site where one's metal is melted under mass balance."""
    who = require("traceability.claim")
    with store().read() as session:
        board = own_board(session, who=who, clock=clock())
    return ClaimAccountsOut(items=[as_json(account) for account in board.accounts])


@bp.get("/regulation/claims")
@bp.output(ClaimAccountsOut)
def get_every_account() -> ClaimAccountsOut:
    """List every account, for those who may see everything."""
    require("regulation.read")
    with store().read() as session:
        board = whole_board(session, clock=clock())
    return ClaimAccountsOut(items=[as_json(account) for account in board.accounts])


@bp.post("/claims")
@needs("traceability.claim")
@bp.input(ClaimIn, arg_name="data")
@bp.output(ClaimOut, status_code=201)
def post_claim(data: ClaimIn) -> Response:
    """Claim a lot's recycled content, attribute credits to it, or use a certificate on it."""
    who = require("traceability.claim")

    def act(session: Session) -> tuple[int, BaseModel]:
        made = claiming.claim(
            session,
            clock=clock(),
            lot_code=data.lot,
            model=data.model,
            mass_g=data.mass_g,
            certificate_code=data.certificate,
            owner=who.organisation_code,
            actor=f"person:{who.person_code}",
        )
        row = made.claim
        return 201, ClaimOut(
            code=row.code,
            lot=made.lot.code,
            kind=row.kind,
            model=row.model,
            mass_g=row.mass_g,
            period=row.period,
            event_hash=row.event_hash,
        )

    return once(who, act)


@bp.post("/claims/schemes")
@needs("traceability.scheme")
@bp.input(SchemeIn, arg_name="data")
@bp.output(SchemeOut, status_code=201)
def post_scheme(data: SchemeIn) -> Response:
    """Declare how a product group of one's own site is balanced."""
    who = require("traceability.scheme")

    def act(session: Session) -> tuple[int, BaseModel]:
        site = parties.site(session, code=data.site, organisation_id=who.organisation_id)
        scheme = declare_scheme(
            session,
            clock=clock(),
            site_code=site.code,
            organisation=who.organisation_code,
            group_code=data.group,
            metal=data.metal,
            grades=data.grades,
            terms=Terms(
                method=data.method,
                from_month=data.from_month,
                period_months=data.period_months,
                window_months=data.window_months,
                factor=data.factor,
                expiry_months=data.expiry_months,
            ),
            edition=data.edition,
            actor=f"person:{who.person_code}",
        )
        return 201, SchemeOut(
            group=data.group, edition=scheme.edition, from_month=scheme.from_month
        )

    return once(who, act)


@bp.post("/claims/certificates")
@needs("traceability.claim")
@bp.input(CertificateIn, arg_name="data")
@bp.output(CertificateOut, status_code=201)
def post_certificate(data: CertificateIn) -> Response:
    """Book credits of one's own account to another firm."""
    who = require("traceability.claim")

    def act(session: Session) -> tuple[int, BaseModel]:
        beneficiary = parties.organisation(session, code=data.beneficiary)
        made = claiming.issue_certificate(
            session,
            clock=clock(),
            site_code=data.site,
            group_code=data.group,
            mass_g=data.mass_g,
            owner=who.organisation_code,
            beneficiary=beneficiary.code,
            actor=f"person:{who.person_code}",
        )
        return 201, CertificateOut(
            code=made.code, metal=made.metal, mass_g=made.mass_g, beneficiary=made.beneficiary
        )

    return once(who, act)
