"""Claims as pages and programs take and show them: accounts by period, claims, certificates."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, month_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.platform.works.models import Heat
from remelt.traceability import queries as ledger
from remelt.traceability.credits.accounts import (
    Account,
    HeatIntake,
    accounts,
    all_groups,
    certificates_of,
    claims_made,
    groups_seen,
)
from remelt.traceability.credits.models import CreditCertificate, LotClaim
from remelt.traceability.models import Lot
from remelt.traceability.rules.credits import Terms
from remelt.web.fields import Count, LotCode, Percent, PositiveKg, Text, Words
from remelt.web.forms import Form
from remelt.web.inputs import ApiQuery
from remelt.web.messages.marks import N_
from remelt.web.regulation import TypedMonth, firm_names, site_names
from remelt.web.works_forms import KgOrNone

Model = Literal[
    "identity_preserved", "segregated", "controlled_blending", "mass_balance", "book_and_claim"
]
Method = Literal["credits", "rolling_average"]
METHOD_WORDS = {"credits": N_("Credits"), "rolling_average": N_("Rolling average")}
PERIOD_WORDS = {1: N_("a month"), 3: N_("a quarter"), 6: N_("half a year"), 12: N_("a year")}
KIND_WORDS = {
    "recycled_content": N_("Recycled content (ISO 14021)"),
    "attributed": N_("Attributed recycled content (mass balance)"),
    "certificate": N_("Certificate of recycled content (book and claim)"),
}


class ClaimForm(Form):
    """A claim on a lot; a mass under mass balance, a certificate under book and claim."""

    lot: LotCode
    model: Model
    mass_kg: KgOrNone = None
    certificate: Text = ""


class SchemeForm(Form):
    """One edition of a product group's parameters. Grades are parted by commas."""

    site: Words
    group: Words
    metal: Words
    grades: Text = ""
    method: Method
    from_month: TypedMonth
    period_months: Count = 1
    window_months: Count = 12
    factor_pct: Percent = 10_000
    expiry_months: Count = 12
    edition: Words

    def terms(self) -> Terms:
        """Return the parameters as the ledger takes them."""
        return Terms(
            method=self.method,
            from_month=self.from_month,
            period_months=self.period_months,
            window_months=self.window_months,
            factor=(self.factor_pct, 10_000),
            expiry_months=self.expiry_months,
        )

    def grade_codes(self) -> list[str]:
        """Return the grades named, none for every grade."""
        named = self.grades.replace("，", ",").split(",")
        return [each.strip() for each in named if each.strip()]


class BookingForm(Form):
    """Credits given away as a certificate. account: `site|group`."""

    account: Words
    mass_kg: PositiveKg
    beneficiary: Words


class AskedHeats(ApiQuery):
    """Whose heats, of which group, from which month to which."""

    site: Annotated[str, Field(max_length=40)]
    group: Annotated[str, Field(max_length=40)]
    owner: Annotated[str, Field(max_length=40)]
    month_from: TypedMonth
    month_to: TypedMonth


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on a page of claims."""

    accounts: tuple[Account, ...]
    claims: tuple[tuple[LotClaim, Lot, bool], ...]
    certificates: tuple[tuple[CreditCertificate, bool], ...]
    sites: dict[str, str]
    firms: dict[str, str]


def own_board(session: Session, *, who: Actor, clock: Clock) -> Board:
    """Return a firm's own accounts; at its own sites those of other owners of metal too."""
    sites = [site.code for site in parties.sites_of(session, organisation_id=who.organisation_id)]
    groups = groups_seen(session, organisation=who.organisation_code, sites=sites)
    until = month_of(clock.now(session))
    mine = accounts(session, groups=groups, until=until, owner=who.organisation_code)
    given = certificates_of(session, firm=who.organisation_code)
    claims = claims_made(session, owner=who.organisation_code)
    return _board(session, mine, claims, given)


def whole_board(session: Session, *, clock: Clock) -> Board:
    """Return every account there is, for those who may see everything."""
    groups = all_groups(session)
    claims = claims_made(session)
    every = accounts(session, groups=groups, until=month_of(clock.now(session)))
    return _board(session, every, claims, [])


def heats_behind(session: Session, *, asked: AskedHeats) -> list[HeatIntake]:
    """Return the heats whose intakes make the figures of an account's period."""
    groups = [
        each
        for each in all_groups(session)
        if (each.site_code, each.code) == (asked.site, asked.group)
    ]
    found = accounts(session, groups=groups, until=asked.month_to, owner=asked.owner)
    return [
        heat
        for account in found
        for heat in account.heats
        if asked.month_from <= heat.month <= asked.month_to
    ]


def heat_codes(
    session: Session, heats: list[HeatIntake], *, organisation_id: int | None
) -> dict[str, str]:
    """Return event hash -> code of the heat's paper; of one firm's sites where it is given."""
    hashes = [heat.event_hash for heat in heats]
    statement = select(Heat.event_hash, Heat.code).where(col(Heat.event_hash).in_(hashes))
    if organisation_id is not None:
        own = select(Site.id).where(Site.organisation_id == organisation_id)
        statement = statement.where(col(Heat.site_id).in_(own))
    return dict(session.exec(statement).all())


def claimable(session: Session, *, who: Actor) -> list[Lot]:
    """Return the lots of a firm that could carry a claim, newest first."""
    return [
        lot
        for lot in ledger.lots_of(session, owner=who.organisation_code)
        if lot.mass_g and lot.role == "product"
    ]


def _board(
    session: Session,
    found: list[Account],
    claims: list[tuple[LotClaim, Lot, bool]],
    given: list[tuple[CreditCertificate, bool]],
) -> Board:
    firms = {account.owner for account in found}
    firms |= {claim.owner for claim, _lot, _counts in claims}
    firms |= {code for each, _used in given for code in (each.owner, each.beneficiary)}
    return Board(
        accounts=tuple(found),
        claims=tuple(claims),
        certificates=tuple(given),
        sites=site_names(session, {account.group.site_code for account in found}),
        firms=firm_names(session, firms),
    )


def as_json(account: Account) -> dict[str, Any]:
    """Return an account for programs: grams, and the share as its two numbers."""
    return {
        "site": account.group.site_code,
        "group": account.group.code,
        "metal": account.group.metal,
        "grades": list(account.group.grades),
        "owner": account.owner,
        "left_g": account.left_g,
        "overdrawn": account.overdrawn,
        "periods": [
            {
                "period": each.period,
                "last_month": each.last_month,
                "method": each.method,
                "opened_g": each.opened_g,
                "came_g": each.came_g,
                "taken_g": each.taken_g,
                "expired_g": each.expired_g,
                "left_g": each.left_g,
                "recycled_g": each.intake.recycled_g,
                "other_g": each.intake.other_g,
                "cast_g": each.intake.cast_g,
                "share": list(each.share),
            }
            for each in account.periods
        ],
        "heats": [
            {"event_hash": heat.event_hash, "month": heat.month, "blocked": heat.blocked,
             "recycled_g": heat.intake.recycled_g, "other_g": heat.intake.other_g,
             "cast_g": heat.intake.cast_g}
            for heat in account.heats
        ],
    }  # fmt: skip
