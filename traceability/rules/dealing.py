"""How a transformation's mass falls apart: into outputs, named losses and the unexplained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remelt.traceability.facts import Facts
from remelt.traceability.rules.pots import (
    Pot,
    added,
    bare,
    contained_mg,
    deal,
    deal_by_claim,
    nonmetal,
    remove_dirt,
    remove_loss,
    stranger,
)
from remelt.traceability.rules.states import MG_PER_G, State, merged, part
from remelt.traceability.rules.views import Lots, LotView

WASTE = ("dross", "waste")
DIRT = ("moisture", "dirt", "packaging", "dust")
BY_CLAIM = ("sort", "shred", "refine")


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One input as charged: the lot, what is cut off it, what stays of it."""

    lot: LotView
    cut: State
    rest: State
    recovered_g: int
    internal: bool
    role: str


@dataclass(frozen=True, kw_only=True)
class Dealt:
    """How the metal came out: states without burden per output, losses, each input's own loss."""

    outputs: list[State]
    losses: dict[str, State]
    unexplained: State
    own_losses_g: list[int]


def difference_g(facts: Facts) -> int:
    """Return inputs less outputs and named losses, in g: above zero is lost, below is gained."""
    came = sum(each["mass_g"] for each in (*facts["inputs"], *facts["additions"]))
    went = sum(each["mass_g"] for each in facts["outputs"]) + sum(facts["losses"].values())
    return int(came + facts["flux_g"] + facts["oxygen_g"] - went)


def charged(lots: Lots, taken: dict[str, Any], *, measured: Sequence[int] | None = None) -> Charge:
    """Cut what is charged off its lot.

    measured: grams of metal that came out of the period's heats, and grams that were expected of
    them; the expectation is brought to the measured yield, never above what was charged.
    """
    lot = lots[taken["lot"]]
    cut, rest = part(lot.state, taken["mass_g"])
    back_g = _expected_back(cut, taken["recovery_bp"])
    if measured is not None:
        back_g = min(cut.mass_g, back_g * measured[0] // measured[1])
    return Charge(
        lot=lot,
        cut=cut,
        rest=rest,
        recovered_g=back_g,
        internal=taken["internal"],
        role=taken["role"],
    )


def _expected_back(cut: State, recovery_bp: int | None) -> int:
    """Metal expected back, in g: by the recovery rate, else the known metal, else everything."""
    if recovery_bp is not None:
        return cut.mass_g * recovery_bp // 10_000
    return contained_mg(cut) // MG_PER_G or cut.mass_g


def deal_out(charges: Sequence[Charge], facts: Facts) -> Dealt:
    """Take losses off the inputs, then deal what is left out to the outputs.

    Moisture, dirt, packaging and dust go first. In a melt, dross, burn-off and the unexplained
    take flux and oxygen before metal, and metal by each lot's own expected loss. Elsewhere the
    waste takes unanalysed mass first.
    """
    outputs, losses = facts["outputs"], facts["losses"]
    dirt = [name for name in DIRT if name in losses]
    metal = sorted(name for name in losses if name not in DIRT)
    waste = [i for i, each in enumerate(outputs) if each["role"] in WASTE]
    masses = [*(outputs[i]["mass_g"] for i in waste), *(losses[name] for name in metal)]
    masses.append(max(0, difference_g(facts)))
    pots, dirt_state = remove_dirt(_pots(charges, facts), sum(losses[name] for name in dirt))
    flux = nonmetal(flux_g=facts["flux_g"], oxygen_g=facts["oxygen_g"])
    if facts["kind"] == "melt":
        pots, lost, flux = _slagged(pots, flux, masses)
    else:
        pots, lost = _picked(pots, masses, wastes=len(waste))
    body = merged([*(pot.state for pot in pots), flux])
    named = dict(zip(dirt, deal(dirt_state, [losses[name] for name in dirt]), strict=True))
    named |= dict(zip(metal, lost[len(waste) : -1], strict=True))
    return Dealt(
        outputs=_placed(body, facts, dict(zip(waste, lost, strict=False))),
        losses=named,
        unexplained=lost[-1],
        own_losses_g=[pot.own_loss_g for pot in pots],
    )


def _pots(charges: Sequence[Charge], facts: Facts) -> list[Pot]:
    pots = [Pot(state=bare(c.cut), recovered_g=c.recovered_g) for c in charges]
    for each in facts["additions"]:
        state = added(mass_g=each["mass_g"], elements_bp=each["elements_bp"])
        pots.append(Pot(state=state, recovered_g=each["mass_g"]))
    gained_g = max(0, -difference_g(facts))
    return [*pots, Pot(state=stranger(gained_g), recovered_g=gained_g)]


def _slagged(
    pots: Sequence[Pot], flux: State, masses: Sequence[int]
) -> tuple[list[Pot], list[State], State]:
    """Take dross and losses out of a melt: flux and oxygen first, then metal."""
    slag, flux_left = part(flux, min(flux.mass_g, sum(masses)))
    left, metal = remove_loss(pots, sum(masses) - slag.mass_g)
    lost = []
    for mass_g in masses:
        of_slag, slag = part(slag, min(mass_g, slag.mass_g))
        of_metal, metal = part(metal, mass_g - of_slag.mass_g)
        lost.append(merged([of_slag, of_metal]))
    return left, lost, flux_left


def _picked(
    pots: Sequence[Pot], masses: Sequence[int], *, wastes: int
) -> tuple[list[Pot], list[State]]:
    """Take what was picked out as waste, unanalysed mass first, and what was lost, evenly."""
    left, waste = remove_dirt(pots, sum(masses[:wastes]))
    left, lost = remove_loss(left, sum(masses[wastes:]))
    return left, [*deal(waste, masses[:wastes]), *deal(lost, masses[wastes:])]


def _placed(body: State, facts: Facts, waste: dict[int, State]) -> list[State]:
    outputs = facts["outputs"]
    kept = [i for i in range(len(outputs)) if i not in waste]
    masses = [outputs[i]["mass_g"] for i in kept]
    if facts["kind"] in BY_CLAIM:
        claims = [(outputs[i]["spec"]["metal"], outputs[i]["spec"]["metal_bp"]) for i in kept]
        states = deal_by_claim(body, masses, claims)
    else:
        states = deal(body, masses)
    placed = dict(zip(kept, states, strict=True)) | waste
    return [placed[i] for i in range(len(outputs))]
