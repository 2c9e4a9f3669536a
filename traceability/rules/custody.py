"""The five chain-of-custody models of ISO 22095 as a lattice: what happens only moves down. Pure.

identity preserved > segregated > controlled blending > mass balance > book and claim
"""

from collections.abc import Mapping, Sequence
from typing import Any

from remelt.traceability.errors import ClaimAboveCustody, WordsAboveCustody
from remelt.traceability.rules.dealing import Charge
from remelt.traceability.rules.states import CUSTODY, State, weakest
from remelt.traceability.terms import CLASSES

IDENTITY, SEGREGATED, BLENDED, BALANCED, BOOKED = CUSTODY
PHYSICAL = (IDENTITY, SEGREGATED, BLENDED)
RECYCLED_CONTENT = "iso-14021"
ATTRIBUTED = "attributed"
CERTIFICATE = "certificate"
WORDING: Mapping[str, str] = dict.fromkeys(PHYSICAL, RECYCLED_CONTENT) | {
    BALANCED: ATTRIBUTED,
    BOOKED: CERTIFICATE,
}


def processed(charges: Sequence[Charge], facts: Mapping[str, Any]) -> str:
    """Return the model that what comes out of a transformation can still carry.

    Identity preserved: all of it comes from one source lot. Segregated: several source lots,
    each wholly of the same known origin and all of one grade. Controlled blending: everything
    else of known parts, additions too. A charge never gives more than it has itself, and a
    process that is run under mass balance (`model`) gives no more than that.
    """
    models = [charge.cut.custody for charge in charges]
    return weakest([*models, _mixed(charges, facts), facts.get("model") or IDENTITY])


def source_of(charges: Sequence[Charge], facts: Mapping[str, Any]) -> str:
    """Return the one source lot behind all charges, or an empty text."""
    sources = {charge.lot.source for charge in charges}
    return sources.pop() if len(sources) == 1 and not facts["additions"] else ""


def heaped(pool: State, joined: State) -> str:
    """Return the model of a heap onto which metal is put: blended, or lower where either is."""
    return weakest([pool.custody, joined.custody, BLENDED])


def allows(claimed: str, *, custody: str) -> bool:
    """Tell whether a lot of this custody can be sold under a model: its own or a lower one.

    >>> allows("segregated", custody="identity_preserved")
    True
    >>> allows("segregated", custody="controlled_blending")
    False
    """
    return CUSTODY.index(claimed) >= CUSTODY.index(custody)


def check_model(claimed: str, *, custody: str) -> None:
    """Refuse a claim above the lot's level. Raises `ClaimAboveCustody`."""
    if not allows(claimed, custody=custody):
        raise ClaimAboveCustody(field="model", claimed=claimed, custody=custody)


def check_words(words: str, *, custody: str) -> None:
    """Refuse words that the custody does not carry. Raises `WordsAboveCustody`.

    `iso-14021` ("recycled content") needs metal that was never mixed by the books alone; mass
    balance says `attributed`, book and claim `certificate`.
    """
    if words != WORDING[custody]:
        raise WordsAboveCustody(field="words", words=words, allowed=WORDING[custody])


def _mixed(charges: Sequence[Charge], facts: Mapping[str, Any]) -> str:
    if source_of(charges, facts):
        return IDENTITY
    grades = {(charge.lot.spec.grade_system, charge.lot.spec.grade_code) for charge in charges}
    origins = {_one_origin(charge.cut) for charge in charges}
    alike = len(grades) == len(origins) == 1 and "" not in origins
    return SEGREGATED if alike and not facts["additions"] else BLENDED


def _one_origin(state: State) -> str:
    """Return the known origin of all of a state, but what scales explain; else an empty text."""
    for name in CLASSES:
        rest_g = state.mass_g - state.classes.get(name, 0)
        strange_g = rest_g - state.classes.get("unknown", 0)
        if name != "unknown" and not strange_g and rest_g * 200 <= state.mass_g:
            return name
    return ""
