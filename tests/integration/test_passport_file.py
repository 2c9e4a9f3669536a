"""A passport is checked by one file that shares nothing with the product, without a network."""

import ast
import base64
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from benchmarks.ledger_measures.passport_bits import (
    BASE,
    Papers,
    handed_out,
    settings_in,
    spoilt,
)
from remelt.platform.kernel.settings import Settings
from remelt.traceability.log.notes import COSIGNATURE, BadNote, new_signer
from remelt.traceability.passports.certifying import issue
from remelt.traceability.proofs import certificates, verifier
from remelt.traceability.proofs.cosigning import accept
from remelt.traceability.proofs.credentials import signed
from remelt.traceability.proofs.keylist import WITNESS, KeyLine, with_witness
from remelt.traceability.proofs.verifier import Bad, verify
from remelt.web.keys import change_list, keyring, rotate
from tests.conftest import NOON
from tests.integration.ledger_world import ACTOR, HUB, brought

LATER = NOON + timedelta(hours=1)
VERIFIER = Path(verifier.__file__)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_in(tmp_path / "home")


@pytest.fixture
def issued(store, clock, settings):
    """A certificate in a log of some more events."""
    with store.write() as session:
        lots = [brought(session, clock) for _ in range(3)]
        told = {"base_url": BASE, "actor": ACTOR, "site": HUB}
        made = issue(session, clock=clock, lot_code=lots[1].code, **told).certificate
    with store.write() as session:
        brought(session, clock)
    return made


@pytest.fixture
def papers(store, clock, settings, issued) -> Papers:
    with store.read() as session:
        return handed_out(session, clock, settings, issued)


def checked(papers: Papers):
    return verify(papers.passport, keys=papers.keys, root=papers.root)


def test_a_passport_tells_its_claims_and_its_checkpoint(papers, issued):
    told = checked(papers)
    assert told["size"] == 5
    assert told["index"] == 3
    assert told["origin"] == "id.example/log"
    assert told["claims"]["mass_class"] == {"from_g": 10_000_000, "below_g": 100_000_000}
    assert told["witnesses"] == []
    assert told["lot"] in issued.body


def test_a_witnessed_checkpoint_is_preferred_and_told(store, clock, settings, issued):
    desk = new_signer("regulator.example/w1", kind=COSIGNATURE)
    held = keyring(settings)
    keys = with_witness(held.keys, witness=desk.verifier, at="2026-03-02T04:00:00Z")
    change_list(settings, keys=keys)
    with store.write() as session:
        note = orjson.loads(handed_out(session, clock, settings, issued).passport)["evidence"][0]
        text = "\n".join(note["proof"].split("\n\n")[1].split("\n")[:3]) + "\n"
        accept(
            session,
            clock=clock,
            note=f"{text}\n{desk.line(text, at_s=1_772_400_000)}",
            origin="id.example/log",
            witnesses=[desk.verifier],
        )
        brought(session, clock)
    with store.read() as session:
        told = checked(handed_out(session, clock, settings, issued))
    assert told["witnesses"] == ["regulator.example/w1"]
    assert told["size"] == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_turned_bit_is_refused_wherever_it_is(papers):
    for _part, bent in spoilt(papers, seed=11, count=700):
        with pytest.raises(Bad):
            checked(bent)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_imports_nothing_of_ours_and_runs_alone(papers, tmp_path):
    tree = ast.parse(VERIFIER.read_text())
    named = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    named |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    outside = {name.partition(".")[0] for name in named} - set(sys.stdlib_module_names)
    assert outside == {"cryptography"}
    shutil.copy(VERIFIER, tmp_path / "verifier.py")
    (tmp_path / "passport.json").write_bytes(papers.passport)
    (tmp_path / "keys.json").write_bytes(papers.keys)
    run = [sys.executable, "-I", "verifier.py", "passport.json", "--keys", "keys.json"]
    done = subprocess.run(
        [*run, "--root", papers.root], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "valid as of checkpoint 5; later corrections not visible" in done.stdout
    done = subprocess.run(
        [*run, "--root", "0" * 64], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "NOT VALID: keys.root: its fingerprint is" in done.stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "not @context"),
        (b"{}", "not @context"),
        (b"\xff", "not JSON"),
        (b'{"a":1.5}', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":1,"a":1}', "canonical"),
        (b'{ "a":1}', "canonical"),
        (b"[" * 100_000, "not JSON"),
        (b'"\\ud800"', "not JSON"),
    ],
)
def test_what_is_no_passport_is_named(papers, content, said):
    with pytest.raises(Bad, match=said):
        verify(content, keys=papers.keys, root=papers.root)
    with pytest.raises(Bad, match=r"^keys: "):
        verify(papers.passport, keys=content, root=papers.root)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_file_that_is_misshapen_is_the_one_named(papers):
    with pytest.raises(Bad, match=r"^keys: a member has another shape"):
        verify(papers.passport, keys=b'{"list":1,"root":2}', root=papers.root)
    said = orjson.loads(papers.passport)
    bent = orjson.dumps(said | {"issuer": 1}, option=orjson.OPT_SORT_KEYS)
    with pytest.raises(Bad, match=r"^passport: a member has another shape"):
        verify(bent, keys=papers.keys, root=papers.root)


