"""The award cascade: the best offer is taken first, and when it fails the next in line.

Facts are added, never edited; what each place stands at is read off them here and nowhere else.
Touches no database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Step = Literal["verified", "paid", "failed", "withdrawn"]
STEPS: Final[tuple[Step, ...]] = ("verified", "paid", "failed", "withdrawn")
State = Literal["verification", "payment", "active", "waiting", "unsuccessful", "withdrawn"]
ENDED: Final[frozenset[Step]] = frozenset({"failed", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a winner owes before the contract is made, in seconds of its turn.

    verify_s: until the owner has verified it; pay_s: until its payment is confirmed. None asks for
    neither, and the place that has its turn is active at once.
    """

    verify_s: int | None = None
    pay_s: int | None = None

    @property
    def at_once(self) -> bool:
        """Whether the best offer is sold to at the close, with nobody waiting."""
        return self.verify_s is None and self.pay_s is None


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened to a place, and when."""

    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a place stands. due_at: when it fails by itself, None where nothing runs."""

    place: int
    state: State
    due_at: datetime | None = None


def standings(
    facts: Sequence[Sequence[Fact]], *, terms: Terms, began_at: datetime
) -> list[Standing]:
    """Return the standing of each place, the best first.

    facts: what happened to each place, in order of time. began_at: when the first had its turn,
    the end of bidding. The turn passes at the moment when the place before failed; a place that
    withdrew while it waited is passed over.

    >>> noon = datetime(2026, 3, 2, 4)
    >>> lost = [Fact("failed", noon + timedelta(hours=1))]
    >>> found = standings([lost, []], terms=Terms(pay_s=3600), began_at=noon)
    >>> [each.state for each in found], found[1].due_at == noon + timedelta(hours=2)
    (['unsuccessful', 'payment'], True)
    """
    found: list[Standing] = []
    turn: datetime | None = began_at
    for place, told in enumerate(facts, start=1):
        end = next((fact for fact in told if fact.step in ENDED), None)
        if end is not None:
            gone: State = "unsuccessful" if end.step == "failed" else "withdrawn"
            found.append(Standing(place, gone))
            turn = None if turn is None else max(turn, end.at) if end.step == "failed" else turn
        elif turn is None:
            found.append(Standing(place, "waiting"))
        else:
            found.append(_current(place, told, terms=terms, turn=turn))
            turn = None
    return found


def _current(place: int, told: Sequence[Fact], *, terms: Terms, turn: datetime) -> Standing:
    """Return the standing of the place that has its turn."""
    done = {fact.step: fact.at for fact in told}
    if terms.verify_s is not None:
        if "verified" not in done:
            return Standing(place, "verification", turn + timedelta(seconds=terms.verify_s))
        turn = done["verified"]
    if terms.pay_s is not None and "paid" not in done:
        return Standing(place, "payment", turn + timedelta(seconds=terms.pay_s))
    return Standing(place, "active")


def may(step: Step, standing: Standing, *, now: datetime) -> bool:
    """Tell whether a fact fits where a place stands.

    Verification and payment are taken in their turn and in time. A winner is failed by its owner
    while its turn runs, by the clock once it is overdue. Only a waiting place may withdraw: the
    winner's offer binds.
    """
    overdue = standing.due_at is not None and now >= standing.due_at
    fits: dict[Step, bool] = {
        "verified": standing.state == "verification" and not overdue,
        "paid": standing.state == "payment" and not overdue,
        "failed": standing.state in {"verification", "payment"},
        "withdrawn": standing.state == "waiting",
    }
    return fits[step]


def overdue(found: Sequence[Standing], *, now: datetime) -> Standing | None:
    """Return the place whose time ran out, None when nobody's did."""
    return next((each for each in found if each.due_at is not None and now >= each.due_at), None)


def current(found: Sequence[Standing]) -> Standing | None:
    """Return the place that has its turn or the contract; None when the line is at its end."""
    return next(
        (each for each in found if each.state in {"verification", "payment", "active"}), None
    )
