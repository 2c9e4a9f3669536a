"""Metal accounts are offered by the processor and bind once the owner accepts."""

from dataclasses import dataclass

from sqlmodel import Session, or_, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries as parties
from remelt.platform.works.errors import AccountNotOpen, BadTollingTerms, NoSuchAccount
from remelt.platform.works.flow_models import TERMS, TollingAccount
from remelt.platform.works.places import place_of

WHOLE_BP = 10_000
RUNS = ("smelt", "process")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What owner and processor agree on; see `TollingAccount`."""

    metal: str
    product: str
    terms: str
    yield_bp: int
    fee_fen_per_t: int = 0
    material: str = "scrap"


def open_account(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    owner_site: str,
    terms: Terms,
) -> TollingAccount:
    """Offer a metal account to an owner, as the processor. It binds once the owner accepts.

    owner_site: code of the owner's site, where metal comes from and goes back to.
    Raises `SiteCannot`, `NoSuchSite`, `BadTollingTerms`.
    """
    place = place_of(session, site_id=site_id, person_id=person_id, needs=RUNS)
    theirs = parties.site(session, code=owner_site)
    check_terms(terms, own=theirs.organisation_id == place.site.organisation_id)
    account = TollingAccount(
        code=new_code(),
        owner_id=theirs.organisation_id,
        owner_site_id=theirs.key,
        processor_id=place.site.organisation_id,
        site_id=site_id,
        metal=terms.metal,
        material=terms.material,
        product=terms.product.strip(),
        terms=terms.terms,
        yield_bp=terms.yield_bp,
        fee_fen_per_t=terms.fee_fen_per_t,
        opened_at=clock.now(session),
        opened_by=person_id,
    )
    session.add(account)
    session.flush()
    return account


def check_terms(terms: Terms, *, own: bool) -> None:
    """Refuse terms that cannot be. Touches no database. Raises `BadTollingTerms`."""
    if own:
        raise BadTollingTerms(field="owner_site")
    if terms.terms not in TERMS or (terms.material == "dross" and terms.terms != "own_metal"):
        raise BadTollingTerms(field="terms")
    if not 0 < terms.yield_bp <= WHOLE_BP:
        raise BadTollingTerms(field="yield_pct")
    if terms.fee_fen_per_t < 0 or not terms.product.strip():
        raise BadTollingTerms(field="product")


def owed_of(account: TollingAccount, *, mass_g: int) -> int:
    """Return what is owed in product for so much metal received, in g, rounded down."""
    return mass_g * account.yield_bp // WHOLE_BP


def accept_account(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int
) -> TollingAccount:
    """Accept an account as the owner. Raises `NoSuchAccount`, `AccountNotOpen` when it ended."""
    account = lock_account(session, code=code, organisation_id=organisation_id)
    if account.owner_id != organisation_id:
        raise NoSuchAccount(account_code=code[:20])
    if account.ended_at is not None:
        raise AccountNotOpen(account_code=code)
    if account.accepted_at is None:
        account.accepted_at, account.accepted_by = clock.now(session), person_id
        session.add(account)
    return account


def lock_account(session: Session, *, code: str, organisation_id: int) -> TollingAccount:
    """Return an account of one's organisation on either side, locked. Raises `NoSuchAccount`."""
    found = session.exec(
        select(TollingAccount)
        .where(
            TollingAccount.code == code,
            or_(
                TollingAccount.owner_id == organisation_id,
                TollingAccount.processor_id == organisation_id,
            ),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchAccount(account_code=code[:20])
    return found