def resigned(papers: Papers, settings, *, method: str | None = None, **changes) -> Papers:
    """The passport changed and signed anew with the right key, as a dishonest issuer could."""
    ring, said = keyring(settings), orjson.loads(papers.passport)
    proof = said.pop("proof")
    created = changes.pop("created", proof["created"])
    document = signed(
        {**said, **changes},
        key=ring.passport.key,
        method=method or proof["verificationMethod"],
        created=created,
    )
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return Papers(content, papers.keys, papers.root)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_method_that_verifies_is_the_issuers_own(papers, settings):
    said = orjson.loads(papers.passport)
    issuer, _, key = said["proof"]["verificationMethod"].partition("#")
    assert checked(resigned(papers, settings))["lot"] == said["credentialSubject"]["lot"]
    for other in (
        "did:web:other.example",
        issuer + ":part",
        issuer[:-1],
        "",
        issuer + "#" + issuer,
    ):
        with pytest.raises(Bad, match=r"^passport\.proof\.verificationMethod: "):
            checked(resigned(papers, settings, method=f"{other}#{key}"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_even_the_issuer_cannot_say_what_the_log_does_not(papers, settings):
    said = orjson.loads(papers.passport)
    assert checked(resigned(papers, settings))
    subject, evidence = said["credentialSubject"], said["evidence"][0]
    for changes, what in (
        ({"credentialSubject": subject | {"mass_g": 1}}, "issues another passport"),
        ({"validFrom": "2020-01-01T00:00:00Z"}, "issues another passport"),
        ({"validFrom": "2099-01-01T00:00:00Z"}, "later than the signature"),
        ({"issuer": "did:web:other.example"}, "verificationMethod"),
        ({"evidence": []}, "not one place"),
        ({"evidence": [evidence, evidence]}, "not one place"),
        ({"evidence": [evidence | {"note": ""}]}, "not event proof type"),
        ({"evidence": [evidence | {"event": "{}"}]}, "another length|does not lead"),
        ({"evidence": [evidence | {"proof": ""}]}, "not a tlog-proof"),
        ({"extra": 1}, "not @context"),
        ({"evidence": 5}, "another shape"),
    ):
        with pytest.raises(Bad, match=what):
            checked(resigned(papers, settings, **changes))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_checkpoint_with_an_unknown_or_missing_signature_is_refused(papers, settings):
    said = orjson.loads(papers.passport)
    evidence = said["evidence"][0]
    stranger = new_signer("stranger.example/w", kind=COSIGNATURE)
    text = "\n".join(evidence["proof"].split("\n\n")[1].split("\n")[:3]) + "\n"
    for proof, what in (
        (evidence["proof"] + stranger.line(text, at_s=1), "no key of the list"),
        (evidence["proof"] * 2, "checkpoint|tlog-proof|note"),
        (evidence["proof"].rpartition("\n\n")[0] + "\n\n", "not a signed note|tlog-proof"),
        (evidence["proof"] + "\n", "not a signed note"),
    ):
        with pytest.raises(Bad, match=what):
            checked(resigned(papers, settings, evidence=[evidence | {"proof": proof}]))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_old_passports_hold_after_a_rotation_but_not_after_a_theft(
    store, clock, settings, issued, papers
):
    rotate(settings, use="passport", at=LATER)
    rotated = Papers(papers.passport, keyring(settings).file, papers.root)
    assert checked(rotated)["size"] == 5
    with store.read() as session:
        assert checked(handed_out(session, clock, settings, issued))["size"] == 5
    rotate(settings, use="log", at=LATER, revoke=True)
    stolen = Papers(papers.passport, keyring(settings).file, papers.root)
    with pytest.raises(Bad, match="no key of the list"):
        checked(stolen)
    with store.read() as session:
        assert checked(handed_out(session, clock, settings, issued))["size"] == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_retired_key_cannot_sign_today(papers, settings, tmp_path):
    old = keyring(settings).passport
    rotate(settings, use="passport", at=LATER)
    later = Papers(papers.passport, keyring(settings).file, papers.root)
    said = orjson.loads(papers.passport)
    proof = said.pop("proof")
    document = signed(
        said, key=old.key, method=proof["verificationMethod"], created="2026-03-02T05:00:01Z"
    )
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    with pytest.raises(Bad, match="no passport key of the list at that time"):
        checked(Papers(content, later.keys, later.root))


def test_a_superseded_passport_still_verifies_as_history(store, clock, settings, issued, papers):
    with store.write() as session:
        told = {"reason": "correction", "event_hash": issued.event_hash, "at": clock.now(session)}
        assert certificates.supersede(session, lot_ids=[issued.lot_id], **told) == 1
    assert checked(papers)["size"] == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_witness_that_bears_the_logs_name_is_not_the_log(papers, settings):
    held = keyring(settings)
    false = new_signer(held.log.name, kind=COSIGNATURE)
    for name in (held.log.name, held.passport.name, held.keys.origin):
        with pytest.raises(BadNote, match="a name of the log itself"):
            witness = new_signer(name, kind=COSIGNATURE).verifier
            with_witness(held.keys, witness=witness, at="-")
    lines = (*held.keys.lines, KeyLine(use=WITNESS, verifier=false.verifier))
    change_list(settings, keys=replace(held.keys, edition=2, lines=lines))
    evidence = orjson.loads(papers.passport)["evidence"][0]
    path, note = evidence["proof"].split("\n\n")[0], evidence["proof"].split("\n\n")[1]
    text = f"{note}\n"
    proof = f"{path}\n\n{text}\n{false.line(text, at_s=1)}"
    bent = resigned(papers, settings, evidence=[evidence | {"proof": proof}])
    with pytest.raises(Bad, match="the log itself did not sign"):
        checked(Papers(bent.passport, keyring(settings).file, papers.root))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_older_key_list_than_asked_for_is_refused(papers, settings, tmp_path, capsys):
    assert checked(papers)["edition"] == 1
    rotate(settings, use="log", at=LATER, revoke=True)
    with pytest.raises(Bad, match="edition 1 is older than 2"):
        verify(papers.passport, keys=papers.keys, root=papers.root, least=2)
    (tmp_path / "passport.json").write_bytes(papers.passport)
    (tmp_path / "keys.json").write_bytes(papers.keys)
    told = [str(tmp_path / "passport.json"), "--keys", str(tmp_path / "keys.json")]
    told += ["--root", papers.root]
    assert verifier.main(told) == 0
    assert "by key list edition 1; keys revoked later not visible" in capsys.readouterr().out
    assert verifier.main([*told, "--least-edition", "2"]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_signed_yet_cannot_move_the_readers_screen(papers, settings, tmp_path, capsys):
    evidence = orjson.loads(papers.passport)["evidence"][0]
    line = f"— \x1b[2J\u202evalid {base64.b64encode(bytes(76)).decode()}\n"
    bent = resigned(papers, settings, evidence=[evidence | {"proof": evidence["proof"] + line}])
    (tmp_path / "passport.json").write_bytes(bent.passport)
    (tmp_path / "keys.json").write_bytes(papers.keys)
    told = [str(tmp_path / "passport.json"), "--keys", str(tmp_path / "keys.json")]
    assert verifier.main([*told, "--root", papers.root]) == 1
    said = capsys.readouterr().err
    assert "signed by no key of the list" in said
    assert said.rstrip("\n").isprintable()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_steps_are_parted_by_line_breaks_and_moments_are_real(papers, settings):
    evidence = orjson.loads(papers.passport)["evidence"][0]
    steps, _, note = evidence["proof"].partition("\n\n")
    head, rest = steps.split("\n", 2)[:2], steps.split("\n", 2)[2]
    assert "\n" in rest
    for other in ("\r", "\x1c", "\x85", "\u2028"):
        proof = "\n".join([*head, rest.replace("\n", other)]) + f"\n\n{note}"
        with pytest.raises(Bad, match="not base64"):
            checked(resigned(papers, settings, evidence=[evidence | {"proof": proof}]))
    for created in ("9999-99-99T99:99:99Z", "2027-02-29T00:00:00Z", "2027-01-01T24:00:00Z"):
        with pytest.raises(Bad, match="no such moment"):
            checked(resigned(papers, settings, created=created))
