"""Stating a need, ending it, and the rules that a need keeps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market import search
from remelt.platform.market.drafts import check_price, is_barred
from remelt.platform.market.errors import (
    BadTimes,
    HazardousLot,
    MassOutOfBounds,
    UnknownGrade,
    UnknownWord,
)
from remelt.platform.market.events import NeedEnded, NeedStated
from remelt.platform.market.models import FORMS, MAX_MASS_G, TRACKS
from remelt.platform.market.needs.errors import LotsTooLarge, NeedIsOver, NoSuchNeed, TooManyNeeds
from remelt.platform.market.needs.models import Need
from remelt.platform.market.tenders.binding import end_with_need
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site

MOST_OPEN: Final = 200
MOST_GRADES: Final = 40
SHORTEST: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=366)
HALF_EARTH_M: Final = 20_100_000
MOST_CO2E: Final = 10_000_000
MOST_VAT_BP: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDraft:
    """A need as its buyer states it; the columns of `Need` say what each means."""

    metal: str
    mass_g: int
    ends_at: datetime
    grades: tuple[tuple[str, str], ...] = ()
    forms: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    least_lot_g: int | None = None
    most_fen_per_t: int | None = None
    tax_included: bool = False
    vat_rate_bp: int = 0
    productive: bool = False
    most_distance_m: int | None = None
    most_co2e_g_per_t: int | None = None
    purpose: str = ""
    note: str = ""


def state_need(
    session: Session,
    *,
    clock: Clock,
    buyer_id: int,
    person_id: int,
    site_id: int,
    draft: NeedDraft,
) -> Need:
    """Say to every seller what is looked for, to be delivered to one's own open site.

    Raises `NoSuchSite`, `UnknownGrade`, `HazardousLot`, `TooManyNeeds` or a refusal of
    `check_need`.
    """
    site = parties.site_by_id(session, site_id=site_id, organisation_id=buyer_id)
    now = clock.now(session)
    check_need(draft, now=now)
    _check_grades(session, draft)
    if _open_of(session, buyer_id=buyer_id, now=now) >= MOST_OPEN:
        raise TooManyNeeds(most=MOST_OPEN)
    need = _row(session, draft, site=site, person_id=person_id, now=now)
    session.add(need)
    session.flush()
    outbox.record(session, NeedStated(at=now, need_code=need.code, metal=need.metal))
    return need


def end_need(session: Session, *, clock: Clock, need_code: str, buyer_id: int) -> Need:
    """Take a need off the board. Doing it twice changes nothing.

    Raises `NoSuchNeed` for another organisation's, `NeedIsOver` when its time has passed,
    `BoundByTender` while sellers who bid down count on it.
    """
    need = own_need(session, code=need_code, buyer_id=buyer_id, lock=True)
    now = clock.now(session)
    if need.ended_at is not None:
        return need
    if now >= need.ends_at:
        raise NeedIsOver(need=need.code)
    end_with_need(session, need=need, now=now)
    need.ended_at = now
    session.add(need)
    outbox.record(session, NeedEnded(at=now, need_code=need.code))
    return need


def own_need(session: Session, *, code: str, buyer_id: int, lock: bool = False) -> Need:
    """Return a need of the organisation's own. Raises `NoSuchNeed`."""
    statement = select(Need).where(Need.code == code, Need.buyer_id == buyer_id)
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchNeed(need=code[:20])
    return found


def need_by_code(session: Session, *, code: str) -> Need:
    """Return a need, whoever asks. Raises `NoSuchNeed`."""
    found = session.exec(select(Need).where(Need.code == code)).one_or_none()
    if found is None:
        raise NoSuchNeed(need=code[:20])
    return found


def is_open(need: Need, *, now: datetime) -> bool:
    """Tell whether sellers may still answer."""
    return need.ended_at is None and now < need.ends_at


def check_need(draft: NeedDraft, *, now: datetime) -> None:
    """Refuse a need that cannot be met or cannot be read. Touches no database."""
    if not 1 <= draft.mass_g <= MAX_MASS_G:
        raise MassOutOfBounds(field="mass_g", mass_g=draft.mass_g)
    if draft.least_lot_g is not None and not 1 <= draft.least_lot_g <= draft.mass_g:
        raise LotsTooLarge(field="least_lot_g", all_mass_g=draft.mass_g)
    if draft.most_fen_per_t is not None:
        check_price(draft.most_fen_per_t, field="most_fen_per_t")
    if not now + SHORTEST <= draft.ends_at <= now + LONGEST:
        raise BadTimes(field="ends_at")
    for field, values, known in (("forms", draft.forms, FORMS), ("tracks", draft.tracks, TRACKS)):
        for value in values:
            if value not in known:
                raise UnknownWord(field=field, value=value[:40])
    _check_figures(draft)


def _check_figures(draft: NeedDraft) -> None:
    for field, value, most in (
        ("vat_rate_bp", draft.vat_rate_bp, MOST_VAT_BP),
        ("most_distance_m", draft.most_distance_m, HALF_EARTH_M),
        ("most_co2e_g_per_t", draft.most_co2e_g_per_t, MOST_CO2E),
    ):
        if value is not None and not 0 <= value <= most:
            raise UnknownWord(field=field, value=str(value)[:40])
    if draft.most_distance_m == 0:
        raise UnknownWord(field="most_distance_m", value="0")
    for field, text, longest in (("purpose", draft.purpose, 100), ("note", draft.note, 1000)):
        if len(text) > longest or "\0" in text:
            raise UnknownWord(field=field, value=text[:40])


def _check_grades(session: Session, draft: NeedDraft) -> None:
    if draft.metal not in {row.code for row in catalogue.metals(session)}:
        raise UnknownWord(field="metal", value=draft.metal[:10])
    if len(draft.grades) > MOST_GRADES:
        raise UnknownGrade(field="grades", grade=str(len(draft.grades)))
    known = {(row.system, row.code): row for row in catalogue.grades(session, metal=draft.metal)}
    for grade in draft.grades:
        if grade not in known:
            raise UnknownGrade(field="grades", grade=grade[1][:40])
        if is_barred(known[grade].hazard):
            raise HazardousLot(field="grades", hazard=known[grade].hazard)


def _open_of(session: Session, *, buyer_id: int, now: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(Need)
        .where(Need.buyer_id == buyer_id, col(Need.ended_at).is_(None), col(Need.ends_at) > now)
    ).one()


def _row(session: Session, draft: NeedDraft, *, site: Site, person_id: int, now: datetime) -> Need:
    place_zh, place_en = search.place_names(session, adcode=site.adcode)
    return Need(
        code=new_code(),
        buyer_id=site.organisation_id,
        person_id=person_id,
        site_id=site.key,
        metal=draft.metal,
        grades=list(dict.fromkeys(f"{system}|{code}" for system, code in draft.grades)),
        forms=list(dict.fromkeys(draft.forms)),
        tracks=list(dict.fromkeys(draft.tracks)),
        mass_g=draft.mass_g,
        least_lot_g=draft.least_lot_g or 1,
        most_fen_per_t=draft.most_fen_per_t,
        tax_included=draft.tax_included,
        vat_rate_bp=draft.vat_rate_bp,
        productive=draft.productive,
        most_distance_m=draft.most_distance_m,
        most_co2e_g_per_t=draft.most_co2e_g_per_t,
        purpose=draft.purpose,
        note=draft.note,
        place_zh=place_zh,
        place_en=place_en,
        stated_at=now,
        ends_at=draft.ends_at,
    )
