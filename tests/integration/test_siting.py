"""Scenarios as kept, on both databases; and the command, which needs none."""

import json

import pytest
from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.logistics.siting import queries
from remelt.platform.logistics.siting.errors import NoSuchScenario, TooManyScenarios
from remelt.web.cli import main
from tests.parties import Party, a_party
from tests.siting import answered, asked, three_counties


def an_official(session: Session, clock: SimulatedClock) -> Party:
    return a_party(session, clock=clock, role="regulator", login="official")


def test_an_answer_or_what_stands_in_its_way_is_kept(store: Store, clock: SimulatedClock):
    with store.write() as session:
        party = an_official(session, clock)
        solved = answered(session, asked(session, clock=clock, party=party), clock=clock).code
        never = asked(session, clock=clock, party=party, longest_m=5)
        impossible = answered(session, never, clock=clock).code
        waiting = asked(session, clock=clock, party=party).code
    with store.read() as session:
        states = {view.row.code: view.state for view in queries.scenarios(session)}
        assert states == {solved: "solved", impossible: "impossible", waiting: "waiting"}
        kept = queries.scenario(session, code=solved).row
        assert sum(line.taken_kg for line in queries.hub_lines(kept)) == 3_000_000
        assert queries.scenario(session, code=impossible).row.answer is None
        with pytest.raises(NoSuchScenario):
            queries.scenario(session, code="none")


def test_eight_may_wait_and_no_more(store: Store, clock: SimulatedClock):
    with store.write() as session:
        party = an_official(session, clock)
        rows = [asked(session, clock=clock, party=party) for _ in range(8)]
        with pytest.raises(TooManyScenarios):
            asked(session, clock=clock, party=party)
        answered(session, rows[0], clock=clock)
        asked(session, clock=clock, party=party)


def test_the_command_solves_a_file(tmp_path, capsys):
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(three_counties()))
    assert main(["siting", "solve", str(file)]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["answer"]["proven"]
    assert "proven the least" in told.err
    file.write_text(json.dumps(three_counties(longest_m=1)))
    assert main(["siting", "solve", str(file), "-o", str(tmp_path / "out.json")]) == 1
    assert "too-far 520181/Al" in capsys.readouterr().err
    assert json.loads((tmp_path / "out.json").read_text())["obstacles"]


def test_the_command_solves_the_collections_files(tmp_path, capsys):
    file = tmp_path / "tiny.txt"
    file.write_text("2 2  9 100 9 50  5 4  10 20.5 30 40")
    assert main(["siting", "solve", str(file), "--format", "single-source"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"]["verdict"]["total_fen"] == 12_000


@pytest.mark.parametrize("text", ["{", "[]", '{"zones": 1}', "\x00"])
def test_the_command_refuses_what_is_no_scenario(tmp_path, capsys, text):
    file = tmp_path / "bad.json"
    file.write_text(text)
    assert main(["siting", "solve", str(file)]) == 2
    assert "remelt:" in capsys.readouterr().err
    assert main(["siting", "solve", str(tmp_path / "none")]) == 2
