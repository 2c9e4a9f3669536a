"""`remelt catalogue`: an operator's file, whole or not at all."""

import pytest

from remelt.web.cli import main

HEADER = "alias,lang,system,code\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("REMELT_HOME", str(tmp_path / "home"))
    assert main(["init"]) == 0
    return tmp_path


def test_a_good_file_is_an_edition(home, capsys):
    file = home / "words.csv"
    file.write_text(f"{HEADER}白料,zh,CN-trade,CN-6063-bai\n", encoding="utf-8")
    assert main(["catalogue", "import", str(file)]) == 0
    assert "loaded 1 rows of aliases as edition words" in capsys.readouterr().out
    assert main(["catalogue", "list"]) == 0
    told = capsys.readouterr().out
    assert "words" in told.splitlines()[0]
    assert "package-" in told


def test_a_bad_file_names_row_column_and_reason(home, capsys):
    file = home / "words.csv"
    file.write_text(f"{HEADER}白料,fr,CN-trade,CN-6063-bai\n,zh,ReMA,Tense\n", encoding="utf-8")
    assert main(["catalogue", "import", str(file), "--edition", "x"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("row 2, column lang: this is not one of the words")
    assert told[1] == "row 3, column alias: the cell is empty"
    assert "bad-reference-file" in told[2]
    assert main(["catalogue", "list"]) == 0
    assert "(words.csv)" not in capsys.readouterr().out


def test_a_file_that_is_not_there_is_told(home, capsys):
    assert main(["catalogue", "import", str(home / "none.csv")]) == 2
    assert "No such file" in capsys.readouterr().err
