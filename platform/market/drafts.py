"""What a seller says of a lot before it is published, and whether the market takes it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from remelt.platform.market.errors import (
    BadTimes,
    BadTrack,
    CertificateMissing,
    HazardousLot,
    MassOutOfBounds,
    NotScreened,
    PriceOutOfBounds,
    ReserveUnderStart,
    StepsUnfit,
    TermUnfit,
    TooManyPhotos,
    TooSmallForAuction,
    UnknownGrade,
    UnknownWord,
)
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.kinds import (
    HOUR_S,
    MOST_TURN_S,
    PLAIN,
    Conditions,
    Descending,
    Sealed,
    check_conditions,
    check_descending,
)
from remelt.platform.market.models import (
    EVIDENCE,
    FORMS,
    MAX_MASS_G,
    MAX_PRICE_FEN_PER_T,
    ORIGINS,
    TRACKS,
)

MIN_MASS_G = 1_000
MOST_PHOTOS = 12
MOST_BANDS = 8
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=30)
HARD_CLOSE_AFTER = timedelta(minutes=30)
_BARRED = re.compile(r"\bHW\d|prohibited")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPrice:
    """Sold to the first who takes it at `price_fen_per_t`."""

    price_fen_per_t: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ascending:
    """An ascending auction with a soft close.

    start: least first bid; step: least rise; reserve: secret, None for none. A bid accepted in
    the last `extension_s` moves the close to that long after it. auto_award: the close sells.
    bands, tick, most_rise: see `bids.standing.Terms`.
    """

    start_fen_per_t: int
    step_fen_per_t: int
    reserve_fen_per_t: int | None = None
    extension_s: int = 120
    auto_award: bool = True
    bands: tuple[tuple[int, int], ...] = ()
    tick_fen_per_t: int = 1
    most_rise_fen_per_t: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDraft:
    """A lot as its seller describes it, and how it is to be sold.

    declared_mass_g: a claim in grams. productive: scrap of industry, power, rail or building;
    it needs `certificate`, the number of the unit's paper. origin_area: two digits of the
    province or, for imports, the ISO country; empty for the province where the lot lies.
    opens_at: None for at once.
    """

    metal: str
    grade_system: str
    grade_code: str
    form: str
    declared_mass_g: int
    origin: str
    evidence: str
    productive: bool
    hazard_free: bool
    radiation_checked: bool
    no_sealed_vessels: bool
    track: str
    price: FixedPrice | Ascending | Sealed | Descending
    tax_included: bool
    vat_rate_bp: int
    closes_at: datetime
    opens_at: datetime | None = None
    certificate: str = ""
    origin_area: str = ""
    title: str = ""
    description: str = ""
    conditions: Conditions = PLAIN


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A kept photo: the hash of its bytes and its size in pixels."""

    sha256: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class GradeFacts:
    """What the rules need of a catalogue grade: its metal and its hazard note."""

    metal: str
    hazard: str


def check_draft(
    draft: ListingDraft,
    *,
    grade: GradeFacts,
    site_adcode: str,
    photos: int,
    now: datetime,
    house: HouseRules = HOUSE,
) -> None:
    """Refuse a draft that the normal market cannot take. Touches no database.

    The refusal's fact `field` names the draft's field that has to change.
    """
    _check_words(draft)
    if grade.metal != draft.metal:
        raise UnknownGrade(field="grade_code", grade=draft.grade_code)
    if is_barred(grade.hazard):
        raise HazardousLot(field="grade_code", hazard=grade.hazard)
    _check_screening(draft)
    if not MIN_MASS_G <= draft.declared_mass_g <= MAX_MASS_G:
        raise MassOutOfBounds(field="declared_mass_g", mass_g=draft.declared_mass_g)
    _check_track(draft, site_adcode=site_adcode)
    _check_price(draft, house=house)
    _check_times(draft, now=now)
    if photos > MOST_PHOTOS:
        raise TooManyPhotos(field="photos", most=MOST_PHOTOS)


def is_barred(hazard: str) -> bool:
    """Tell whether a grade's hazard note keeps it out of the normal market.

    Hazardous waste (a code HW..) goes from licence to licence with a manifest; what collectors
    may not trade at all is marked prohibited.

    >>> is_barred("HW31 900-052-31 in China"), is_barred("fire")
    (True, False)
    """
    return _BARRED.search(hazard) is not None


def area_of(draft: ListingDraft, *, site_adcode: str) -> str:
    """Return the area of origin: as given, else the province where the lot lies."""
    return draft.origin_area or site_adcode[:2]


def _check_words(draft: ListingDraft) -> None:
    known = (
        ("form", draft.form, FORMS),
        ("origin", draft.origin, ORIGINS),
        ("evidence", draft.evidence, EVIDENCE),
        ("track", draft.track, TRACKS),
    )
    for field, value, words in known:
        if value not in words:
            raise UnknownWord(field=field, value=value[:40])
    for field, value, most in (
        ("title", draft.title, 120),
        ("description", draft.description, 2000),
        ("certificate", draft.certificate, 200),
    ):
        if len(value) > most or "\0" in value:
            raise UnknownWord(field=field, value=value[:40])


