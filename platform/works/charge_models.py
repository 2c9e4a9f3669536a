"""What charge planning keeps: recipes, what a material brings, and plans as asked for."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, one_of, table_args

MATERIALS: Final = ("grade", "bought")


class Recipe(Row, table=True):
    """How a smelter makes an alloy. Insert-only: the newest of a name holds, unless `dropped`.

    limits: element -> [least, most] in ppm, narrower than the catalogue's, None as there.
    recovery_bp: element -> what the melt keeps of it. margin_centi: hundredths of a standard
    deviation kept off the limits. worst_index: the deepest fall of alloy class let in.
    """

    __tablename__ = "recipe"
    __table_args__ = table_args(
        CheckConstraint("margin_centi BETWEEN 0 AND 500", name="margin_in_range"),
        CheckConstraint("worst_index BETWEEN 0 AND 4", name="worst_index_in_range"),
        Index("ix_recipe_organisation_id_name", "organisation_id", "name"),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    name: str = Field(max_length=60)
    alloy: str = Field(max_length=40)
    standard: str = Field(max_length=100)
    limits: dict[str, Any] = json_column()
    recovery_bp: dict[str, Any] = json_column()
    margin_centi: int
    worst_index: int
    dropped: bool = False
    at: datetime


class Material(Row, table=True):
    """What a grade of scrap, or a bought metal, brings to a melt, as the smelter knows it.

    Insert-only: the newest of a kind and name holds, unless `dropped`. name: system|code of a
    grade; a name of one's own for what is bought. contents: element -> [mean, deviation] in ppm
    of the metal. yield_bp: metal from gross mass. price_fen_per_t: gross, delivered, net of
    recoverable VAT; None leaves it to the price board. co2e_g_per_t: None where not known.
    element: what the metal is charged as, empty for scrap.
    """

    __tablename__ = "material"
    __table_args__ = table_args(
        one_of("kind", MATERIALS),
        CheckConstraint("yield_bp BETWEEN 1 AND 10000", name="yield_in_range"),
        CheckConstraint("price_fen_per_t IS NULL OR price_fen_per_t > 0", name="price_positive"),
        CheckConstraint(
            "kind = 'grade' OR (price_fen_per_t IS NOT NULL AND element <> '')",
            name="bought_has_price_and_element",
        ),
        Index("ix_material_organisation_id_name", "organisation_id", "name"),
    )

    code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id")
    person_id: int = bigint(foreign_key="person.id")
    kind: str = Field(max_length=10)
    name: str = Field(max_length=100)
    element: str = Field(default="", max_length=2)
    contents: dict[str, Any] = json_column()
    yield_bp: int
    price_fen_per_t: int | None = bigint(nullable=True, default=None)
    co2e_g_per_t: int | None = bigint(nullable=True, default=None)
    dropped: bool = False
    at: datetime


class ChargePlan(Row, table=True):
    """A plan of charges as asked for; `result` once its job is over.

    asked: the terms and charges, and of every source what the page says of it.
    """

    __tablename__ = "charge_plan"
    __table_args__ = table_args(
        Index("ix_charge_plan_organisation_id_id", "organisation_id", "id"),
    )

    code: str = Field(unique=True, max_length=14)
    job_code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id")
    site_id: int = bigint(foreign_key="site.id")
    asked_by: int = bigint(foreign_key="person.id")
    asked_at: datetime
    ended_at: datetime | None = None
    asked: dict[str, Any] = json_column()
    result: dict[str, Any] = json_column()
