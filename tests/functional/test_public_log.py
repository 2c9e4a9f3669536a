"""Anybody can take the log home and check it without us."""

import base64
import hashlib
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from remelt.traceability.log import tiles
from remelt.traceability.log.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from remelt.traceability.log.notes import (
    COSIGNATURE,
    new_signer,
    open_note,
    read_checkpoint,
    read_verifier,
)
from remelt.traceability.models import LedgerEvent
from remelt.traceability.proofs.errors import LogWentBack
from remelt.traceability.proofs.keylist import with_witness
from remelt.web.continuity import signing_ring
from remelt.web.keys import change_list, keyring
from remelt.web.publishing import publish
from tests.integration.ledger_world import brought


@pytest.fixture
def bodies(app: Flask, clock) -> list[bytes]:
    """A log of three hundred events; their public bodies in order."""
    store = app.extensions["remelt"].store
    with store.write() as session:
        for _ in range(300):
            brought(session, clock)
    with store.read() as session:
        rows = session.exec(select(LedgerEvent.body).order_by(LedgerEvent.seq))
        return [body.encode() for body in rows]


def signed(client: FlaskClient):
    key = read_verifier(client.get("/log/key").text.strip())
    return read_checkpoint(open_note(client.get("/log/checkpoint").text, verifiers=[key])[0])


def test_an_empty_log_is_signed_too(client: FlaskClient):
    assert (signed(client).size, signed(client).root) == (0, EMPTY_ROOT)
    assert client.get("/log/tile/0/000").status_code == 404


def test_the_checkpoint_stands_for_every_event(client: FlaskClient, bodies):
    stands = signed(client)
    assert stands.size == 300
    assert stands.root == root([leaf_hash(body) for body in bodies])
    assert stands.origin == "127.0.0.1:8000/log"


def test_tiles_mirror_the_log(client: FlaskClient, bodies):
    full, rest = client.get("/log/tile/0/000"), client.get("/log/tile/0/001.p/44")
    leaves = [leaf_hash(body) for body in bodies]
    assert full.data + rest.data == b"".join(leaves)
    assert client.get("/log/tile/1/000.p/1").data == root(leaves[:256])
    assert full.cache_control.immutable
    for beyond in ("0/001", "0/001.p/45", "2/000", "entries/000", "0/../../checkpoint"):
        assert client.get(f"/log/tile/{beyond}").status_code == 404


def test_a_proof_holds_without_a_network(client: FlaskClient, bodies):
    text = client.get("/log/proof/299").text
    proof, _, note = text.partition("\n\n")
    header, index, *hashes = proof.splitlines()
    assert (header, index) == ("c2sp.org/tlog-proof@v1", "index 299")
    key = read_verifier(client.get("/log/key").text.strip())
    stands = read_checkpoint(open_note(note, verifiers=[key])[0])
    assert verify_inclusion(
        [base64.b64decode(step) for step in hashes],
        leaf=hashlib.sha256(b"\x00" + bodies[299]).digest(),
        index=299,
        size=stands.size,
        root=stands.root,
    )
    assert client.get("/log/proof/300").status_code == 404
    assert client.get("/log/proof/99999999999999999999").status_code == 404


def test_any_two_sizes_are_shown_to_be_one_log(client: FlaskClient, bodies):
    leaves = [leaf_hash(body) for body in bodies]
    key = read_verifier(client.get("/log/key").text.strip())
    for old, new in ((1, 300), (7, 299), (256, 300), (300, 300)):
        told = client.get("/log/consistency", query_string={"from": old, "to": new}).text
        steps, _, note = told.partition("\n\n")
        first, *hashes = steps.splitlines()
        assert first == f"old {old}"
        stands = read_checkpoint(open_note(note, verifiers=[key])[0])
        assert stands.size == new
        assert verify_consistency(
            [base64.b64decode(step) for step in hashes],
            old=old,
            old_root=root(leaves[:old]),
            new=new,
            new_root=stands.root,
        )
    for asked in ("from=0", "from=2&to=1", "from=1&to=301", "to=3", "from=x", "from=01"):
        assert client.get(f"/log/consistency?{asked}").status_code == 422


def test_a_listed_witness_is_heard_at_the_door(client: FlaskClient, app: Flask, bodies):
    settings = app.extensions["remelt"].settings
    desk = new_signer("regulator.example/w1", kind=COSIGNATURE)
    note = client.get("/log/checkpoint").text
    text = note.partition("\n\n")[0] + "\n"
    signed_too = note + desk.line(text, at_s=1_772_400_000)
    door = "/api/v1/log/cosignatures"
    assert client.post(door, data=signed_too).status_code == 422
    keys = with_witness(keyring(settings).keys, witness=desk.verifier, at="2026-03-02T04:00:00Z")
    change_list(settings, keys=keys)
    assert client.post(door, data=signed_too).get_json() == {"kept": 1}
    assert client.get("/log/checkpoint.cosigned").text == signed_too
    assert "regulator.example/w1" in client.get("/log?lang=en").text
    for spoilt in (b"", b"\xff", b"x" * 30_000, signed_too.replace("300", "301").encode()):
        assert client.post(door, data=spoilt).status_code == 422


def test_the_key_is_the_owners_alone(client: FlaskClient, tmp_path: Path):
    client.get("/log/key")
    key = tmp_path / "home" / "keys" / "log.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(("locale", "said"), [("zh_CN", "公开日志"), ("en", "The public log")])
def test_the_page_says_how_to_check(client: FlaskClient, locale, said):
    page = client.get(f"/log?lang={locale}")
    assert said in page.text
    assert "127.0.0.1:8000/log" in page.text


def copy(one: Path, other: Path) -> None:
    """Make the SQLite file `other` what `one` is now."""
    with closing(sqlite3.connect(one)) as old, closing(sqlite3.connect(other)) as new:
        old.backup(new)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_restored_backup_signs_no_second_history(
    app: Flask, client: FlaskClient, clock, tmp_path: Path
):
    services, lived = app.extensions["remelt"], tmp_path / "remelt.db"
    backup, newest = tmp_path / "backup.db", tmp_path / "newest.db"
    for kept, events in ((backup, 4), (newest, 3)):
        with services.store.write() as session:
            for _ in range(events):
                brought(session, clock)
        copy(lived, kept)
    with services.store.read() as session:
        publish(session, settings=services.settings)

    services.store.close()
    copy(backup, lived)
    assert client.get("/log/checkpoint").status_code == 503
    with pytest.raises(LogWentBack), services.store.write() as session:
        brought(session, clock)
    copy(newest, lived)
    assert signed(client).size == 7
    with services.store.write() as session:
        brought(session, clock)
    copy(backup, lived)
    lost = tmp_path / "lost"
    lost.mkdir()
    for name in ("checkpoint", "tile"):
        (services.settings.home / "log" / name).rename(lost / name)
    with services.store.write() as session:
        brought(session, clock)
    with services.store.read() as session:
        assert publish(session, settings=services.settings) == signed(client).size == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_who_is_behind_the_publisher_is_no_alarm(app: Flask, clock):
    services = app.extensions["remelt"]
    with services.store.write() as session:
        brought(session, clock)
    with services.store.read() as reader:
        assert tiles.head(reader).size == 1
        with services.store.write() as session:
            brought(session, clock)
        with services.store.read() as session:
            assert publish(session, settings=services.settings) == 2
        assert tiles.head(reader).size == 1
        assert signing_ring(reader, settings=services.settings).log
