"""Files that end: named in the transaction that let them go, destroyed on disk after it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, col, select

from remelt.platform.kernel.rows import Row, table_args


class FileEnd(Row, table=True):
    """A file that may go, because who is on it was erased.

    owner: whose erasure lets it go, as a key that says nothing by itself. rows: how many rows of
    theirs name it; while others name it too, it stays.
    """

    __tablename__ = "file_end"
    __table_args__ = table_args(CheckConstraint("rows >= 1", name="named_by_a_row"))

    sha256: str = Field(max_length=64, index=True)
    owner: str = Field(max_length=40)
    rows: int
    ended_at: datetime
    destroyed_at: datetime | None = None


def end_files(session: Session, named: Mapping[str, int], *, owner: str, at: datetime) -> None:
    """Let files go: their SHA-256, and how many rows of the owner's name them."""
    for sha256, rows in named.items():
        session.add(FileEnd(sha256=sha256, owner=owner, rows=rows, ended_at=at))
    session.flush()


def ended_files(session: Session) -> list[FileEnd]:
    """Return what was let go and is not destroyed yet."""
    return list(session.exec(select(FileEnd).where(col(FileEnd.destroyed_at).is_(None))))
