"""Whatever is done in whatever order: I1 to I12 hold after each step, on both databases."""

import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import text

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability.passports import claiming
from remelt.traceability.rules import editions as rules
from remelt.traceability.rules.states import CUSTODY, State, merged, minus, resized
from remelt.traceability.rules.transform import DoesNotConserve
from remelt.traceability.rules.views import Line, Outcome
from remelt.web.wiring import new_store
from tests.ledger_machine import KINDS, NOON, LedgerMachine

LONG = int(os.environ.get("REMELT_PROPERTIES", "0"))  # examples of the long form
WALK = settings(
    max_examples=LONG or 6,
    stateful_step_count=60 if LONG else 25,
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=tuple(Phase) if LONG else (Phase.generate,),  # a long walk is made short when it fails
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def fresh(database_url: str, tmp_path: Path, request: pytest.FixtureRequest):
    """Give an empty ledger again and again: a copied file, or emptied tables."""
    if database_url.startswith("sqlite"):
        template: Path = request.getfixturevalue("sqlite_template")

        def copied() -> Store:
            for path in tmp_path.glob("again.db*"):
                path.unlink()
            shutil.copy(template, tmp_path / "again.db")
            return new_store(f"sqlite:///{tmp_path / 'again.db'}", clock=SimulatedClock(NOON))

        return copied

    def emptied() -> Store:
        store = new_store(database_url, clock=SimulatedClock(NOON))
        with store.engine.begin() as connection:
            connection.execute(
                text(
                    "TRUNCATE ledger_event, log_node, log_head, lot, subject_secret, "
                    "credit_group CASCADE"
                )
            )
        return store

    return emptied


def machine(fresh) -> type[LedgerMachine]:
    """A machine of its own for each test, so that its counts are its own."""
    return type("Machine", (LedgerMachine,), {"fresh": staticmethod(fresh), "done": Counter()})


def test_everything_holds_after_every_step(fresh):
    run_state_machine_as_test(machine(fresh), settings=WALK)


def test_everything_that_can_be_done_is_done_in_a_walk(fresh):
    walked = machine(fresh)
    walked.tour(rounds=2)
    steps = {
        "bring", "commission", "weigh", "move", "carry", "assay", "transfer", "ship_out", "pool",
        "split", "sort", "shred", "blend", "melt", "claim", "attribute", "certify", "correct",
        "claim-above-custody",
    }  # fmt: skip
    assert steps <= set(walked.done)  # a walk that leaves a kind out proves nothing of it


def _lighter(outcome: Outcome, *, said: bool) -> Outcome:
    """A gram less in what stays of the first lot; `said`: the books are cooked too."""
    lot, *others = outcome.lots
    if lot.state.mass_g < 2:
        return outcome
    state = resized(lot.state, lot.state.mass_g - 1)
    line = Line(kind="loss", name="dirt", state=minus(state, lot.state), metal="Al")
    lines = (*outcome.lines, line) if said else outcome.lines
    return replace(outcome, lots=(replace(lot, state=state), *others), lines=lines)


def _lifted(outcome: Outcome) -> Outcome:
    lots = [replace(lot, state=replace(lot.state, custody=CUSTODY[0])) for lot in outcome.lots]
    return replace(outcome, lots=tuple(lots))


def _dirtier(outcome: Outcome) -> Outcome:
    """A gram of CO2e more on the last lot, and in the books."""
    *others, lot = outcome.lots
    more = State(co2e={"melt_energy": 1})
    line = Line(kind="burden", name="leak", state=more)
    dirtier = replace(lot, state=merged([lot.state, more]))
    return replace(outcome, lots=(*others, dirtier), lines=(*outcome.lines, line))


def _greener(outcome: Outcome) -> Outcome:
    melts = [melt | {"post_mg": melt["post_mg"] + 10**12} for melt in outcome.melts]
    return replace(outcome, melts=tuple(melts))


def _downgraded(outcome: Outcome) -> Outcome:
    melts = [melt | {"grades": melt["grades"][1:]} for melt in outcome.melts]
    return replace(outcome, melts=tuple(melts))


FAULTS = {
    "i1_mass": ("split", lambda outcome: _lighter(outcome, said=False)),
    "i1_mass, books cooked": ("split", lambda outcome: _lighter(outcome, said=True)),
    "i3_burdens": ("melt", _dirtier),
    "i6_loops": ("melt", _greener),
    "i8_custody": ("blend", _lifted),
    "i10_grades": ("melt", _downgraded),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_planted_fault_is_found_by_its_name(fresh, monkeypatch, fault: str):
    plant(monkeypatch, fault)
    with pytest.raises(AssertionError) as caught:
        machine(fresh).tour(rounds=2)
    assert fault.split(",", maxsplit=1)[0] in {entry.name for entry in caught.traceback}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lost_gram_is_found_by_walking_at_random(fresh, monkeypatch):
    for kind in KINDS:
        plant(monkeypatch, "i1_mass, books cooked", kind=kind)
    blind = settings(WALK, max_examples=20, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(fresh), settings=blind)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_account_that_nobody_guards_is_found_overdrawn(fresh, monkeypatch):
    monkeypatch.setattr(claiming, "_check_left", lambda *_held, **_wanted: None)
    with pytest.raises(AssertionError) as caught:
        machine(fresh).tour(rounds=2)
    assert "i9_credits" in {entry.name for entry in caught.traceback}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_door_itself_stops_at_a_lost_gram(fresh, monkeypatch):
    plant(monkeypatch, "i1_mass", guarded=True)
    with pytest.raises(DoesNotConserve):
        machine(fresh).tour(rounds=2)


def plant(
    monkeypatch: pytest.MonkeyPatch, fault: str, *, kind: str | None = None, guarded: bool = False
) -> None:
    """Let the rule of a kind do one thing wrong, live and in the replay alike.

    guarded: leave on what the ledger proves of each working itself; else it is found without.
    """
    if not guarded:
        monkeypatch.setattr(rules, "prove", lambda _outcome: None)
    first, spoil = FAULTS[fault]
    kind = kind or first
    rule = rules.EDITIONS[rules.RULES][kind]
    monkeypatch.setitem(rules.EDITIONS[rules.RULES], kind, lambda *args: spoil(rule(*args)))
