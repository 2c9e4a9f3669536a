"""Grade preservation (保级利用): how far metal falls from the class of its alloy. Pure.

An alloy class is said as `family:series:alloy`; several series are joined by `+`, what is not
known is empty: `wrought:6xxx:6063`, `wrought:1xxx+3xxx:`, `cast:Al-Si-Cu:ADC12`. An empty text is
metal of unknown class. Callers look the class of a grade up; the ledger keeps what it was told.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remelt.traceability.rules.views import Link

SAME_ALLOY, SAME_SERIES, SAME_FAMILY, LOWER_FAMILY, SPENT = range(5)
PRESERVED = SAME_SERIES
DROSS = "dross::"
RANKS: Mapping[str, int] = {
    "primary": 0,
    "wrought": 1,
    "copper": 1,
    "cast": 2,
    "brass": 2,
    "bronze": 2,
    "nickel silver": 2,
    "zinc": 2,
    "lead": 2,
    "magnesium": 2,
    "titanium": 2,
    "deoxidiser": 4,
    "residue": 4,
    "dross": 4,
}
WITH_SERIES = ("wrought", "cast")


def downgrade(before: str, after: str) -> int | None:
    """Return the downgrade index from one alloy class to another; None when either is unknown.

    0 the same alloy, 1 the same series, 2 another alloy of the family, 3 a lower family (wrought
    scrap in a cast alloy, however little), 4 deoxidiser or dross. A higher family loses nothing
    and counts as 1; so does a family that the trade divides into no series.

    >>> downgrade("wrought:6xxx:6063", "wrought:6xxx:6061")
    1
    >>> downgrade("wrought:6xxx:6063", "cast:Al-Si-Cu:ADC12")
    3
    >>> downgrade("", "cast:Al-Si-Cu:ADC12") is None
    True
    """
    if not before or not after:
        return None
    (family, series, alloy), (to_family, to_series, to_alloy) = _parts(before), _parts(after)
    rank, to_rank = RANKS.get(family), RANKS.get(to_family)
    if rank is None or to_rank is None:
        return None
    if family == to_family:
        return _within(family, series & to_series, same_alloy=bool(alloy) and alloy == to_alloy)
    if to_rank == RANKS["dross"]:
        return SPENT
    return LOWER_FAMILY if to_rank >= rank else SAME_SERIES


def _within(family: str, shared: frozenset[str], *, same_alloy: bool) -> int:
    if same_alloy:
        return SAME_ALLOY
    if RANKS[family] == RANKS["dross"]:
        return SPENT
    return SAME_SERIES if shared or family not in WITH_SERIES else SAME_FAMILY


def _parts(alloy_class: str) -> tuple[str, frozenset[str], str]:
    family, series, alloy = alloy_class.split(":", 2)
    return family, frozenset(series.split("+")) - {""}, alloy


def moves(links: Iterable[Link], facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the grams of a transformation by class before, class after and downgrade index.

    Run-around scrap and the opening heel are metal of the same process and stand outside. What
    went into dross is moved to index 4; what was sorted out as waste is no metal.
    """
    came = {each["lot"]: each for each in facts["inputs"]}
    went = {each["lot"]: each for each in facts["outputs"]}
    summed: dict[tuple[str, str], int] = {}
    for link in links:
        taken, output = came[link.parent], went[link.child]
        if link.internal or taken["role"] == "heel" or output["role"] == "waste":
            continue
        after = DROSS if output["role"] == "dross" else output.get("alloy_class", "")
        key = (taken.get("alloy_class", ""), after)
        summed[key] = summed.get(key, 0) + link.mass_g
    return [
        {"before": before, "after": after, "index": downgrade(before, after), "mass_g": mass_g}
        for (before, after), mass_g in sorted(summed.items())
        if mass_g
    ]


def preserved(found: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Return (preserved, known, unknown) grams: 保级率 is the first over the second.

    Recovered mass with downgrade index <= 1 over mass of known alloy class, dross among it; what
    has no known class stands beside it. Primary metal is not recovered and counts nowhere.

    >>> preserved([{"before": "wrought:6xxx:", "index": 1, "mass_g": 6},
    ...     {"before": "wrought:6xxx:", "index": 3, "mass_g": 2},
    ...     {"before": "", "index": None, "mass_g": 5}])
    (6, 8, 5)
    """
    scrap = [each for each in found if not each["before"].startswith("primary:")]
    known = [each for each in scrap if each["index"] is not None]
    return (
        sum(each["mass_g"] for each in known if each["index"] <= PRESERVED),
        sum(each["mass_g"] for each in known),
        sum(each["mass_g"] for each in scrap if each["index"] is None),
    )


def fallen_g(found: Iterable[Mapping[str, Any]]) -> int:
    """Return the grams that moved to a lower alloy class: downgrade index above 1."""
    return sum(each["mass_g"] for each in found if (each["index"] or 0) > PRESERVED)
