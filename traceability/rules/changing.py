"""What a later event says an earlier one should have said, and what then was there to take. Pure.

Of a lot that was taken whole, all that it holds is taken; of any other what was said, as far as
the lot holds it, so the last taker gets less. Outputs stay as weighed; an output that nobody
weighed (a heap that lots were put on) follows what was put on it.
"""

from collections.abc import Mapping
from typing import Any

from remelt.traceability.facts import Facts
from remelt.traceability.rules.views import Lots
from remelt.traceability.terms import FactorRef

CORRECT, TRUE_UP, BEAR, RESTATE = "correct", "true_up", "bear", "restate"
RESTATES = frozenset({CORRECT, TRUE_UP, BEAR, RESTATE})
STILL = RESTATES | {"transfer", "declare"}
ENERGY, YIELD = "energy", "yield"


def changed_by(facts: Facts) -> list[str]:
    """Return the hashes of the events that a later event says anew."""
    if facts["kind"] == BEAR:
        return [facts["returned"]]
    if facts["kind"] == CORRECT:
        return [facts.get("root") or facts["corrects"]]
    return sorted(facts["heats"])


def change_of(facts: Facts, event_hash: str) -> Facts:
    """Return what a later event puts in place of what `event_hash` said."""
    if facts["kind"] == BEAR:
        return {"co2e_g": facts["co2e_g"]}
    if facts["kind"] == CORRECT:
        names = ("mass_g", "elements_ppm", "sd_ppm", "method")
        return {name: facts[name] for name in names if facts.get(name) is not None}
    if facts["what"] == YIELD:
        return {"yield": [facts["measured_g"], facts["expected_g"]]}
    quantities = facts["heats"][event_hash]
    markets = facts.get("markets", {}).get(event_hash, [None] * len(quantities))
    burdens = [
        _burden(line, quantity) | ({"market": market} if market else {})
        for line, quantity, market in zip(facts["lines"], quantities, markets, strict=True)
    ]
    return {"metered": burdens}


def _burden(line: Mapping[str, Any], quantity: int) -> dict[str, Any]:
    factor = None if line["factor"] is None else FactorRef(**line["factor"])
    co2e_g = None if factor is None else factor.co2e_g(quantity)
    measured = factor is not None and factor.primary_data
    return {
        **line,
        "quantity": quantity,
        "co2e_g": co2e_g,
        "primary_g": (co2e_g or 0) if measured else 0,
        "provisional": False,
        "allocated": True,
    }


def changed(facts: Facts, change: Facts | None) -> Facts:
    """Return the facts as they should have been said."""
    if not change:
        return facts
    said = {**facts, **{name: value for name, value in change.items() if name != "metered"}}
    if "metered" in change:
        kept = [each for each in facts["burdens"] if not _stands_in(each)]
        said["burdens"] = [*kept, *change["metered"]]
    upstream = facts.get("upstream")
    if upstream is not None and "mass_g" in change:
        co2e_g = FactorRef(**upstream["factor"]).co2e_g(change["mass_g"])
        primary_g = co2e_g if upstream["factor"]["primary_data"] else 0
        amounts = {"quantity": change["mass_g"], "co2e_g": co2e_g, "primary_g": primary_g}
        said["upstream"] = {**upstream, **amounts}
    return said


def _stands_in(burden: Mapping[str, Any]) -> bool:
    """Tell whether a line was put in place of a reading, or allocated before."""
    return bool(burden["provisional"] or burden.get("allocated"))


def as_held(facts: Facts, lots: Lots) -> Facts:
    """Return a working's facts with what its lots could give; other facts as they are."""
    if "inputs" not in facts:
        return facts
    said = facts["inputs"]
    given = [_given(each, lots[each["lot"]].state.mass_g) for each in said]
    more_g = sum(given) - sum(each["mass_g"] for each in said)
    if not more_g and all(each["mass_g"] == g for each, g in zip(said, given, strict=True)):
        return facts
    return {
        **facts,
        "inputs": [{**each, "mass_g": g} for each, g in zip(said, given, strict=True)],
        "outputs": [
            {**each, "mass_g": each["mass_g"] + more_g} if each.get("follows") else each
            for each in facts["outputs"]
        ],
    }


def _given(taken: Mapping[str, Any], held_g: int) -> int:
    return held_g if taken.get("whole") else min(int(taken["mass_g"]), held_g)


def lots_named(facts: Facts) -> list[str]:
    """Return the codes of the lots that an event is about: what went in, then what came out."""
    if "inputs" in facts:
        return [each["lot"] for each in (*facts["inputs"], *facts["outputs"])]
    return [facts["lot"]] if "lot" in facts else []
