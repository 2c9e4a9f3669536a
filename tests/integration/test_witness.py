"""A regulator's desk keeps size and root; who rewrites the log cannot get past it."""

import argparse
import base64
import json
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from remelt.platform.kernel.settings import Settings
from remelt.traceability.log import merkle as log
from remelt.traceability.log import tiles
from remelt.traceability.log.merkle import read_tile_path
from remelt.traceability.log.notes import (
    COSIGNATURE,
    BadNote,
    Checkpoint,
    new_signer,
    open_note,
    read_checkpoint,
    read_signer,
    read_verifier,
)
from remelt.traceability.proofs.cosigning import accept, cosigned
from remelt.traceability.proofs.errors import BadCosignature, CosignedAnother, LogWentBack
from remelt.traceability.proofs.keylist import WITNESS, fingerprint, with_witness, without_witness
from remelt.web.cli import parser
from remelt.web.keys import change_list, keyring, rotate, written
from remelt.web.publishing import note_of, publish
from tests.conftest import NOON
from tests.integration.ledger_world import brought

DESK = new_signer("regulator.example/w1", kind=COSIGNATURE)
STRANGER = new_signer("stranger.example/w", kind=COSIGNATURE)
REGULATOR = DESK.verifier
ROOT = base64.b64encode(log.EMPTY_ROOT).decode()


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", base_url="https://id.example")


def grow(store, clock, *, events):
    with store.write() as session:
        for _ in range(events):
            brought(session, clock)


def published(store, settings):
    with store.read() as session:
        return publish(session, settings=settings)


def watched(settings, state, *more, where=None):
    """Run `remelt witness` as the desk does, and return its exit code."""
    root = fingerprint(read_verifier(keyring(settings).root))
    told = ["witness", str(where or settings.home / "log"), "--state", str(state), *more]
    if not state.exists():
        told += ["--name", "regulator.example/w1", "--root", root]
    asked: argparse.Namespace = parser().parse_args(told)
    return asked.run(asked, settings)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_alone_are_a_whole_mirror(store, clock, settings):
    folder, size, written_at = settings.home / "log", 0, set()
    for events in (3, 254, 1, 5):
        grow(store, clock, events=events)
        size += events
        assert published(store, settings) == size
        tile = folder / "tile/0/000"
        written_at |= {tile.stat().st_mtime_ns} if tile.exists() else set()
    assert len(written_at) == 1, "a full tile is written once"
    files = {
        str(path.relative_to(folder)) for path in (folder / "tile").rglob("*") if path.is_file()
    }
    wanted = {log.tile_path(tile) for tile in log.tiles(size)}
    assert wanted <= files
    assert all(read_tile_path(path, size=size) for path in files)
    assert not (folder / "tile/0/000.p").exists()
    leaves = b"".join((folder / f"tile/0/{n}").read_bytes() for n in ("000", "001.p/7"))
    stands = read_checkpoint((folder / "checkpoint").read_text().partition("\n\n")[0] + "\n")
    assert stands.size == size
    assert log.root([leaves[n : n + 32] for n in range(0, len(leaves), 32)]) == stands.root


def test_a_database_that_went_back_is_not_published_over(store, clock, settings):
    grow(store, clock, events=3)
    published(store, settings)
    signer = keyring(settings).log
    text = f"{signer.name}\n9\n{base64.b64encode(bytes(32)).decode()}\n"
    (settings.home / "log/checkpoint").write_text(f"{text}\n{signer.line(text)}")
    with pytest.raises(LogWentBack):
        published(store, settings)


def test_a_witness_signs_what_only_grew_and_keeps_size_and_root(
    store, clock, settings, tmp_path, capsys
):
    state = tmp_path / "desk.json"
    for events in (5, 0, 20):
        grow(store, clock, events=events)
        published(store, settings)
        assert watched(settings, state) == 0
    note = capsys.readouterr().out.rpartition("id.example/log\n25\n")
    kept = json.loads(state.read_text())
    assert kept["size"] == 25
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert set(kept) == {"root_key", "origin", "edition", "size", "root", "key"}
    text, names = open_note(
        "".join(note[1:]),
        verifiers=[read_signer(kept["key"]).verifier, keyring(settings).log.verifier],
    )
    assert names == ["id.example/log", "regulator.example/w1"]
    assert base64.b64encode(read_checkpoint(text).root).decode() == kept["root"]


