"""Kept integers as people read them: kg and t, ¥/吨, %, kgCO₂e, Beijing time.

Pure: a value and whether the page is Chinese (`zh`) give a text. A no-break space stands between
a number and its unit. `None` is a value that is missing: an en dash, never a nought.
`FILTERS` are the same functions for templates, in the language of the page.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_locale
from markupsafe import Markup

BEIJING = ZoneInfo("Asia/Shanghai")
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
MISSING = "–"
TONNE = 1_000_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_ZH = "一二三四五六日"


def decimal(value: int, *, scale: int, digits: int, trim: bool = False) -> str:
    """`value / scale` with `digits` decimals and thousands separators, rounded half away from 0.

    scale: what one unit is, > 0; trim: drop noughts at the end.

    >>> decimal(1_234_567, scale=1000, digits=1)
    '1,234.6'
    """
    sign = MINUS if value < 0 else ""
    tenths = (2 * abs(value) * 10**digits + scale) // (2 * scale)
    whole, rest = divmod(tenths, 10**digits)
    text = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    if trim and digits:
        text = text.rstrip("0").rstrip(".")
    return (sign if tenths else "") + text


@lru_cache(4096)
def mass(mass_g: int | None, *, zh: bool = True, exact: bool = False) -> str:
    """A mass: under a tonne in kg with at most one decimal, else in t with two.

    exact: as on a weigh ticket, in kg to the gram below a tonne and in t with three decimals.
    """
    del zh
    if mass_g is None:
        return MISSING
    if abs(mass_g) < TONNE:
        return decimal(mass_g, scale=1000, digits=3 if exact else 1, trim=True) + NBSP + "kg"
    return decimal(mass_g, scale=TONNE, digits=3 if exact else 2) + NBSP + "t"


def kilograms(mass_g: int | None, *, zh: bool = True) -> str:
    """A mass always in kg, as scales show it."""
    del zh
    return (
        MISSING
        if mass_g is None
        else decimal(mass_g, scale=1000, digits=3, trim=True) + NBSP + "kg"
    )


def tonnes(mass_g: int | None, *, zh: bool = True) -> str:
    """A mass always in t with two decimals, as tables compare it."""
    del zh
    return MISSING if mass_g is None else decimal(mass_g, scale=TONNE, digits=2) + NBSP + "t"


def difference(mass_g: int | None, *, zh: bool = True) -> str:
    """A signed mass: what was weighed against what was declared."""
    text = mass(mass_g, zh=zh)
    return "+" + text if mass_g and mass_g > 0 else text


@lru_cache(4096)
def price(fen_per_t: int | None, *, zh: bool = True) -> str:
    """A price per tonne; fen are shown only when there are any."""
    if fen_per_t is None:
        return MISSING
    figure = decimal(fen_per_t, scale=100, digits=0 if fen_per_t % 100 == 0 else 2)
    return f"¥{figure}/吨" if zh else f"CNY{NBSP}{figure}/t"


@lru_cache(4096)
def money(amount_fen: int | None, *, zh: bool = True) -> str:
    """An amount to the fen."""
    if amount_fen is None:
        return MISSING
    sign = MINUS if amount_fen < 0 else ""
    figure = decimal(abs(amount_fen), scale=100, digits=2)
    return f"{sign}¥{figure}" if zh else f"{sign}CNY{NBSP}{figure}"


def minor(amount_minor: int | None, *, currency: str = "CNY", zh: bool = True) -> str:
    """An amount in the smallest unit of a currency that has hundredths."""
    if amount_minor is None or currency == "CNY":
        return money(amount_minor, zh=zh)
    sign = MINUS if amount_minor < 0 else ""
    return f"{sign}{currency}{NBSP}" + decimal(abs(amount_minor), scale=100, digits=2)


def total(amount_fen: int | None, *, zh: bool = True) -> str:
    """A sum at a glance: from 10,000 yuan on in 万元 (Chinese) or whole yuan (English)."""
    if amount_fen is None or abs(amount_fen) < 1_000_000:  # noqa: PLR2004 - 10,000 yuan
        return money(amount_fen, zh=zh)
    if zh:
        return decimal(amount_fen, scale=1_000_000, digits=2) + NBSP + "万元"
    return f"CNY{NBSP}" + decimal(amount_fen, scale=100, digits=0)


def percent(bp: int | None, *, zh: bool = True, digits: int = 1) -> str:
    """A ratio kept in 1/10,000, as a percentage."""
    del zh
    return MISSING if bp is None else decimal(bp, scale=100, digits=digits) + "%"


def ratio(numerator: int | None, denominator: int | None, *, digits: int = 1) -> str:
    """A kept pair as a percentage; missing when the denominator is nought."""
    if numerator is None or not denominator:
        return MISSING
    return decimal(100 * numerator, scale=denominator, digits=digits) + "%"


def co2e(co2e_g: int | None, *, zh: bool = True) -> str:
    """A footprint: under a tonne in kgCO₂e, else in tCO₂e."""
    del zh
    if co2e_g is None:
        return MISSING
    if abs(co2e_g) < TONNE:
        digits = 0 if abs(co2e_g) >= 100_000 else 2  # noqa: PLR2004 - from 100 kg on, whole kg
        return decimal(co2e_g, scale=1000, digits=digits, trim=True) + NBSP + "kgCO₂e"
    return decimal(co2e_g, scale=TONNE, digits=2) + NBSP + "tCO₂e"


def intensity(co2e_g: int | None, mass_g: int | None, *, digits: int = 0) -> str:
    """A footprint per tonne, in kgCO₂e/t, of a kept pair; missing when there is no mass."""
    if co2e_g is None or not mass_g:
        return MISSING
    return decimal(1000 * co2e_g, scale=mass_g, digits=digits) + NBSP + "kgCO₂e/t"


def distance(distance_m: int | None, *, zh: bool = True) -> str:
    """A way: m below 1 km, one decimal below 100 km, whole km above."""
    del zh
    if distance_m is None:
        return MISSING
    if abs(distance_m) < 1000:  # noqa: PLR2004 - 1 km
        return f"{distance_m}{NBSP}m"
    digits = 1 if abs(distance_m) < 100_000 else 0  # noqa: PLR2004 - 100 km
    return decimal(distance_m, scale=1000, digits=digits) + NBSP + "km"


def duration(seconds: int | None, *, zh: bool = True) -> str:
    """A time span in hours and minutes, minutes rounded up."""
    if seconds is None:
        return MISSING
    hours, minutes = divmod(-(-seconds // 60), 60)
    hour, minute = ("小时", "分") if zh else ("h", "min")
    if not hours:
        return f"{minutes}{NBSP}{minute if not zh else '分钟'}"
    return f"{hours}{NBSP}{hour}" + (f"{NBSP}{minutes}{NBSP}{minute}" if minutes else "")


def number(value: int | None, *, zh: bool = True) -> str:
    """A plain number with thousands separators."""
    del zh
    return MISSING if value is None else decimal(value, scale=1, digits=0)


def amount(thousandths: int | None, *, zh: bool = True) -> str:
    """A quantity kept in thousandths of its unit: Wh as kWh, litres as cubic metres."""
    del zh
    return MISSING if thousandths is None else decimal(thousandths, scale=1000, digits=3, trim=True)


def quote(value_e6: int | None, *, zh: bool = True) -> str:
    """A quoted price or rate kept in millionths: two decimals, four where they say more.

    >>> quote(20_480_000_000), quote(7_123_400)
    ('20,480.00', '7.1234')
    """
    del zh
    if value_e6 is None:
        return MISSING
    return decimal(value_e6, scale=TONNE, digits=4 if value_e6 % 10_000 else 2)


def ppm_percent(ppm: int | None, *, zh: bool = True) -> str:
    """A content kept in parts per million, as a percentage by mass."""
    del zh
    return MISSING if ppm is None else decimal(ppm, scale=10_000, digits=3, trim=True) + "%"


def code(text: str | None, *, zh: bool = True) -> str:
    """A lot code in groups of four, as it is read out."""
    del zh
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4)) if text else MISSING


def beijing(at: datetime) -> datetime:
    """An aware time as clocks in Guiyang show it. A naive one is taken for UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(BEIJING)


