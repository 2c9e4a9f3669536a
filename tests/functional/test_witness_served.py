"""A regulator's desk and the real server, over HTTP: growth is signed, a restored past refused."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.traceability.log.notes import (
    Verifier,
    open_note,
    read_checkpoint,
    read_signer,
    read_verifier,
)
from remelt.traceability.proofs.keylist import fingerprint, with_witness
from remelt.web.cli import main
from remelt.web.cli_base import prepare
from remelt.web.keys import change_list, keyring, written
from remelt.web.publishing import publish
from remelt.web.wiring import new_store
from tests.conftest import NOON
from tests.integration.ledger_world import brought

NAME = "regulator.example/w1"
ALONE = {name: value for name, value in os.environ.items() if "REMELT" not in name}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path, port: int) -> Settings:
    settings = Settings(home=tmp_path / "home", port=port, demo=True)
    prepare(settings)
    return settings


@dataclass(frozen=True)
class Told:
    """What the command line answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def look(capsys, monkeypatch) -> Callable[..., Told]:
    """The desk's command; it has no home and no settings of ours."""
    for name in [each for each in os.environ if "REMELT" in each]:
        monkeypatch.delenv(name)

    def looked(*arguments: object) -> Told:
        code = main(["witness", *map(str, arguments)])
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return looked


def grow(settings: Settings, *, events: int, metal_bp: int = 9_000) -> None:
    """Let the ledger record more, beside the server."""
    clock = SimulatedClock(NOON)
    store = new_store(settings.url, clock=clock)
    with store.write() as session:
        for _ in range(events):
            brought(session, clock, metal_bp=metal_bp)
    store.close()


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Run the real server over a home; give the address of its log.

    It starts in the folder of the home, which is a Python package by chance: a stray file there
    is none of its business, and a relative home is meant from there.
    """
    where = settings.home.parent
    (where / "__init__.py").touch()
    told = {"REMELT_HOME": settings.home.name, "REMELT_PORT": str(settings.port)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "remelt.web.cli", "serve"]
    server = subprocess.Popen(command, env=ALONE | told, cwd=where, **quiet)
    address = f"http://127.0.0.1:{settings.port}/log"
    try:
        for _ in range(600):
            try:
                fetched(f"{address}/checkpoint")
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def fetched(address: str, body: bytes | None = None) -> str:
    with urllib.request.urlopen(  # noqa: S310 - our own server
        address, data=body, timeout=30
    ) as answer:
        return str(answer.read().decode())


def test_a_desk_signs_growth_from_files_and_a_site_and_refuses_another_past(
    home: Settings, tmp_path: Path, look: Callable[..., Told]
):
    """Another past: a copy of the home that went on by itself, under the same keys."""
    state, misled = tmp_path / "desk.json", tmp_path / "misled" / "desk.json"
    grow(home, events=3)
    publish_all(home)
    shutil.copytree(home.home, tmp_path / "copy")
    witness = first_look(home, look, state)
    misled.parent.mkdir()
    shutil.copy(state, misled)
    change_list(home, keys=with_witness(keyring(home).keys, witness=witness, at=written(NOON)))
    copy = Settings(home=tmp_path / "copy", port=home.port, demo=True)
    grow(copy, events=20, metal_bp=8_000)
    publish_all(copy)
    other = look(copy.home / "log", "--state", misled)
    assert (other.code, json.loads(misled.read_text())["size"]) == (0, 23), other.err
    with served(home) as log:
        door = f"{log.removesuffix('/log')}/api/v1/log/cosignatures"
        grow(home, events=6)
        done = look(log, "--state", state, "--submit", door)
        assert (done.code, json.loads(state.read_text())["size"]) == (0, 9), done.err
        assert NAME in fetched(f"{log}/checkpoint.cosigned")
        refused_as_a_fork(log, look, misled, said="went back from 23 events to 9")
        grow(home, events=20)
        refused_as_a_fork(log, look, misled, said="the first 23 events are not those seen before")
        with pytest.raises(urllib.error.HTTPError) as alarm:
            fetched(door, other.out.encode())
        assert alarm.value.code == 409
        assert json.loads(alarm.value.read())["code"] == "cosigned-another-log"


def first_look(home: Settings, look: Callable[..., Told], state: Path) -> Verifier:
    """Let a desk look for the first time; return the witness's public key."""
    held = keyring(home)
    root = fingerprint(read_verifier(held.root))
    done = look(home.home / "log", "--state", state, "--name", NAME, "--root", root)
    assert done.code == 0, done.err
    kept = json.loads(state.read_text())
    assert set(kept) == {"root_key", "origin", "edition", "size", "root", "key"}
    witness = read_signer(kept["key"]).verifier
    text, names = open_note(done.out, verifiers=[held.log.verifier, witness])
    assert names == [held.log.name, NAME]
    stands = read_checkpoint(text)
    assert (stands.size, base64.b64encode(stands.root).decode()) == (3, kept["root"])
    return witness


def publish_all(home: Settings) -> None:
    store = new_store(home.url, clock=SimulatedClock(NOON))
    with store.read() as session:
        publish(session, settings=home)
    store.close()


def refused_as_a_fork(log: str, look: Callable[..., Told], state: Path, *, said: str) -> None:
    before = state.read_bytes()
    done = look(log, "--state", state)
    assert done.code == 3, done.err
    assert "FORK" in done.err
    assert said in done.err
    assert done.out == ""
    assert state.read_bytes() == before
    assert list(state.parent.glob("desk.json.fork-*"))