def another_history(settings, tmp_path, *, events):
    """The same keys over other leaves: what an operator who rewrites would show."""
    other = Settings(home=tmp_path / "other", base_url=settings.base_url)
    shutil.copytree(settings.home / "keys", other.home / "keys")
    folder = other.home / "log"
    folder.mkdir(parents=True)
    shutil.copy(settings.home / "log/keys.json", folder)
    leaves = [log.leaf_hash(b"forged %d" % n) for n in range(events)]
    frontier, kept = log.Frontier(), {}
    for leaf in leaves:
        frontier, made = log.append(frontier, leaf=leaf)
        kept |= {(node.level, node.index): node.hash for node in made}
    for tile in log.tiles(events):
        path = folder / log.tile_path(tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(log.tile_bytes(lambda level, index: kept[level, index], tile=tile))
    signer = keyring(other).log
    text = f"{signer.name}\n{events}\n{base64.b64encode(frontier.root).decode()}\n"
    (folder / "checkpoint").write_text(f"{text}\n{signer.line(text)}")
    return folder


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("events", "said"),
    [(40, "are not those seen before"), (20, "another root"), (7, "went back from 20")],
)
def test_a_fork_and_a_rollback_are_refused_loudly(
    store, clock, settings, tmp_path, capsys, events, said
):
    state = tmp_path / "desk.json"
    grow(store, clock, events=20)
    published(store, settings)
    assert watched(settings, state) == 0
    before, _ = state.read_bytes(), capsys.readouterr()
    assert watched(settings, state, where=another_history(settings, tmp_path, events=events)) == 3
    told = capsys.readouterr()
    assert "FORK" in told.err
    assert said in told.err
    assert not told.out
    assert state.read_bytes() == before
    evidence = next(tmp_path.glob("desk.json.fork-*"))
    assert read_checkpoint(evidence.read_text().partition("\n\n")[0] + "\n").size == events


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "checkpoint").unlink(), "cannot read"),
        (lambda folder: (folder / "tile/0/000.p/20").unlink(), "cannot read"),
        (
            lambda folder: (folder / "tile/0/000.p/20").write_bytes(b"x" * 640),
            "do not give the root",
        ),
        (lambda folder: (folder / "tile/0/000.p/20").write_bytes(b"x"), "1 bytes"),
        (lambda folder: (folder / "keys.json").write_bytes(b"{}"), "no key list"),
        (lambda folder: (folder / "checkpoint").write_text("a\n1\nb\n\nc\n"), "signature line"),
    ],
)
def test_what_cannot_be_checked_is_not_signed(
    store, clock, settings, tmp_path, capsys, spoil, said
):
    state = tmp_path / "desk.json"
    grow(store, clock, events=20)
    published(store, settings)
    mirror = tmp_path / "mirror"
    shutil.copytree(settings.home / "log", mirror)
    spoil(mirror)
    assert watched(settings, state, where=mirror) == 2
    assert said in capsys.readouterr().err
    assert not state.exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_rotated_log_key_is_followed_and_an_old_key_list_is_a_fork(
    store, clock, settings, tmp_path, capsys
):
    state = tmp_path / "desk.json"
    grow(store, clock, events=2)
    published(store, settings)
    old = (settings.home / "log/keys.json").read_bytes()
    rotate(settings, use="log", at=NOON)
    published(store, settings)
    assert watched(settings, state) == 0
    (settings.home / "log/keys.json").write_bytes(old)
    elsewhere = Settings(home=tmp_path / "elsewhere", base_url="https://elsewhere.example")
    assert watched(elsewhere, state, where=settings.home / "log") == 2
    assert "no known key signed" in capsys.readouterr().err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_list_that_went_back_is_a_fork(store, clock, settings, tmp_path, capsys):
    state = tmp_path / "desk.json"
    grow(store, clock, events=2)
    published(store, settings)
    old = keyring(settings)
    change_list(settings, keys=with_witness(old.keys, witness=REGULATOR, at=written(NOON)))
    assert watched(settings, state) == 0
    (settings.home / "log/keys.json").write_bytes(old.file)
    assert watched(settings, state) == 3
    assert "went back from edition 2 to 1" in capsys.readouterr().err


