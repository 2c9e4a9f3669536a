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
from collections.abc import Iterator
from contextlib import contextmanager
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


def remelt(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "remelt.web.cli", *arguments],
        env=ALONE | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


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
    """Run the real server over a home; give the address of its log."""
    told = {"REMELT_HOME": str(settings.home), "REMELT_PORT": str(settings.port)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "remelt.web.cli", "serve"]
    server = subprocess.Popen(command, env=ALONE | told, **quiet)
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


def test_a_desk_signs_growth_from_a_site_and_from_files_and_refuses_a_restored_past(
    home: Settings, tmp_path: Path
):
    state, backup = tmp_path / "desk.json", tmp_path / "backup"
    grow(home, events=3)
    shutil.copytree(home.home, backup)
    with served(home) as log:
        witness = first_look(home, log, state)
        change_list(home, keys=with_witness(keyring(home).keys, witness=witness, at=written(NOON)))
        grow(home, events=5)
        door = f"{log.removesuffix('/log')}/api/v1/log/cosignatures"
        done = remelt("witness", log, "--state", str(state), "--submit", door)
        assert done.returncode == 0, done.stderr
        assert NAME in fetched(f"{log}/checkpoint.cosigned")
    grow(home, events=1)
    publish_all(home)
    from_files = remelt("witness", str(home.home / "log"), "--state", str(state))
    assert from_files.returncode == 0, from_files.stderr
    assert json.loads(state.read_text())["size"] == 9
    (backup / "log").mkdir(exist_ok=True)
    shutil.copy(home.home / "log/keys.json", backup / "log")  # an older one is a fork of its own
    restored = Settings(home=backup, port=home.port, demo=True)
    with served(restored) as log:
        refused_as_a_fork(log, state, said="went back from 9 events to 3")
        grow(restored, events=20, metal_bp=8_000)
        refused_as_a_fork(log, state, said="the first 9 events are not those seen before")
        with pytest.raises(urllib.error.HTTPError) as alarm:
            fetched(door, done.stdout.encode())
        assert alarm.value.code == 409
        assert json.loads(alarm.value.read())["code"] == "cosigned-another-log"


def first_look(home: Settings, log: str, state: Path) -> Verifier:
    """Let a desk look for the first time; return the witness's public key."""
    held = keyring(home)
    root = fingerprint(read_verifier(held.root))
    done = remelt("witness", log, "--state", str(state), "--name", NAME, "--root", root)
    assert done.returncode == 0, done.stderr
    kept = json.loads(state.read_text())
    assert set(kept) == {"root_key", "origin", "edition", "size", "root", "key"}
    witness = read_signer(kept["key"]).verifier
    text, names = open_note(done.stdout, verifiers=[held.log.verifier, witness])
    assert names == [held.log.name, NAME]
    stands = read_checkpoint(text)
    assert (stands.size, base64.b64encode(stands.root).decode()) == (3, kept["root"])
    return witness


def publish_all(home: Settings) -> None:
    store = new_store(home.url, clock=SimulatedClock(NOON))
    with store.read() as session:
        publish(session, settings=home)
    store.close()


def refused_as_a_fork(log: str, state: Path, *, said: str) -> None:
    before = state.read_bytes()
    done = remelt("witness", log, "--state", str(state))
    assert done.returncode == 3, done.stderr
    assert "FORK" in done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert state.read_bytes() == before
    assert list(state.parent.glob("desk.json.fork-*"))
