"""`remelt audit`: sound, or what is not."""

from datetime import UTC, datetime

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.web.cli import main
from remelt.web.wiring import new_store

from .ledger_world import brought


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setenv("REMELT_HOME", str(tmp_path / "home"))
    assert main(["init"]) == 0
    clock = SimulatedClock(datetime(2026, 3, 2, 4, tzinfo=UTC))
    store = new_store(f"sqlite:///{tmp_path / 'home' / 'remelt.db'}", clock=clock)
    with store.write() as session:
        brought(session, clock)
    yield store
    store.close()


def test_a_ledger_nobody_touched_is_sound(database, capsys):
    assert main(["audit"]) == 0
    assert "sound: 1 events replayed, drift 0 g" in capsys.readouterr().out


def test_a_touched_lot_is_named(database, capsys):
    with database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE lot SET mass_g = 5")
    assert main(["audit"]) == 1
    told = capsys.readouterr().out
    assert "lot-mass_g" in told
    assert "NOT sound" in told
