"""A checkpoint is signed once, read strictly, and its key is made once."""

import base64
import json
import stat
from pathlib import Path

import pytest

from remelt.traceability.log.merkle import EMPTY_ROOT
from remelt.traceability.log.notes import (
    BadNote,
    Checkpoint,
    load_key,
    open_note,
    read_checkpoint,
    read_signer,
    read_verifier,
    sign_note,
    write_key,
)

KNOWN = json.loads((Path(__file__).parents[1] / "vectors/log/signed_note.json").read_text())


def test_the_reference_signature_byte_for_byte():
    for case in KNOWN["sign"]:
        assert sign_note(case["text"], signers=[read_signer(case["skey"])]) == case["want"]


@pytest.mark.parametrize("case", KNOWN["open"], ids=lambda case: case["name"])
def test_notes_as_the_reference_opens_them(case):
    verifiers = [read_verifier(key) for key in case["vkeys"]]
    if case["ok"] is None:
        with pytest.raises(BadNote):
            open_note(case["note"], verifiers=verifiers)
    else:
        text, names = open_note(case["note"], verifiers=verifiers)
        assert names == case["ok"]
        assert case["note"].startswith(text + "\n")


@pytest.mark.parametrize("key", KNOWN["bad_vkeys"])
def test_a_bad_public_key_is_refused(key):
    with pytest.raises(BadNote):
        read_verifier(key)


@pytest.mark.parametrize("key", ["", "PRIVATE+KEY+", "PRIVATE+KEY+a+00000000+AAAA", "x+1+2"])
def test_a_bad_private_key_is_refused(key):
    with pytest.raises(BadNote):
        read_signer(key)


def test_a_signed_checkpoint_reads_back(tmp_path):
    signer = write_key(tmp_path / "log.key", name="remelt.example/log")
    stands = Checkpoint(origin="remelt.example/log", size=0, root=EMPTY_ROOT)
    note = sign_note(stands.text, signers=[signer])
    verifier = read_verifier(str(signer.verifier))
    text, names = open_note(note, verifiers=[verifier])
    assert read_checkpoint(text) == stands
    assert names == ["remelt.example/log"]
    with pytest.raises(BadNote):
        open_note(note.replace("\n0\n", "\n1\n"), verifiers=[verifier])


ROOT = base64.b64encode(EMPTY_ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n１\n{ROOT}\n",
        f"a\n1\n{ROOT[:-4]}\n",
        f"a\n1\n{ROOT}",
        f"a\n1\n{ROOT[:-2]}V=\n",
        "a\n1\n***\n",
    ],
)
def test_a_crooked_checkpoint_is_refused(text):
    with pytest.raises(BadNote):
        read_checkpoint(text)


def test_only_text_with_an_end_is_signed(tmp_path):
    signer = write_key(tmp_path / "log.key", name="a")
    for text in ("no end", "nul\x00\n"):
        with pytest.raises(BadNote):
            sign_note(text, signers=[signer])


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "keys" / "log.key"
    first = write_key(path, name="remelt.example/log")
    again = write_key(path, name="another.name/log")
    assert str(again.verifier) == str(first.verifier) == str(load_key(path).verifier)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["log.key"]


def test_a_key_has_a_name_without_blanks(tmp_path):
    with pytest.raises(BadNote):
        write_key(tmp_path / "log.key", name="two words")
