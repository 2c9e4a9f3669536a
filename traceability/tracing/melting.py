"""Heats and the shares that are summed from them; every figure leads back to its heats."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, select

from remelt.traceability.models import MeltLine, in_force
from remelt.traceability.rules.grades import preserved
from remelt.traceability.rules.shares import Share, use_share

By = Literal["total", "month", "prefecture", "smelter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Melt:
    """One heat as the books know it, in one metal; masses in mg are recovered contained metal.

    written_key: the event that said so last. product, element, charge: the three recycled contents
    as (numerator, denominator), given for the base metal of the heat only.
    """

    event_hash: str
    written_key: int
    metal: str
    base: bool
    site_code: str
    adcode: str
    month: str
    melted_at: datetime
    post_mg: int
    pre_mg: int
    unknown_mg: int
    primary_mg: int
    internal_mg: int
    remelted_mg: int
    estimated_mg: int
    in_province_mg: int
    charged_g: int
    cast_g: int
    co2e_g: int
    unexplained_g: int
    claims_blocked: str
    grades: list[dict[str, Any]]
    product: tuple[int, int] | None
    element: tuple[int, int] | None
    charge: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """再生金属使用比例 of one group of heats, with what a reader needs to judge it.

    key: month, prefecture's adcode, site code, or `total`. blocked_mg: recycled metal of heats
    whose claims are blocked, contained in the numerator. estimated_mg: metal without analysis.
    co2e_g over cast_g: known burden of the cast metal. preserved_g over class_known_g: 保级率,
    recovered scrap with downgrade index <= 1 over scrap of known alloy class. written: keys of the
    events that said its heats last.
    """

    key: str
    share: Share
    heats: int
    sites: int
    charged_g: int
    cast_g: int
    co2e_g: int
    internal_mg: int
    remelted_mg: int
    estimated_mg: int
    blocked_mg: int
    in_province_mg: int
    unexplained_g: int
    preserved_g: int
    class_known_g: int
    class_unknown_g: int
    written: frozenset[int]


_KEYS: dict[str, Callable[[Melt], str]] = {
    "total": lambda _melt: "total",
    "month": lambda melt: melt.month,
    "prefecture": lambda melt: melt.adcode[:4] + "00",
    "smelter": lambda melt: melt.site_code,
}


def melts(
    session: Session,
    *,
    metal: str | None = None,
    site_code: str | None = None,
    month_from: str = "0000-00",
    month_to: str = "9999-99",
    limit: int | None = 200,
) -> list[Melt]:
    """Return heats by month (`YYYY-MM`, Beijing, both ends included), newest first."""
    statement = (
        select(MeltLine)
        .where(MeltLine.month >= month_from, MeltLine.month <= month_to, in_force())
        .order_by(col(MeltLine.melted_at).desc(), col(MeltLine.id).desc())
        .limit(limit)
    )
    if metal is not None:
        statement = statement.where(MeltLine.metal == metal)
    if site_code is not None:
        statement = statement.where(MeltLine.site_code == site_code)
    return [_melt(line) for line in session.exec(statement)]


def shares(
    session: Session, *, metal: str, month_from: str, month_to: str, by: By = "month"
) -> list[ShareRow]:
    """Return the recycled-metal use share by month, prefecture, smelter or in total.

    Each milligram counts once, at the first furnace that melts it; run-around scrap, heels and
    metal melted before stand outside numerator and denominator.
    """
    groups: dict[str, list[Melt]] = {}
    for melt in melts(session, metal=metal, month_from=month_from, month_to=month_to, limit=None):
        groups.setdefault(_KEYS[by](melt), []).append(melt)
    return [_row(key, groups[key]) for key in sorted(groups)]


def share_melts(
    session: Session, *, metal: str, month_from: str, month_to: str, by: By, key: str
) -> list[Melt]:
    """Return the heats that make one row of `shares`: their sums are its figures."""
    found = melts(session, metal=metal, month_from=month_from, month_to=month_to, limit=None)
    return [melt for melt in found if _KEYS[by](melt) == key]


def _row(key: str, group: Iterable[Melt]) -> ShareRow:
    heats = list(group)

    def total(name: str) -> int:
        return sum(getattr(melt, name) for melt in heats)

    preserved_g, known_g, unknown_g = preserved([move for melt in heats for move in melt.grades])
    return ShareRow(
        key=key,
        preserved_g=preserved_g,
        class_known_g=known_g,
        class_unknown_g=unknown_g,
        written=frozenset(melt.written_key for melt in heats),
        share=use_share(
            post_mg=total("post_mg"),
            pre_mg=total("pre_mg"),
            unknown_mg=total("unknown_mg"),
            primary_mg=total("primary_mg"),
        ),
        heats=len({melt.event_hash for melt in heats}),
        sites=len({melt.site_code for melt in heats}),
        blocked_mg=sum(melt.post_mg + melt.pre_mg for melt in heats if melt.claims_blocked),
        **{
            name: total(name)
            for name in (
                "charged_g",
                "cast_g",
                "co2e_g",
                "internal_mg",
                "remelted_mg",
                "estimated_mg",
                "in_province_mg",
                "unexplained_g",
            )
        },
    )


def _melt(line: MeltLine) -> Melt:
    known: dict[str, Any] = {
        name: getattr(line, name)
        for name in Melt.__slots__
        if name not in {"product", "element", "charge"}
    }
    for name in ("product", "element", "charge"):
        known[name] = tuple(line.figures[name]) if line.figures else None
    return Melt(**known)
