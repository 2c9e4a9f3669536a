"""One fingerprint is enough to know every key of an installation, and since when."""

from datetime import UTC, datetime

import orjson
import pytest

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.traceability.log.notes import COSIGNATURE, BadNote, new_signer, read_verifier
from remelt.traceability.proofs.keylist import (
    LOG,
    PASSPORT,
    WITNESS,
    fingerprint,
    first_list,
    read_list,
    rotated,
    sign_list,
    with_witness,
)
from remelt.web.keys import keyring, keys_file, rotate

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ROOT = new_signer("id.example/root")


def a_list():
    log, passport = (new_signer(f"id.example/{use}").verifier for use in ("log", "passport"))
    return first_list("id.example", log=log, passport=passport)


def root_of(home):
    return fingerprint(read_verifier(orjson.loads(keys_file(home).read_bytes())["root"]))


def test_a_list_comes_back_to_whoever_knows_the_root():
    file = sign_list(a_list(), root=ROOT)
    assert sign_list(read_list(file, root=fingerprint(ROOT.verifier)), root=ROOT) == file
    with pytest.raises(BadNote, match="another root"):
        read_list(file, root="0" * 64)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file + b"\n",
        lambda file: file.replace(b"id.example\\n1\\n", b"id.example\\n2\\n"),
        lambda file: file.replace(b'{"list"', b'{ "list"'),
        lambda _: b"[]",
        lambda _: b"{}",
        lambda _: b"\xff",
    ],
)
def test_a_spoilt_list_is_refused(spoil):
    with pytest.raises(BadNote):
        read_list(spoil(sign_list(a_list(), root=ROOT)))


@pytest.mark.parametrize(
    "line", ["", "log", "law {log} - -", "witness {log} - -", "log {log} now -", "log {log} - -  "]
)
def test_a_crooked_line_is_refused(line):
    keys = a_list()
    text = f"{keys.text}{line.format(log=keys.lines[0].verifier)}\n"
    note = f"{text}\n{ROOT.line(text)}"
    file = orjson.dumps({"list": note, "root": str(ROOT.verifier)})
    with pytest.raises(BadNote):
        read_list(file)


def test_a_retired_key_ends_and_a_stolen_one_is_gone():
    keys = a_list()
    fresh = new_signer("id.example/log").verifier
    retired = rotated(keys, use=LOG, fresh=fresh, at="2026-03-02T04:00:00Z")
    assert retired.edition == 2
    assert [line.until for line in retired.lines if line.use == LOG] == [
        "2026-03-02T04:00:00Z",
        "-",
    ]
    assert str(retired.current(LOG).verifier) == str(fresh)
    stolen = rotated(keys, use=LOG, fresh=fresh, at="2026-03-02T04:00:00Z", revoke=True)
    assert len(stolen.verifiers(LOG)) == 1


def test_a_witness_is_listed_once_and_only_with_its_own_kind_of_key():
    regulator = new_signer("regulator.example/w", kind=COSIGNATURE).verifier
    keys = with_witness(a_list(), witness=regulator, at="2026-03-02T04:00:00Z")
    assert with_witness(keys, witness=regulator, at="2026-03-03T04:00:00Z") is keys
    assert list(map(str, keys.verifiers(WITNESS))) == [str(regulator)]
    with pytest.raises(BadNote):
        with_witness(keys, witness=ROOT.verifier, at="-")


def test_an_installation_makes_its_keys_once(tmp_path):
    settings = Settings(home=tmp_path, base_url="https://id.example")
    first, again = keyring(settings), keyring(settings)
    assert first.file == again.file
    assert first.log.name == "id.example/log"
    assert sorted(path.name for path in (tmp_path / "keys").glob("*.key")) == [
        "log.key",
        "passport.key",
        "root.key",
    ]


def test_a_rotation_keeps_the_root_and_the_origin(tmp_path):
    settings = Settings(home=tmp_path, base_url="https://id.example")
    before, root = keyring(settings), root_of(tmp_path)
    rotate(settings, use=PASSPORT, at=NOON)
    after = keyring(settings)
    assert str(after.passport.verifier) != str(before.passport.verifier)
    assert str(after.log.verifier) == str(before.log.verifier)
    assert root_of(tmp_path) == root
    assert len(after.keys.verifiers(PASSPORT)) == 2


def test_a_rotation_that_was_cut_off_is_finished(tmp_path):
    settings = Settings(home=tmp_path, base_url="https://id.example")
    keyring(settings)
    old = (tmp_path / "keys" / "log.key").read_bytes()
    rotate(settings, use=LOG, at=NOON)
    fresh = keyring(settings).log
    (tmp_path / "keys" / "log.key").rename(tmp_path / "keys" / "log.key.next")
    (tmp_path / "keys" / "log.key").write_bytes(old)
    assert str(keyring(settings).log.verifier) == str(fresh.verifier)
    assert not (tmp_path / "keys" / "log.key.next").exists()


def test_the_root_key_may_lie_in_a_safe(tmp_path):
    settings = Settings(home=tmp_path / "home", base_url="https://id.example")
    keyring(settings)
    safe = tmp_path / "stick.key"
    (settings.home / "keys" / "root.key").rename(safe)
    with pytest.raises(BadSetting, match="--root-key"):
        rotate(settings, use=LOG, at=NOON)
    assert rotate(settings, use=LOG, at=NOON, root_key=safe).edition == 2


def test_a_lost_key_is_told(tmp_path):
    settings = Settings(home=tmp_path, base_url="https://id.example")
    keyring(settings)
    (tmp_path / "keys" / "log.key").unlink()
    with pytest.raises(BadSetting, match=r"log\.key"):
        keyring(settings)
