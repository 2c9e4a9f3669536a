"""`remelt import tickets`: a yard's file from the command line."""

import pytest
from sqlmodel import func, select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.installation import install
from remelt.platform.yard.models import Ticket
from remelt.web.cli import main
from remelt.web.wiring import new_store
from tests.parties import a_party

CSV = (
    "Ticket No,Time,Material,Gross (kg),Tare (kg),Price (CNY/kg),Paid by,Seller\n"
    "1,2026-03-01 09:00,Talc,2000,1500,12.5,cash,Wang\n"
)


@pytest.fixture
def site(database_url, clock, monkeypatch, tmp_path):
    """The code of a hub's site; its weigher signs in as weigher."""
    monkeypatch.setenv("REMELT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REMELT_DATABASE_URL", database_url)
    store = new_store(database_url, clock=SystemClock())
    with store.write() as session:
        load_package_data(session)
        install(session, clock=SystemClock(), base_url="http://x", province=52, tags_out=False)
        hub = a_party(session, clock=clock, role="hub", login="weigher")
        a_party(session, clock=clock, role="hub", login="stranger")
    yield hub.site.code
    store.close()


def written(database_url) -> int:
    store = new_store(database_url, clock=SystemClock())
    with store.read() as session:
        count = session.exec(select(func.count()).select_from(Ticket)).one()
    store.close()
    return count


def test_a_file_is_taken_in_once(site, database_url, tmp_path, capsys):
    file = tmp_path / "scale.csv"
    file.write_text(CSV)
    command = ["import", "tickets", str(file), "--site", site, "--login", "weigher"]
    assert main([*command, "--dry-run"]) == 0
    assert written(database_url) == 0
    assert main(command) == 0
    assert "wrote 1 tickets" in capsys.readouterr().out
    assert main(command) == 0
    assert "1 rows were there already" in capsys.readouterr().out
    assert written(database_url) == 1


def test_a_bad_file_says_where_and_changes_nothing(site, database_url, tmp_path, capsys):
    file = tmp_path / "scale.csv"
    file.write_text(CSV.replace("2000", "2,0,0"))
    command = ["import", "tickets", str(file), "--site", site, "--login", "weigher"]
    assert main(command) == 2
    assert "cell" in capsys.readouterr().err
    file.write_text(CSV.replace("2000", "2000kgx"))
    assert main([*command, "--dry-run"]) == 2
    assert "D2" in capsys.readouterr().err
    assert main([*command[:-1], "stranger"]) == 2
    assert main(["import", "tickets", "/nowhere", "--site", site, "--login", "weigher"]) == 2
    assert written(database_url) == 0
