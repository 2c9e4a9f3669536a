"""Papers of electricity under contract. Insert-only."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, table_args


class PowerCertificate(Row, table=True):
    """A green certificate that a site retired; its serial is retired once, for ever.

    quantity: Wh that it stands for, made from `since` to `until`. factor_id: of its technology.
    """

    __tablename__ = "power_certificate"
    __table_args__ = table_args(
        UniqueConstraint("issuer", "serial", name="uq_power_certificate_issuer_serial"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("until >= since", name="period_in_order"),
    )

    code: str = Field(unique=True, max_length=14)
    site_id: int = bigint(foreign_key="site.id", index=True)
    issuer: str = Field(max_length=60)
    serial: str = Field(max_length=80)
    factor_id: str = Field(max_length=60)
    quantity: int = bigint()
    since: date
    until: date
    person_id: int = bigint(foreign_key="person.id")
    at: datetime


class PowerUse(Row, table=True):
    """What a working took of a certificate, in Wh."""

    __tablename__ = "power_use"
    __table_args__ = table_args(CheckConstraint("quantity > 0", name="quantity_positive"))

    certificate_id: int = bigint(foreign_key="power_certificate.id", index=True)
    quantity: int = bigint()
    at: datetime
