"""The `remelt` command, as an operator types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def remelt(
    home: Path, *words: str, typed: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    base = {name: value for name, value in os.environ.items() if not name.startswith("REMELT_")}
    return subprocess.run(
        [sys.executable, "-m", "remelt.web.cli", *words],
        env={**base, "REMELT_HOME": str(home), **environ},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation") / "home"
    done = remelt(folder, "init", "--base-url", "https://tags.example")
    assert done.returncode == 0, done.stderr
    return folder


def test_serving_before_init_says_what_to_do(tmp_path: Path):
    done = remelt(tmp_path / "nothing", "serve")
    assert done.returncode == 2
    assert "remelt init" in done.stderr


def test_init_twice_is_once(home: Path):
    assert remelt(home, "init", "--base-url", "https://tags.example").returncode == 0


def test_the_home_and_its_keys_are_for_their_owner(home: Path):
    assert {"remelt.db", "files", "keys", "log", "run"} <= {path.name for path in home.iterdir()}
    assert (home / "keys").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (home / "keys").iterdir())


def test_an_operator_is_added_once(home: Path):
    words = ("operator", "chief", "--name", "王", "--organisation", "平台运营")
    assert remelt(home, *words, typed="a long enough secret\n").returncode == 0
    again = remelt(home, *words, typed="a long enough secret\n")
    assert again.returncode == 2
    assert "login-taken" in again.stderr


def test_a_weak_password_is_refused(home: Path):
    words = ("operator", "weak", "--name", "王", "--organisation", "平台运营")
    done = remelt(home, *words, typed="short\n")
    assert done.returncode == 2
    assert "weak-password" in done.stderr


def test_an_unknown_setting_stops_the_start(home: Path):
    done = remelt(home, "serve", REMELT_PROT="81")
    assert done.returncode == 2
    assert "REMELT_PROT" in done.stderr


def test_two_workers_need_postgresql(home: Path):
    done = remelt(home, "serve", REMELT_WORKERS="2")
    assert done.returncode == 2
    assert "REMELT_DATABASE_URL" in done.stderr
