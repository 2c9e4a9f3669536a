"""Check a lot's passport without a network, in one file that shares nothing with the product.

python verifier.py passport.json --keys keys.json --root FINGERPRINT
needs Python 3.11 and `cryptography`. It takes only the one canonical form of each file, strict
base64 and no line that it does not know. It cannot see what happened after the checkpoint.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KINDS = {"root": 1, "log": 1, "passport": 1, "witness": 4}
REST = "@context credentialStatus credentialSubject id issuer type validFrom"
OPTIONS = "@context created cryptosuite proofPurpose proofValue type verificationMethod"
SUITE = ["eddsa-jcs-2022", "assertionMethod", "DataIntegrityProof"]
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MOMENT, COUNT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r"0|[1-9]\d{0,14}"
NOTE = r"((?:[^\n]+\n)+)\n((?:— [^\s+]+ [^\s]+\n)+)"
KEYS = r"remelt/keys@v1\n([^\n]+)\n([1-9]\d{0,8})\n((?:[^\n]+\n)+)"
KEY_LINE = rf"(log|passport|witness) (\S+) ({MOMENT}|-) ({MOMENT}|-)"
PROOF = rf"c2sp\.org/tlog-proof@v1\nindex ({COUNT})\n((?:[^\n]+\n)*)\n((?:.*\n)+)"
CHECKPOINT = rf"([^\n]+)\n({COUNT})\n([^\n]+)\n"
MOST_BYTES = 5_000_000
SENTENCES = """valid: lot {lot}, issued {issued}, event {index} of {origin}
valid as of checkpoint {size}; later corrections not visible
by key list edition {edition}; keys revoked later not visible
witnesses: {witnesses}
"""
PROVISIONAL = "PROVISIONAL: an earlier period's intensity stands in for meters of this heat\n"
Dict = dict[str, Any]


class Bad(Exception):
    """What is wrong, and where."""


class Key(NamedTuple):
    """A public key: what it signs, under which name, between which moments; whose list it is."""

    use: str
    name: str
    mark: bytes
    raw: bytes
    since: str = "-"
    until: str = "-"
    origin: str = ""
    edition: int = 0

    def holds(self, at: str) -> bool:
        """Say whether the key may sign at a moment."""
        begun = self.since in {"-", min(self.since, at)}
        return begun and self.until in {"-", max(self.until, at)}


def verify(passport: bytes, *, keys: bytes, root: str, least: int = 0) -> Dict:
    """Return what a passport proves; raise `Bad` when anything about it is wrong.

    keys: the installation's `keys.json`. root: the fingerprint of its root key, from elsewhere.
    least: refuse an older edition of the key list, in which a revoked key may still stand.
    """
    where = "keys"
    try:
        known = key_list(keys, root=root, least=least)
        where, said = "passport", parse(passport, "passport")
        members(said, f"{REST} evidence proof", "passport")
        created, subject = signed_by_issuer(said, known), said["credentialSubject"]
        need(len(said["evidence"]) == 1, "passport.evidence", "not one place in the log")
        members(said["evidence"][0], "event proof type", "passport.evidence")
        event, place = logged(said["evidence"][0], known, created, "passport.evidence")
        rest = canonical({name: said[name] for name in REST.split()})
        issued = hashlib.sha256(rest).hexdigest()
        right = {"credential": issued, "lot": subject["lot"], "kind": "certify"}
        same = all(event.get(f"remelt:{name}") == value for name, value in right.items())
        need(same, "passport.evidence.event", "the event issues another passport")
    except (AttributeError, LookupError, TypeError, ValueError) as wrong:
        raise Bad(f"{where}: a member has another shape than it should: {wrong!r}") from None
    told = {"lot": subject["lot"], "claims": subject, "issued": said["validFrom"]}
    return {**place, **told, "edition": known[0].edition}


def signed_by_issuer(said: Dict, known: list[Key]) -> str:
    """Check the W3C Data Integrity proof (eddsa-jcs-2022); return when it was made."""
    proof, issuer, where = said["proof"], said["issuer"], "passport.proof"
    members(proof, OPTIONS, where)
    suite = [proof[name] for name in ("cryptosuite", "proofPurpose", "type")]
    need(suite == SUITE and proof["@context"] == said["@context"], where, "not as the suite says")
    created = moment(proof["created"], f"{where}.created")
    early = moment(said["validFrom"], "passport.validFrom") <= created
    need(early, "passport.validFrom", "later than the signature")
    method = f"{where}.verificationMethod"
    (name,) = match(re.escape(issuer) + "#(.*)", proof["verificationMethod"], method, "not theirs")
    raw = base58(name, method)
    current = [key for key in known if key.use == "passport" and key.holds(created)]
    may = [key for key in current if b"\xed\x01" + key.raw == raw]
    need(may, method, "no passport key of the list at that time")
    host = unquote(issuer.removeprefix("did:web:").split(":")[0])
    need(host == may[0].origin, "passport.issuer", "not whom the key list speaks for")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    rest = {name: value for name, value in said.items() if name != "proof"}
    signed = b"".join(hashlib.sha256(canonical(each)).digest() for each in (options, rest))
    fits(may[0], base58(proof["proofValue"], f"{where}.proofValue"), signed, f"{where}.proofValue")
    return created


def logged(said: Dict, known: list[Key], created: str, where: str) -> tuple[Dict, Dict]:
    """Check that an event stands in a checkpointed log (C2SP tlog-proof); return it and where."""
    at, event = f"{where}.proof", parse(said["event"].encode(), f"{where}.event")
    index, steps, note = match(PROOF, said["proof"], at, "not a tlog-proof")
    may = [key for key in known if key.use in {"log", "witness"} and key.holds(created)]
    text, signers = opened(note, may, f"{at}.checkpoint")
    origin, size, root = match(CHECKPOINT, text, f"{at}.checkpoint", "not three lines")
    named = {use: [key.name for key in signers if key.use == use] for use in ("log", "witness")}
    need(origin in named["log"], f"{at}.checkpoint", "the log itself did not sign")
    path = [b64(each, at) for each in steps.split("\n")[:-1]]
    leaf = hashlib.sha256(b"\0" + said["event"].encode()).digest()
    right = climbed(leaf, path, int(index), int(size), at) == b64(root, at)
    need(right, at, "the event does not lead to the root of the checkpoint")
    place = {"origin": origin, "size": int(size), "index": int(index)}
    return event, {**place, "witnesses": named["witness"]}


def climbed(leaf: bytes, path: list[bytes], index: int, size: int, where: str) -> bytes:
    """Return the root that a leaf and its path lead to (RFC 9162, 2.1.3.2)."""
    need(index < size, where, "the event is beyond the checkpoint")
    inner = (index ^ (size - 1)).bit_length()
    need(len(path) == inner + (index >> inner).bit_count(), where, "the path has another length")
    for level, step in enumerate(path):
        left = level >= inner or index >> level & 1
        leaf = hashlib.sha256(b"\1" + (step + leaf if left else leaf + step)).digest()
    return leaf


def opened(note: str, keys: list[Key], where: str) -> tuple[str, list[Key]]:
    """Check every signature line of a note; return its text and which of `keys` signed."""
    text, lines = match(NOTE, note, where, "not a signed note")
    signers: list[Key] = []
    for line in lines.split("\n")[:-1]:
        _, name, coded = line.split(" ")
        raw, before = b64(coded, where), {key.name for key in signers}
        fresh = [key for key in keys if key.name == name and key.name not in before]
        may = [key for key in fresh if key.mark == raw[:4]]
        need(may, where, f"signed by no key of the list at that time: {line[:60]!r}")
        time = raw[4:-64]
        need(len(time) == (8 if may[0].use == "witness" else 0), where, "crooked signature")
        head = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n" if time else ""
        fits(may[0], raw[-64:], (head + text).encode(), f"{where} by {name}")
        signers.append(may[0])
    return text, signers


def key_list(file: bytes, *, root: str, least: int = 0) -> list[Key]:
    """Return the keys of a `keys.json` of at least that edition, signed by the root key `root`."""
    said = parse(file, "keys")
    members(said, "list root", "keys")
    mark = hashlib.sha256(said["root"].encode()).hexdigest()
    need(mark == root, "keys.root", f"its fingerprint is {mark}, not the one you trust")
    text, _ = opened(said["list"], [key_of(said["root"], "root")], "keys.list")
    origin, edition, lines = match(KEYS, text, "keys.list", "not a list of keys")
    fresh = int(edition) >= least
    need(fresh, "keys.list", f"edition {edition} is older than {least}: get a newer")
    found = []
    for line in lines.split("\n")[:-1]:
        use, key, *times = match(KEY_LINE, line, "keys.list", "not a key's line")
        since, until = (each if each == "-" else moment(each, "keys.list") for each in times)
        found.append(Key(*key_of(key, use)[:4], since, until, origin, int(edition)))
    return found


def key_of(text: str, use: str) -> Key:
    """Return a public key written `name+id+base64` (C2SP signed-note)."""
    name, mark, coded = match(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text, "keys", "no key")
    raw = b64(coded, "keys")
    made = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    right = made.hex() == mark and raw[:1] == bytes([KINDS[use]]) and len(raw) == 33  # noqa: PLR2004
    need(right, f"keys {name}", "its id, kind or length does not fit")
    return Key(use, name, made, raw[1:])


def fits(key: Key, signature: bytes, message: bytes, where: str) -> None:
    """Check an Ed25519 signature."""
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Bad(f"{where}: the signature does not fit, something was changed") from None


def parse(raw: bytes, where: str) -> Any:
    """Return JSON that is written in its one canonical form (RFC 8785), whole numbers only."""
    try:
        said = json.loads(raw[:MOST_BYTES].decode(), parse_float=int, parse_constant=int)
        need(canonical(said) == raw, where, "not in its one canonical form: changed, or rewritten")
    except (ValueError, RecursionError):
        raise Bad(f"{where}: not JSON in whole numbers") from None
    return said


def canonical(said: Any) -> bytes:
    """Return JSON with sorted names and no blanks."""
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def members(said: Any, names: str, where: str) -> None:
    """Refuse anything but an object with exactly these members."""
    need(isinstance(said, dict) and sorted(said) == sorted(names.split()), where, f"not {names}")


def b64(text: str, where: str) -> bytes:
    """Return the bytes of strict base64: one spelling only."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    need(raw and base64.b64encode(raw).decode() == text, where, f"not base64: {text[:40]!r}")
    return raw


