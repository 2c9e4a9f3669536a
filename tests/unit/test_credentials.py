"""A passport is signed as the W3C's own vectors are."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from remelt.traceability.facts import canonical
from remelt.traceability.proofs.credentials import (
    base58,
    did_web,
    from_base58,
    holds,
    multikey,
    signed,
    signed_bytes,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "w3c"
JCS = VECTORS / "eddsa-jcs-2022"


def told(name):
    return json.loads((VECTORS / name).read_text())


def key():
    raw = from_base58(told("keyPair.json")["privateKeyMultibase"][1:])
    return Ed25519PrivateKey.from_private_bytes(raw[2:])


def test_every_step_of_the_reference_byte_for_byte():
    document, options = told("unsigned.json"), told("eddsa-jcs-2022/proofConfigJCS.json")
    assert canonical(document) == (JCS / "canonDocJCS.txt").read_bytes()
    assert canonical(options) == (JCS / "proofCanonJCS.txt").read_bytes()
    joined = signed_bytes(document, options=options).hex()
    assert joined == (JCS / "combinedHashJCS.txt").read_text().strip()
    assert joined[:64] == (JCS / "proofHashJCS.txt").read_text().strip()
    assert joined[64:] == (JCS / "docHashJCS.txt").read_text().strip()
    signature = key().sign(bytes.fromhex(joined))
    assert signature.hex() == (JCS / "sigHexJCS.txt").read_text().strip()
    assert "z" + base58(signature) == (JCS / "sigBTC58JCS.txt").read_text().strip()


def test_the_reference_credential_comes_out_the_same_and_holds():
    reference = told("eddsa-jcs-2022/signedJCS.json")
    proof = reference["proof"]
    made = signed(
        told("unsigned.json"),
        key=key(),
        method=proof["verificationMethod"],
        created=proof["created"],
    )
    assert made == reference
    assert holds(reference, key=key().public_key())
    assert multikey(key().public_key()) == told("keyPair.json")["publicKeyMultibase"]


@pytest.mark.parametrize("field", ["issuer", "name", "id"])
def test_a_changed_credential_does_not_hold(field):
    reference = told("eddsa-jcs-2022/signedJCS.json")
    assert not holds(reference | {field: "another"}, key=key().public_key())
    other = reference["proof"] | {"created": "2024-01-01T00:00:00Z"}
    assert not holds(reference | {"proof": other}, key=key().public_key())


@given(st.binary(max_size=80))
def test_base58_comes_back(raw):
    assert from_base58(base58(raw)) == raw


def test_a_port_and_a_path_have_a_name():
    assert did_web("https://a.example:8443/x/y") == "did:web:a.example%3A8443:x:y"
