"""Definitions of published ratios, in editions that the official writes. Old ones stay."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, UniqueConstraint, col, select

from remelt.platform.catalogue.errors import DefinitionUnclear
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.rows import Row, bigint, json_column, table_args

DIRECT_ALLOYING = "direct-alloying"
MOST = 1_000


class Definition(Row, table=True):
    """One edition of a ratio's definition: words, parameters, from which month. Insert-only."""

    __tablename__ = "definition"
    __table_args__ = table_args(
        UniqueConstraint("name", "edition", name="uq_definition_name_edition"),
    )

    name: str = Field(max_length=40)
    edition: int
    from_month: str = Field(max_length=7)
    text_zh: str = Field(max_length=MOST)
    text_en: str = Field(max_length=MOST)
    parameters: dict[str, Any] = json_column()
    reason: str = Field(max_length=300)
    person_id: int = bigint(foreign_key="person.id")
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A definition in force. edition 0 is the one that ships, until an official writes another."""

    name: str
    edition: int
    from_month: str
    text_zh: str
    text_en: str
    parameters: dict[str, Any]
    reason: str = ""


SHIPPED = Said(
    name=DIRECT_ALLOYING,
    edition=0,
    from_month="0000-00",
    text_zh="当月进入合金或半成品炉的原铝液（本厂铸造或外送，含省外）÷ 当月产出的原铝液。"
    "接收方铸成重熔用铝锭的部分、炉内的冷料和废料不计入。",
    text_en="Liquid primary metal that enters an alloy or semi-product furnace in the month, in "
    "the own cast house or delivered, also out of the province / liquid primary metal tapped in "
    "the month. What is cast as remelt ingot, cold metal and scrap are excluded.",
    parameters={"remelt_forms": ["remelt_ingot"], "area": ""},
)


def definition(session: Session, *, name: str, month: str) -> Said:
    """Return the edition of a definition that is in force in a month, YYYY-MM."""
    row = session.exec(
        select(Definition)
        .where(Definition.name == name, Definition.from_month <= month)
        .order_by(col(Definition.from_month).desc(), col(Definition.edition).desc())
        .limit(1)
    ).first()
    if row is None:
        return SHIPPED
    return Said(**{each: getattr(row, each) for each in Said.__slots__})


def amend(
    session: Session,
    *,
    clock: Clock,
    person_id: int,
    name: str,
    from_month: str,
    text_zh: str,
    text_en: str,
    parameters: dict[str, Any],
    reason: str,
) -> Definition:
    """Write the next edition of a definition.

    Raises `DefinitionUnclear` without words or reason.
    """
    for field, text in (("text_zh", text_zh), ("text_en", text_en), ("reason", reason)):
        if not text.strip():
            raise DefinitionUnclear(field=field)
    last = session.exec(
        select(Definition.edition)
        .where(Definition.name == name)
        .order_by(col(Definition.edition).desc())
        .limit(1)
    ).first()
    row = Definition(
        name=name,
        edition=(last or 0) + 1,
        from_month=from_month,
        text_zh=text_zh.strip(),
        text_en=text_en.strip(),
        parameters=parameters,
        reason=reason.strip(),
        person_id=person_id,
        at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row