def _check_screening(draft: ListingDraft) -> None:
    for field in ("hazard_free", "radiation_checked", "no_sealed_vessels"):
        if not getattr(draft, field):
            raise NotScreened(field=field)
    if draft.productive and not draft.certificate.strip():
        raise CertificateMissing(field="certificate")


def _check_track(draft: ListingDraft, *, site_adcode: str) -> None:
    area, home = area_of(draft, site_adcode=site_adcode), site_adcode[:2]
    fits = {
        "in_province": area == home,
        "out_of_province": area.isdigit() and len(area) == 2 and area != home,  # noqa: PLR2004
        "import": _COUNTRY.fullmatch(area) is not None and area != "CN",
    }
    if not fits[draft.track]:
        raise BadTrack(field="origin_area", area=area[:10])


def _check_price(draft: ListingDraft, *, house: HouseRules) -> None:
    price = draft.price
    if isinstance(price, FixedPrice):
        check_price(price.price_fen_per_t, field="fixed_fen_per_t")
    else:
        if draft.declared_mass_g < house.min_auction_g:
            raise TooSmallForAuction(field="declared_mass_g", least_mass_g=house.min_auction_g)
        _check_asked(price)
    if not 0 <= draft.vat_rate_bp <= 10_000:  # noqa: PLR2004 - 100 %
        raise UnknownWord(field="vat_rate_bp", value=str(draft.vat_rate_bp)[:40])
    check_conditions(draft.conditions)
    _check_fits(draft.conditions, price=price)


def _check_fits(asked: Conditions, *, price: FixedPrice | Ascending | Sealed | Descending) -> None:
    """Refuse a condition that this way of selling would not keep.

    At a fixed price there is no winner to verify or to wait for; offers that everybody sees rise
    by price, and only sealed ones are ranked by their score.
    """
    unfit: list[str] = []
    if not isinstance(price, Sealed):
        unfit += ["freight_fen_per_tkm", "co2e_g_per_tkm", "carbon_fen_per_t"]
    if isinstance(price, FixedPrice):
        unfit += ["verify_s", "pay_s"]
    if isinstance(price, FixedPrice | Descending):
        unfit += ["reserve_open"]
    for field in unfit:
        if getattr(asked, field):
            raise TermUnfit(field=field)


def _check_asked(price: Ascending | Sealed | Descending) -> None:
    """Refuse prices out of bounds, a reserve under the start, a fall that cannot be."""
    check_price(price.start_fen_per_t, field="start_fen_per_t")
    for field in ("step_fen_per_t", "floor_fen_per_t", "lower_by_fen_per_t"):
        asked = getattr(price, field, None)
        if asked is not None:
            check_price(asked, field=field)
    within = getattr(price, "open_within_s", None)
    if within is not None and not HOUR_S <= within <= MOST_TURN_S:
        raise BadTimes(field="open_within_s")
    if isinstance(price, Descending):
        check_descending(price)
        return
    if isinstance(price, Ascending):
        check_steps(price)
    if price.reserve_fen_per_t is not None:
        check_price(price.reserve_fen_per_t, field="reserve_fen_per_t")
        if price.reserve_fen_per_t < price.start_fen_per_t:
            raise ReserveUnderStart(field="reserve_fen_per_t")


def check_steps(price: Ascending) -> None:
    """Refuse bands that do not rise, and prices of the seller's own off its tick.

    So every price that the house may answer with is a whole multiple of the tick too. Steps grow
    with the price: then the least that leads only rises, and a plain read may refuse by it.
    """
    if len(price.bands) > MOST_BANDS:
        raise StepsUnfit(field="bands")
    froms = [start for start, _step in price.bands]
    if froms != sorted(set(froms)) or any(start <= price.start_fen_per_t for start in froms):
        raise StepsUnfit(field="bands")
    for start, step in price.bands:
        check_price(start, field="bands")
        check_price(step, field="bands")
    steps = [price.step_fen_per_t, *(step for _start, step in price.bands)]
    if steps != sorted(steps):
        raise StepsUnfit(field="bands")
    check_price(price.tick_fen_per_t, field="tick_fen_per_t")
    if price.most_rise_fen_per_t is not None:
        check_price(price.most_rise_fen_per_t, field="most_rise_fen_per_t")
    own = [price.start_fen_per_t, price.reserve_fen_per_t or 0, *steps]
    if any(each % price.tick_fen_per_t for each in own):
        raise StepsUnfit(field="tick_fen_per_t")


def check_price(price_fen_per_t: int, *, field: str) -> None:
    """Refuse a price outside 0.01 to 1,000,000 yuan per tonne."""
    if not 1 <= price_fen_per_t <= MAX_PRICE_FEN_PER_T:
        raise PriceOutOfBounds(field=field)


def _check_times(draft: ListingDraft, *, now: datetime) -> None:
    opens = draft.opens_at or now
    if not now <= opens <= now + LONGEST:
        raise BadTimes(field="opens_at")
    falling = isinstance(draft.price, Descending)  # its fall says when it ends
    if not falling and not opens + SHORTEST <= draft.closes_at <= opens + LONGEST:
        raise BadTimes(field="closes_at")
    if isinstance(draft.price, Ascending) and not 0 <= draft.price.extension_s <= 900:  # noqa: PLR2004
        raise BadTimes(field="extension_s")
