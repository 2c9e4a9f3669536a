"""Workings as they are believed now: what each took and gave, every correction laid in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from remelt.traceability.corrections.cones import by_hash
from remelt.traceability.corrections.pasts import FAR, pasts
from remelt.traceability.facts import Facts
from remelt.traceability.rules.changing import as_held
from remelt.traceability.rules.dealing import charged
from remelt.traceability.rules.editions import again
from remelt.traceability.rules.reckoning import Reckoning, reckoned
from remelt.traceability.rules.states import State
from remelt.traceability.rules.views import LotView, Past


@dataclass(frozen=True, kw_only=True)
class Working:
    """One working: its facts as they should have been said, and the lots as it found them.

    What an erased subject said stays a digest; everybody else's figures are numbers.
    """

    event_hash: str
    facts: Facts
    before: Mapping[str, LotView]

    @property
    def mass(self) -> Reckoning:
        """What it weighs in and out."""
        return reckoned(self.facts)

    def taken(self) -> list[State]:
        """Return what each input gave, in the order of the inputs."""
        return [charged(self.before, each).cut for each in self.facts["inputs"]]

    def made(self) -> list[tuple[str, State]]:
        """Return role and state of each output as it came out, in order; for heats only.

        A heap's state would be that of all that lies on it.
        """
        done = again(self.before, self.facts, self.event_hash)
        states = {lot.code: lot.state for lot in done.lots}
        return [(each["role"], states[each["lot"]]) for each in self.facts["outputs"]]


def working(session: Session, *, event_hash: str) -> Working:
    """Return one working; it may still wait for its number. Raises `NoSuchEvent`."""
    return workings(session, [event_hash])[event_hash]


def workings(session: Session, hashes: Sequence[str]) -> dict[str, Working]:
    """Return workings by the hashes of their events, in a fixed number of statements.

    Raises `NoSuchEvent`.
    """
    session.flush()
    keys = sorted(event.key for event in by_hash(session, list(dict.fromkeys(hashes))))
    return {past.hash: _working(past) for past in pasts(session, keys, until=FAR)}


def _working(past: Past) -> Working:
    known = all(isinstance(each["mass_g"], int) for each in past.facts["inputs"])
    facts = as_held(past.facts, past.before) if known else past.facts
    return Working(event_hash=past.hash, facts=facts, before=past.before)
