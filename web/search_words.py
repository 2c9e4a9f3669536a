"""A saved search in words, and as an address of the board."""

from flask_babel import gettext
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchGrade, NoSuchPlace
from remelt.platform.market.search import BoardFilter
from remelt.web import fmt
from remelt.web.market_words import FORM_WORDS, MODE_WORDS, ORIGIN_SHORT, TRACK_WORDS


def searched(session: Session, wanted: BoardFilter) -> str:
    """Return what a search looks for, in the reader's language; empty when it looks for all."""
    zh = fmt.is_chinese()
    metals = {row.code: fmt.named(row, zh=zh) for row in catalogue.metals(session)}
    said = [wanted.words, metals.get(wanted.metal, wanted.metal), _grade(session, wanted)]
    said += [
        gettext(words[value]) if value in words else value
        for words, value in (
            (FORM_WORDS, wanted.form),
            (TRACK_WORDS, wanted.track),
            (ORIGIN_SHORT, wanted.origin),
            (MODE_WORDS, wanted.price_mode),
        )
    ]
    said.append(_place(session, wanted.prefecture))
    if wanted.mass_from_g is not None:
        said.append(f"≥ {fmt.mass(wanted.mass_from_g, zh=zh)}")
    if wanted.mass_to_g is not None:
        said.append(f"≤ {fmt.mass(wanted.mass_to_g, zh=zh)}")
    return " · ".join(each for each in said if each)


def query_of(wanted: BoardFilter) -> dict[str, str]:
    """Return the query of the board's address that makes this search."""
    asked = {
        "q": wanted.words,
        "metal": wanted.metal,
        "grade": f"{wanted.grade_system}|{wanted.grade_code}" if wanted.grade_code else "",
        "form": wanted.form,
        "track": wanted.track,
        "prefecture": wanted.prefecture,
        "origin": wanted.origin,
        "mode": wanted.price_mode,
        "from_t": _tonnes(wanted.mass_from_g),
        "to_t": _tonnes(wanted.mass_to_g),
    }
    return {name: value for name, value in asked.items() if value}


def _tonnes(mass_g: int | None) -> str:
    if mass_g is None:
        return ""
    return fmt.decimal(mass_g, scale=fmt.TONNE, digits=6, trim=True).replace(",", "")


def _grade(session: Session, wanted: BoardFilter) -> str:
    if not wanted.grade_code:
        return ""
    try:
        found = catalogue.grade(session, system=wanted.grade_system, code=wanted.grade_code)
    except NoSuchGrade:
        return wanted.grade_code
    return fmt.named(found, zh=fmt.is_chinese())


def _place(session: Session, adcode: str) -> str:
    if not adcode:
        return ""
    try:
        return fmt.named(catalogue.place(session, adcode), zh=fmt.is_chinese())
    except NoSuchPlace:
        return adcode
