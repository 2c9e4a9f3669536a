"""Two conventions for scrap, power by location and by contract: how burdens are laid. Pure.

Cut-off: pre-consumer scrap leaves the process that made it without burden, so that the products
carry all. By mass: it takes its share along. Neither bounds the other; each lays every gram once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from remelt.traceability.rules.allot import allot
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import NOTHING, State, share_burden

ONLY_BY_MASS = "pre_consumer_scrap_burden"
SCRAP = "scrap"


def laid(burden: State, weights: Sequence[int], scraps: Sequence[bool]) -> list[State]:
    """Share a burden over what carries it; `scraps` marks what is sold as pre-consumer scrap.

    Under cut-off the scrap carries nothing; by mass it carries its share of everything, and
    `scrap_burden_g` is the difference. Without such scrap both conventions share alike.

    >>> [s.scrap_burden_g for s in laid(State(co2e={"hub": 90}), [2, 1], [False, True])]
    [-30, 30]
    """
    if not any(scraps) or all(scraps):
        return share_burden(burden, weights)
    mains = [0 if scrap else weight for weight, scrap in zip(weights, scraps, strict=True)]
    whole = allot(burden.co2e_g + burden.scrap_burden_g, weights)
    shares = share_burden(burden, mains)
    gap = (ONLY_BY_MASS,) if burden.missing else ()
    return [
        but(
            share,
            scrap_burden_g=by_mass - share.co2e_g,
            missing=gap if scrap else share.missing,
            unmarketed=() if scrap else share.unmarketed,
        )
        for share, by_mass, scrap in zip(shares, whole, scraps, strict=True)
    ]


def power(line: Mapping[str, Any]) -> State:
    """Return what counting a line of power by contract adds to its figure by location.

    Contracted parts have the life-cycle factor of their technology; the rest a residual factor.
    Without the residual, or without any contract told, the figure by contract is not available.
    What is power the line says (`power`); its name says nothing.
    """
    if not line.get("power"):
        return NOTHING
    market = line.get("market")
    if market is None or market["co2e_g"] is None or line["co2e_g"] is None:
        return State(unmarketed=(line["stage"],))
    return State(market_g=market["co2e_g"] - line["co2e_g"])


def declared(state: State, co2e_g: int) -> State:
    """Return bought pre-consumer scrap with the burden that its seller declares: by mass only."""
    return but(
        state,
        scrap_burden_g=state.scrap_burden_g + co2e_g,
        missing=tuple(name for name in state.missing if name != ONLY_BY_MASS),
    )
