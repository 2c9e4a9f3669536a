"""What an installation decided once: the address on its tags, and its province."""

from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Conflict
from remelt.platform.kernel.rows import Row, table_args


class TagAddressFixed(Conflict):
    """Tags are out with another address; changing it would orphan them."""

    code = "tag-address-fixed"


class Installation(Row, table=True):
    """The one row of the installation; a changed address before the first tag adds a newer row."""

    __tablename__ = "installation"
    __table_args__ = table_args()

    at: datetime
    base_url: str
    province: int


def installed(session: Session) -> Installation | None:
    """Return what is in force, None before `remelt init`."""
    newest = select(Installation).order_by(Installation.id.desc()).limit(1)  # type: ignore[union-attr]
    return session.exec(newest).one_or_none()


def install(
    session: Session, *, clock: Clock, base_url: str, province: int, tags_out: bool
) -> None:
    """Keep the tag address and the province; the same again changes nothing.

    Raises `TagAddressFixed` when tags with another address are out.
    """
    row = installed(session)
    if row is not None and (row.base_url, row.province) == (base_url, province):
        return
    if row is not None and tags_out:
        raise TagAddressFixed(fixed=row.base_url, asked=base_url)
    session.add(Installation(at=clock.now(session), base_url=base_url, province=province))
