"""The register of known sites: what the coverage of every published ratio is measured against."""

import csv
import io
from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Refusal
from remelt.platform.parties import queries
from remelt.platform.parties.errors import BadRegisterFile, KnownAlready, NoSuchKnownSite
from remelt.platform.parties.models import KnownSite, Site
from remelt.platform.parties.rules import check_adcode, read_name

COLUMNS = ("name_zh", "name_en", "metal", "adcode", "source")
ROWS = 5_000


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


def import_known_sites(
    session: Session, *, clock: Clock, content: bytes, demo: bool = False
) -> int:
    """Add every row of a CSV file (UTF-8, columns name_zh, name_en, metal, adcode, source).

    One bad row and nothing is imported: the refusal names its line, column and rule.

    Raises `BadRegisterFile`.
    """
    rows = _rows(content)
    for line, facts in enumerate(rows, start=2):
        try:
            add_known_site(session, clock=clock, demo=demo, **facts)
        except Refusal as refused:
            raise BadRegisterFile(
                field="file", line=line, column=refused.field or "-", rule=refused.code
            ) from refused
    return len(rows)


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
    rows = known_sites(session, metal=metal, adcode_prefix=adcode_prefix, limit=ROWS)
    missing = tuple(row.name_zh for row, code in rows if code is None)
    return Coverage(
        metal=metal, known=len(rows), on_platform=len(rows) - len(missing), missing=missing
    )


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as reason:
        raise BadRegisterFile(field="file", line=1, column="-", rule="unreadable") from reason
    absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if absent:
        raise BadRegisterFile(field="file", line=1, column=absent[0], rule="missing-column")
    if len(rows) > ROWS:
        raise BadRegisterFile(field="file", line=ROWS + 2, column="-", rule="too-many-rows")
    return [{name: row[name] or "" for name in COLUMNS} for row in rows]