def test_a_listed_witness_is_heard_and_shown(store, clock, settings):
    grow(store, clock, events=3)
    published(store, settings)
    held = keyring(settings)
    keys = with_witness(held.keys, witness=REGULATOR, at=written(NOON))
    change_list(settings, keys=keys)
    with store.read() as session:
        stands = tiles.head(session)
        note = note_of(session, ring=held, size=3, root=stands.root)
    text = note.partition("\n\n")[0] + "\n"
    handed_in = note + DESK.line(text, at_s=1_772_400_000) + STRANGER.line(text, at_s=1)
    told = {"clock": clock, "origin": held.log.name, "witnesses": keys.verifiers(WITNESS)}
    with store.write() as session:
        assert accept(session, note=handed_in, **told) == 1
        assert accept(session, note=handed_in, **told) == 0
    grow(store, clock, events=1)
    published(store, settings)
    with store.read() as session:
        assert cosigned(session, witnesses=[REGULATOR]).size == 3
        assert cosigned(session, witnesses=[REGULATOR], least=4) is None
    shown = (settings.home / "log/checkpoint.cosigned").read_text()
    assert open_note(shown, verifiers=[held.log.verifier, REGULATOR])[1] == [
        "id.example/log",
        "regulator.example/w1",
    ]
    again = new_signer(REGULATOR.name, kind=COSIGNATURE).verifier
    ended = without_witness(keyring(settings).keys, name=REGULATOR.name, at=written(NOON))
    assert ended.edition == 3
    assert ended.witnesses == []
    change_list(settings, keys=with_witness(ended, witness=again, at=written(NOON)))
    published(store, settings)
    assert not (settings.home / "log/checkpoint.cosigned").exists()
    with store.read() as session:
        shown = note_of(session, ring=keyring(settings), size=3, root=stands.root)
    assert REGULATOR.name not in shown
    with pytest.raises(BadNote, match="no witness of this name"):
        without_witness(ended, name=REGULATOR.name, at=written(NOON))


def test_a_cosignature_on_another_history_is_an_alarm(store, clock, settings):
    grow(store, clock, events=3)
    told = {"clock": clock, "origin": "id.example/log", "witnesses": [REGULATOR]}
    for size, root in ((3, bytes(32)), (4, bytes(32)), (0, bytes(32))):
        text = Checkpoint(origin="id.example/log", size=size, root=root).text
        with store.write() as session, pytest.raises(CosignedAnother):
            accept(session, note=f"{text}\n{DESK.line(text, at_s=1)}", **told)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "id.example/log\n",
        f"other.example/log\n0\n{ROOT}\n",
        f"id.example/log\n0\n{ROOT}\nmore\n",
        f"id.example/log\n00\n{ROOT}\n",
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_cosigned_checkpoint_of_ours_is_refused(store, clock, note):
    told = {"clock": clock, "origin": "id.example/log", "witnesses": [REGULATOR]}
    signed = f"{note}\n{DESK.line(note, at_s=1)}" if note else note
    with store.write() as session, pytest.raises(BadCosignature):
        accept(session, note=signed, **told)
    text = f"id.example/log\n0\n{ROOT}\n"
    with store.write() as session, pytest.raises(BadCosignature):
        accept(session, note=f"{text}\n{STRANGER.line(text, at_s=1)}", **told)


def answering(parts: list[bytes], *, pause_s: float = 0) -> Iterator[str]:
    """A server that says `parts` to whoever calls, whatever they ask."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = door.accept()
                with caller, suppress(OSError):
                    caller.recv(4096)
                    for part in parts:
                        caller.sendall(part)
                        time.sleep(pause_s)

    Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([b"garbage\r\n\r\n"], "BadStatusLine"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"], "no key list"),
        ([b"HTTP/1.1 302 F\r\nLocation: http://localhost:1/keys.json\r\n\r\n"], "another host"),
        ([b"HTTP/1.1 200 OK\r\n"] + [b"X"] * 100, "did not answer in 1 s"),
    ],
    ids=["garbage", "cut", "elsewhere", "drop-by-drop"],
)
def test_a_server_that_answers_crookedly_ends_in_a_sentence(
    settings, tmp_path, capsys, monkeypatch, parts, said
):
    monkeypatch.setattr("remelt.web.cli_witness.TOTAL_S", 1)
    with contextmanager(answering)(parts, pause_s=0.05) as address:
        assert watched(settings, tmp_path / "desk.json", where=address) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "desk.json").exists()
