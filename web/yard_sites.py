"""Which of its sites somebody works at, and what the pages of a yard share."""

from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.market import boards
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.platform.yard.errors import NotAYard
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.tickets import CAPABLE
from remelt.web.context import clock, settings
from remelt.web.natural import vault_of


@dataclass(frozen=True, slots=True)
class GradeOption:
    """A grade to choose: `value` is what is sent, the board's price where one hangs."""

    value: str
    metal: str
    code: str
    name_zh: str
    name_en: str
    board_fen_per_t: int | None


def yards(session: Session, who: Actor) -> list[Site]:
    """The open sites of the organisation that weigh or buy."""
    return [
        site
        for site in parties.sites_of(session, organisation_id=who.organisation_id)
        if not site.capabilities.isdisjoint(CAPABLE)
    ]


def own_yard(session: Session, who: Actor, code: str) -> Site:
    """The site with this code, or the first one when none is said.

    Raises `NoSuchSite` for another organisation's and `NotAYard` when there is none.
    """
    if code:
        return parties.site(session, code=code[:20], organisation_id=who.organisation_id)
    found = yards(session, who)
    if not found:
        raise NotAYard(site_code="")
    return found[0]


def grade_options(session: Session, site: Site, *, with_invoice: bool = False) -> list[GradeOption]:
    """Every grade, those of the site's board first."""
    lines = boards.board(session, site_ids=[site.key], at=clock().now(session))
    prices = {
        (line.grade_system, line.grade_code): line.price_fen_per_t
        for line in reversed(lines)
        if line.with_invoice == with_invoice
    }
    options = [
        GradeOption(
            value=f"{row.system} {row.code}",
            metal=row.metal,
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            board_fen_per_t=prices.get((row.system, row.code)),
        )
        for row in catalogue.grades(session)
    ]
    return sorted(options, key=lambda option: option.board_fen_per_t is None)


def grade_names(session: Session) -> dict[tuple[str, str], GradeOption]:
    """Every grade's names by system and code."""
    return {
        (row.system, row.code): GradeOption(
            value=f"{row.system} {row.code}",
            metal=row.metal,
            code=row.code,
            name_zh=row.name_zh or row.name_en,
            name_en=row.name_en,
            board_fen_per_t=None,
        )
        for row in catalogue.grades(session)
    }


def vault() -> Vault:
    """What seals identity numbers; its key lies in the installation's folder, not the database."""
    return vault_of(settings().home)
