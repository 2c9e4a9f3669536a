"""The register of known sites: what the coverage of every published ratio is measured against."""

from dataclasses import asdict, dataclass
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.sheets.columns import words
from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.platform.kernel.sheets.tables import RowCells, Table, read_table, stop_at
from remelt.platform.parties import queries
from remelt.platform.parties.errors import BadAdcode, KnownAlready, NoSuchKnownSite
from remelt.platform.parties.models import KnownSite, Site
from remelt.platform.parties.rules import check_adcode, read_name

MOST_LISTED: Final = 5_000
NAME_ZH: Final = words("name_zh", "名称, 厂名, 企业名称, 中文名称, name zh", most=80, needed=True)
NAME_EN: Final = words("name_en", "英文名, 英文名称, name en", most=120)
METAL: Final = words("metal", "金属, 金属品种, metal", most=10, needed=True)
ADCODE: Final = words("adcode", "区划代码, 行政区划代码, adcode, area code", most=20, needed=True)
SOURCE: Final = words("source", "来源, 出处, 名录, source", most=200, needed=True)


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A known site as a file tells it; row: its line, from 1."""

    row: int
    name_zh: str
    name_en: str
    metal: str
    adcode: str
    source: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Known sites of one metal in one area, and how many of them report here."""

    metal: str
    known: int
    on_platform: int
    missing: tuple[str, ...]


def add_known_site(
    session: Session,
    *,
    clock: Clock,
    name_zh: str,
    metal: str,
    adcode: str,
    source: str,
    name_en: str = "",
    demo: bool = False,
) -> KnownSite:
    """Add a site known to exist. metal: its symbol, such as Al. source: where it is known from.

    Raises `BadName`, `BadAdcode` or `KnownAlready`.
    """
    check_adcode(adcode)
    row = KnownSite(
        code=new_code(),
        name_zh=read_name(name_zh, field="name_zh", most=80),
        name_en=read_name(name_en, field="name_en", most=120) if name_en.strip() else "",
        metal=read_name(metal, field="metal", most=10),
        adcode=adcode,
        source=read_name(source, field="source", most=200),
        demo=demo,
        added_at=clock.now(session),
    )
    same = select(KnownSite.id).where(
        KnownSite.name_zh == row.name_zh,
        KnownSite.metal == row.metal,
        KnownSite.adcode == row.adcode,
    )
    if session.exec(same).first() is not None:
        raise KnownAlready(field="name_zh", name=row.name_zh)
    session.add(row)
    session.flush()
    return row


def read_register(content: bytes, *, filename: str) -> Table[KnownRow]:
    """Read a CSV or XLSX of known sites; touches no database. Raises what `read_table` raises."""
    return read_table(
        content, filename=filename, columns=(NAME_ZH, NAME_EN, METAL, ADCODE, SOURCE), read=_row
    )


def cells_to_mend(session: Session, *, table: Table[KnownRow]) -> list[CellProblem]:
    """Return every cell that stands in the way: those of the file, and sites known already."""
    names = {row.name_zh for row in table.rows}
    same = select(KnownSite.name_zh, KnownSite.metal, KnownSite.adcode)
    known = set(session.exec(same.where(col(KnownSite.name_zh).in_(names))))
    problems = list(table.problems)
    for row in table.rows:
        key = (row.name_zh, row.metal, row.adcode)
        if key in known:
            twice = KnownAlready(name=row.name_zh)
            problems.append(table.headings.problem(NAME_ZH.name, row=row.row, refusal=twice))
        known.add(key)
    return problems


def import_known_sites(
    session: Session, *, clock: Clock, table: Table[KnownRow], demo: bool = False
) -> int:
    """Add every known site of a file, or none. Raises `ImportHasErrors`."""
    stop_at(cells_to_mend(session, table=table))
    for row in table.rows:
        facts = asdict(row)
        del facts["row"]
        add_known_site(session, clock=clock, demo=demo, **facts)
    return len(table.rows)


def link_known_site(session: Session, *, known_code: str, site_code: str | None) -> KnownSite:
    """Say that a known site is this site of the platform, or, with None, that it is none.

    Raises `NoSuchKnownSite` or `NoSuchSite`.
    """
    row = session.exec(select(KnownSite).where(KnownSite.code == known_code)).one_or_none()
    if row is None:
        raise NoSuchKnownSite(known_code=known_code[:20])
    row.site_id = None if site_code is None else queries.site(session, code=site_code).key
    return row


def known_sites(
    session: Session, *, metal: str | None = None, adcode_prefix: str = "", limit: int = 1000
) -> list[tuple[KnownSite, str | None]]:
    """Known sites and the code of the platform's site where there is one, by area and name."""
    statement = (
        select(KnownSite, Site.code)
        .join(Site, col(Site.id) == col(KnownSite.site_id), isouter=True)
        .where(col(KnownSite.adcode).startswith(adcode_prefix, autoescape=True))
        .order_by(col(KnownSite.adcode), col(KnownSite.name_zh), col(KnownSite.id))
        .limit(limit)
    )
    if metal is not None:
        statement = statement.where(KnownSite.metal == metal)
    return [(row[0], row[1]) for row in session.exec(statement)]


def coverage(session: Session, *, metal: str, adcode_prefix: str = "") -> Coverage:
    """How much of the register reports here, and the names of those that do not."""
    rows = known_sites(session, metal=metal, adcode_prefix=adcode_prefix, limit=MOST_LISTED)
    missing = tuple(row.name_zh for row, code in rows if code is None)
    return Coverage(
        metal=metal, known=len(rows), on_platform=len(rows) - len(missing), missing=missing
    )


def _row(at: RowCells) -> KnownRow:
    row = KnownRow(at.row, at[NAME_ZH], at[NAME_EN], at[METAL], at[ADCODE], at[SOURCE])
    try:
        check_adcode(row.adcode)
    except BadAdcode as refusal:
        at.wrong(ADCODE, refusal)
    return row
