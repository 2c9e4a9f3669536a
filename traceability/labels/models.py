"""Numbers that loads carry beside their lots' codes, as stored. Insert-only."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, UniqueConstraint

from remelt.platform.kernel.rows import Row, table_args


class LoadNumber(Row, table=True):
    """The SSCC of a lot that travels as one load; a lot has one at most."""

    __tablename__ = "load_number"
    __table_args__ = table_args(
        UniqueConstraint("sscc", name="uq_load_number_sscc"),
        UniqueConstraint("lot_code", name="uq_load_number_lot_code"),
        ForeignKeyConstraint(["lot_code"], ["lot.code"], name="fk_load_number_lot_code"),
    )

    sscc: str = Field(max_length=18)
    lot_code: str = Field(max_length=14)
    given_at: datetime
