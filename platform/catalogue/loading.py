"""Load reference data: the package's own, and editions of the operator."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from remelt.platform.catalogue.errors import BadEdition, BadFile, EditionTaken
from remelt.platform.catalogue.kinds import KINDS, Kind, Link
from remelt.platform.catalogue.models import Edition, Reference
from remelt.platform.catalogue.queries import in_force
from remelt.platform.catalogue.reading import Reading, read_reference
from remelt.platform.kernel.clock import BEIJING, Clock

PACKAGE_FROM = date(2000, 1, 1)
_BOOKKEEPING = frozenset({"id", "edition", "valid_from"})
_LONGEST_NAME = 80


def load_package_data(session: Session) -> list[Edition]:
    """Bring in the tables that come with the package, as edition `package-<version>`.

    Valid from 2000-01-01, so that any later edition of an operator stands above them. Only rows
    that differ from the package's newest are added; a second run adds none. Returns the loads
    that brought something.
    """
    name = f"package-{version('remelt')}"
    folder = files("remelt.platform.catalogue") / "data"
    return [
        load
        for kind in KINDS
        if (load := _load_package_file(session, kind, (folder / kind.file).read_bytes(), name))
    ]


def package_rows(kind_name: str) -> list[Mapping[str, Any]]:
    """Return the rows of a table that comes with the package, for who has no database."""
    [kind] = [each for each in KINDS if each.name == kind_name]
    content = (files("remelt.platform.catalogue") / "data" / kind.file).read_bytes()
    return list(read_reference(content).rows)


def import_file(
    session: Session, *, clock: Clock, name: str, content: bytes, edition: str
) -> Edition:
    """Load an operator's file as a new edition; its header says of which kind it is.

    A row without `valid_from` is in force from today (Beijing). What it replaces stays as
    history. The same file under the same edition again changes nothing.

    Raises `BadFile` with every bad cell (row, column, reason) and changes nothing; `BadEdition`
    for a name that is empty, over 80 characters or one of the package's; `EditionTaken` when
    the edition holds other rows of this kind.
    """
    edition = _check_edition(edition)
    reading = read_reference(content)
    if reading.kind is not None and not reading.problems:
        _check_links(session, reading, reading.kind)
    if reading.problems or reading.kind is None:
        raise BadFile(file=name[:200], count=len(reading.problems), problems=reading.problems)
    known = _loaded(session, kind=reading.kind, name=edition)
    if known is not None:
        if known.sha256 != reading.sha256:
            raise EditionTaken(edition=edition, kind=reading.kind.name)
        return known
    now = clock.now(session)
    today = now.astimezone(BEIJING).date()
    load = _edition(reading, kind=reading.kind, name=edition, file_name=name[:200], at=now)
    _insert(session, reading.kind.table, reading.rows, edition=edition, valid_from=today)
    session.add(load)
    session.flush()
    return load


def _check_edition(edition: str) -> str:
    tidy = " ".join(edition.split())
    usable = tidy and len(tidy) <= _LONGEST_NAME and tidy.isprintable()
    if not usable or tidy.startswith("package-"):
        raise BadEdition(field="edition", edition=tidy[:_LONGEST_NAME])
    return tidy


def _load_package_file(session: Session, kind: Kind, content: bytes, name: str) -> Edition | None:
    sha256 = hashlib.sha256(content).hexdigest()
    known = _loaded(session, kind=kind, name=name)
    if known is not None and known.sha256 != sha256:
        name = f"{name}+{sha256[:8]}"
        known = _loaded(session, kind=kind, name=name)
    if known is not None:
        return None
    reading = read_reference(content)
    if reading.problems:
        raise BadFile(file=kind.file, count=len(reading.problems), problems=reading.problems)
    rows = _changed(session, kind, reading.rows)
    load = _edition(reading, kind=kind, name=name, file_name=kind.file, at=None)
    load.rows = len(rows)
    _insert(session, kind.table, rows, edition=name, valid_from=PACKAGE_FROM)
    session.add(load)
    session.flush()
    return load


def _changed(session: Session, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The rows that say something new against the package's own newest."""
    own = select(kind.table).where(
        col(kind.table.edition).startswith("package-"), col(kind.table.valid_from) == PACKAGE_FROM
    )
    newest = in_force(session.exec(own), key=kind.key, on=None)
    before = {
        tuple(getattr(row, name) for name in kind.key): row.model_dump(exclude=set(_BOOKKEEPING))
        for row in newest
    }
    return [
        row
        for row in rows
        if before.get(tuple(row[name] for name in kind.key))
        != {name: value for name, value in row.items() if name not in _BOOKKEEPING}
    ]


def _loaded(session: Session, *, kind: Kind, name: str) -> Edition | None:
    return session.exec(
        select(Edition).where(Edition.kind == kind.name, Edition.name == name)
    ).one_or_none()


def _edition(
    reading: Reading, *, kind: Kind, name: str, file_name: str, at: datetime | None
) -> Edition:
    return Edition(
        name=name,
        kind=kind.name,
        file_name=file_name,
        sha256=reading.sha256,
        rows=len(reading.rows),
        loaded_at=at,
    )


def _insert(
    session: Session,
    table: type[Reference],
    rows: Sequence[Mapping[str, Any]],
    *,
    edition: str,
    valid_from: date,
) -> None:
    if rows:
        session.execute(
            insert(table),
            [
                {**row, "edition": edition, "valid_from": row["valid_from"] or valid_from}
                for row in rows
            ],
        )


def _check_links(session: Session, reading: Reading, kind: Kind) -> None:
    """Blame cells that name a metal, grade or place which neither the file nor the base knows."""
    for link in kind.links:
        known = _known(session, link)
        if link.table is kind.table:
            known |= {tuple(row[name] for name in link.fields) for row in reading.rows}
        check = _missing_in(known)
        for line, row in zip(reading.lines, reading.rows, strict=True):
            wanted = tuple(row[name] for name in link.columns)
            if check(wanted):
                column = "parent_adcode" if link.columns == ("parent",) else link.columns[-1]
                reading.blame(line, column, "not-in-the-catalogue", " ".join(map(str, wanted)))


def _missing_in(known: set[tuple[Any, ...]]) -> Callable[[tuple[Any, ...]], bool]:
    return lambda wanted: any(wanted) and wanted not in known


def _known(session: Session, link: Link) -> set[tuple[Any, ...]]:
    rows = session.exec(select(link.table))
    return {tuple(getattr(row, name) for name in link.fields) for row in rows}