def base58(text: str, where: str) -> bytes:
    """Return the bytes of multibase base58btc, `z...`."""
    (digits,) = match(f"z([{BASE58}]{{1,100}})", text, where, "not base58")
    value = 0
    for each in digits:
        value = value * 58 + BASE58.index(each)
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + value.to_bytes((value.bit_length() + 7) // 8, "big")


def moment(text: str, where: str) -> str:
    """Return a moment that the calendar and the clock have, in its one spelling."""
    try:
        need(re.fullmatch(MOMENT, text, re.ASCII) and datetime.fromisoformat(text), where, text)
    except ValueError:
        raise Bad(f"{where}: no such moment: {text}") from None
    return text


def shown(said: object) -> str:
    """Return what a file says so that no character of it can move or colour the reader's screen."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(said))


def match(pattern: str, text: str, where: str, what: str) -> tuple[str, ...]:
    """Return the groups of a pattern that the whole text fits."""
    found = re.fullmatch(pattern, text, re.ASCII)
    if found is None:
        raise Bad(f"{where}: {what}: {text[:40]!r}")
    return found.groups()


def need(holds: object, where: str, what: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise Bad(f"{where}: {what}")


def main(arguments: list[str] | None = None) -> int:
    """Say in sentences what the files prove; 0 when all of it holds, 1 when anything does not."""
    parser = argparse.ArgumentParser(description="Check a lot's passport without a network.")
    parser.add_argument("passport", type=Path)
    parser.add_argument("--keys", type=Path, required=True, help="keys.json of the installation")
    parser.add_argument("--root", required=True, help="fingerprint of its root key")
    parser.add_argument("--least-edition", type=int, default=0, help="refuse an older key list")
    asked = parser.parse_args(arguments)
    try:
        content, keys = asked.passport.read_bytes(), asked.keys.read_bytes()
        found = verify(content, keys=keys, root=asked.root, least=asked.least_edition)
    except (Bad, OSError) as wrong:
        print(f"NOT VALID: {shown(wrong)}", file=sys.stderr)
        return 1
    early = PROVISIONAL if found["claims"]["footprint"]["provisional"] else ""
    told = SENTENCES.format(**found | {"witnesses": ", ".join(found["witnesses"]) or "none"})
    claims = json.dumps(found["claims"], ensure_ascii=False, indent=1)
    for line in f"{told}{early}{claims}".split("\n"):
        print(shown(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
