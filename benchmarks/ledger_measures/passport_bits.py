"""Passports as an installation hands them out, and the same with one bit turned somewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.settings import Settings
from remelt.traceability.log.notes import read_verifier
from remelt.traceability.proofs.keylist import fingerprint
from remelt.traceability.proofs.models import Certificate
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
    """Return the settings of an installation at a fixed address."""
    return Settings(home=folder, base_url=BASE)


def handed_out(
    session: Session, clock: Clock, settings: Settings, certificate: Certificate
) -> Papers:
    """Return the files of a certificate, as they are handed out now."""
    ring = keyring(settings)
    return Papers(
        passport=passport_file(session, certificate, ring=ring, now=clock.now(session)),
        keys=ring.file,
        root=fingerprint(read_verifier(ring.root)),
    )


def spoilt(papers: Papers, *, seed: int, count: int) -> Iterator[tuple[str, Papers]]:
    """Give (part, papers) `count` times, one bit turned, each part in turn.

    In the whole passport and key list the bit is turned in the file as it lies there. In the
    other parts it is turned in the text (the event, its proof with the path, the checkpoint, the
    signature, the list of keys) and the file is written in its canonical form again, so that the
    part itself has to be found wrong.
    """
    dice = Random(seed)
    parts = tuple(PARTS)
    for number in range(count):
        part = parts[number % len(parts)]
        yield part, PARTS[part](papers, dice)


def _whole_passport(papers: Papers, dice: Random) -> Papers:
    return replace(papers, passport=_bent(papers.passport, dice))


def _whole_keys(papers: Papers, dice: Random) -> Papers:
    return replace(papers, keys=_bent(papers.keys, dice))


def _signature(papers: Papers, dice: Random) -> Papers:
    said = orjson.loads(papers.passport)
    said["proof"]["proofValue"] = _bent_text(said["proof"]["proofValue"], dice)
    return replace(papers, passport=_written(said))


def _evidence(name: str, *, after: str = "", before: str = "") -> Callable[..., Papers]:
    """Bend the text of the evidence between its first `after` and its first `before`."""

    def bend(papers: Papers, dice: Random) -> Papers:
        said = orjson.loads(papers.passport)
        text = said["evidence"][0][name]
        start = text.index(after) + len(after) if after else 0
        stop = text.index(before) if before else len(text)
        said["evidence"][0][name] = text[:start] + _bent_text(text[start:stop], dice) + text[stop:]
        return replace(papers, passport=_written(said))

    return bend


def _list(papers: Papers, dice: Random) -> Papers:
    said = orjson.loads(papers.keys)
    name = dice.choice(["list", "list", "list", "root"])
    said[name] = _bent_text(said[name], dice)
    return replace(papers, keys=_written(said))


PARTS: dict[str, Callable[[Papers, Random], Papers]] = {
    "passport": _whole_passport,
    "key list": _whole_keys,
    "signature": _signature,
    "event": _evidence("event"),
    "path": _evidence("proof", before="\n\n"),
    "checkpoint": _evidence("proof", after="\n\n"),
    "keys": _list,
}


def _bent(content: bytes, dice: Random) -> bytes:
    """Return the content with one bit turned."""
    at = dice.randrange(len(content) * 8)
    made = bytearray(content)
    made[at // 8] ^= 1 << at % 8
    return bytes(made)


def _bent_text(text: str, dice: Random) -> str:
    """Return a text with one bit turned that is a text still."""
    while True:
        try:
            return _bent(text.encode(), dice).decode()
        except UnicodeDecodeError:
            continue


def _written(said: Any) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