def day_text(at: date, *, zh: bool = True, weekday: bool = False) -> str:
    """A date in words. An aware time is first moved to Beijing."""
    local = beijing(at) if isinstance(at, datetime) else at
    if zh:
        text = f"{local.year}年{local.month}月{local.day}日"
        return text + (f" 周{WEEKDAYS_ZH[local.weekday()]}" if weekday else "")
    text = f"{local.day}{NBSP}{MONTHS[local.month - 1]}{NBSP}{local.year}"
    return f"{WEEKDAYS[local.weekday()]} {text}" if weekday else text


def day(at: date | None, *, zh: bool = True, weekday: bool = False) -> Markup:
    """A date as a `<time>` element."""
    if at is None:
        return Markup(MISSING)  # noqa: S704 - a constant
    local = beijing(at).date() if isinstance(at, datetime) else at
    text = day_text(at, zh=zh, weekday=weekday)
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), text)


def moment(at: datetime | None, *, zh: bool = True) -> Markup:
    """A date with hour and minute as a `<time>` element."""
    if at is None:
        return Markup(MISSING)  # noqa: S704 - a constant
    between = " " if zh else ", "
    text = day_text(at, zh=zh) + between + beijing(at).strftime("%H:%M")
    return Markup('<time datetime="{}">{}</time>').format(stamp(at), text)


def hour(at: datetime | None, *, zh: bool = True) -> Markup:
    """Hour and minute only, as a `<time>` element."""
    del zh
    if at is None:
        return Markup(MISSING)  # noqa: S704 - a constant
    return Markup('<time datetime="{}">{}</time>').format(stamp(at), beijing(at).strftime("%H:%M"))


def minutes_of_day(minutes: int | None, *, zh: bool = True) -> str:
    """A minute of the Beijing day as hh:mm.

    >>> minutes_of_day(510)
    '08:30'
    """
    del zh
    return MISSING if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def stamp(at: datetime) -> str:
    """A time for machines: UTC, whole seconds, Z."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def month(at: date | str | None, *, zh: bool = True) -> str:
    """A reporting month, from a date in it or from YYYY-MM."""
    if at is None:
        return MISSING
    year, nth = (at.year, at.month) if isinstance(at, date) else map(int, at.split("-")[:2])
    return f"{year}年{nth}月" if zh else f"{MONTHS[nth - 1]}{NBSP}{year}"


def named(row: Any, *, zh: bool = True) -> str:
    """The name of a row that carries `name_zh` and `name_en`; the other where one is missing."""
    first, second = ("name_zh", "name_en") if zh else ("name_en", "name_zh")
    return getattr(row, first, None) or getattr(row, second, None) or MISSING


def is_chinese() -> bool:
    """Whether the page now being made is Chinese."""
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _spoken(function: Callable[..., str]) -> Callable[..., str]:
    def filtered(value: Any, **options: Any) -> str:
        return function(value, zh=is_chinese(), **options)

    return filtered


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: _spoken(function)
    for function in (
        mass, kilograms, tonnes, difference, price, money, minor, total, percent, co2e, distance,
        duration, number, code, day, moment, hour, minutes_of_day, month, named,
        amount, quote, ppm_percent,
    )
} | {"ratio": ratio, "intensity": intensity, "stamp": stamp}  # fmt: skip
