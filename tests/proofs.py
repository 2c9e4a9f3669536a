"""Passports as an installation gives them out, and ways to spoil them."""

import random
from dataclasses import dataclass
from pathlib import Path

import orjson

from remelt.platform.kernel.settings import Settings
from remelt.traceability.keylist import fingerprint
from remelt.traceability.notes import read_verifier
from remelt.web.keys import keyring
from remelt.web.transparency import passport_file

BASE = "https://id.example"


@dataclass(frozen=True)
class Papers:
    """What a buyer holds: a passport, the key list, and the root key's fingerprint."""

    passport: bytes
    keys: bytes
    root: str


def settings_in(folder: Path) -> Settings:
    """An installation at a fixed address."""
    return Settings(home=folder, base_url=BASE)


def handed_out(session, clock, settings, certificate) -> Papers:
    """The files of a certificate, as they are handed out now."""
    ring = keyring(settings)
    return Papers(
        passport=passport_file(session, certificate, ring=ring, now=clock.now(session)),
        keys=ring.file,
        root=fingerprint(read_verifier(ring.root)),
    )


def with_bit(content: bytes, at: int) -> bytes:
    """The content with one bit turned."""
    spoilt = bytearray(content)
    spoilt[at // 8] ^= 1 << at % 8
    return bytes(spoilt)


def spoilt(papers: Papers, *, seed: int, count: int):
    """Give `count` papers with one bit turned, in every part in turn.

    Turned in the file, or in a decoded part that is then written anew in canonical form: the
    evidence's event, its proof, its checkpoint, the signature, the key list's text.
    """
    dice = random.Random(seed)
    for n in range(count):
        yield (_in_file, _in_keys, _in_text)[n % 3](papers, dice)


def _in_file(papers: Papers, dice: random.Random) -> Papers:
    at = dice.randrange(len(papers.passport) * 8)
    return Papers(with_bit(papers.passport, at), papers.keys, papers.root)


def _in_keys(papers: Papers, dice: random.Random) -> Papers:
    at = dice.randrange(len(papers.keys) * 8)
    return Papers(papers.passport, with_bit(papers.keys, at), papers.root)


def _in_text(papers: Papers, dice: random.Random) -> Papers:
    """Turn a bit inside one text of the passport, and write the file canonically again."""
    said = orjson.loads(papers.passport)
    evidence, proof = said["evidence"][0], said["proof"]
    part, name = dice.choice(
        [(evidence, "event"), (evidence, "proof"), (proof, "proofValue"), (said, "id")]
    )
    raw = part[name].encode()
    while True:
        try:
            text = with_bit(raw, dice.randrange(len(raw) * 8)).decode()
        except UnicodeDecodeError:
            continue
        part[name] = text
        content = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        return Papers(content, papers.keys, papers.root)
