"""Scenarios of siting as kept: what was asked, and what was found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field

from remelt.platform.kernel.rows import Row, bigint, json_column, table_args


def found() -> Any:
    """A JSON document that is NULL in the database until something is found."""
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class SitingScenario(Row, table=True):
    """One question and its answer; both are kept as they were, a changed question is a new row.

    wish: what the asker typed, for comparing. inputs: the scenario as the solver read it.
    answer: hubs, flows and the judge's figures. obstacles: why there is none. barred: candidates
    that stand too near to a neighbour.
    """

    __tablename__ = "siting_scenario"
    __table_args__ = table_args(
        CheckConstraint("answer IS NULL OR obstacles IS NULL", name="answer_or_obstacles"),
        CheckConstraint(
            "ended_at IS NOT NULL OR (answer IS NULL AND obstacles IS NULL)", name="ended_once"
        ),
    )

    code: str = Field(unique=True, max_length=14)
    job_code: str = Field(unique=True, max_length=14)
    organisation_id: int = bigint(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=80)
    wish: dict[str, Any] = json_column()
    inputs: dict[str, Any] = json_column()
    asked_by: int = bigint(foreign_key="person.id")
    asked_at: datetime
    ended_at: datetime | None = None
    answer: dict[str, Any] | None = found()
    obstacles: list[dict[str, Any]] | None = found()
    barred: list[dict[str, Any]] | None = found()
