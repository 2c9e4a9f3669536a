"""`remelt witness`: watch a log from a desk of one's own, keep its size and root, sign its growth.

It needs no installation: only an address or a folder, and the fingerprint of the log's root key.
"""

import argparse
import base64
import fcntl
import os
import re
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urljoin, urlsplit

import orjson

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.traceability.log.notes import COSIGNATURE, BadNote, Signer, new_signer, read_signer
from remelt.traceability.proofs.witnessing import Fetch, Fork, Memory, Refused, Seen, watch

FORKED, REFUSED = 3, 2
TIMEOUT_S, TOTAL_S = 30, 180
MOST_BYTES = 2**20
_FINGERPRINT = re.compile("[0-9a-f]{64}")


def add_witness(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `witness`."""
    command = commands.add_parser("witness", help="check that a log only grew, and cosign it")
    command.add_argument("log", help="address (https://host/log) or folder of the public log")
    command.add_argument("--state", type=Path, required=True, help="the witness's own file")
    command.add_argument("--name", help="first time: the witness's name, such as an address")
    command.add_argument("--root", help="first time: fingerprint of the log's root key")
    command.add_argument("--out", type=Path, help="write the cosigned checkpoint here")
    command.add_argument("--submit", help="address that takes cosignatures, to hand it in at once")
    command.set_defaults(run=run_witness)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only on the host that was named, and never off https."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        if old.netloc != new.netloc or (old.scheme, new.scheme) == ("https", "http"):
            raise Refused(f"{req.full_url} leads to another host: {newurl[:200]!r}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = urllib.request.build_opener(_SameHost)


def run_witness(asked: argparse.Namespace, _settings: Settings) -> int:
    """Look at the log once. 0: it grew and is signed; 3: a fork; 2: it could not be checked."""
    with _alone(asked.state):
        memory, signer = _remembered(asked)
        try:
            with _in_time():
                seen = watch(memory, fetch=_reader(asked.log), signer=signer, at_s=int(time.time()))
        except Fork as fork:
            return _alarm(asked, memory, fork)
        except (Refused, TimeoutError) as refused:
            print(f"remelt witness: not signed: {refused}", file=sys.stderr)
            return REFUSED
        _remember(asked.state, seen.memory, signer)
    return _hand_out(asked, seen, signer)


def _alarm(asked: argparse.Namespace, memory: Memory, fork: Fork) -> int:
    """Tell a fork as loudly as a program can, and keep the signed checkpoint that shows it."""
    evidence = asked.state.with_name(f"{asked.state.name}.fork-{int(time.time())}")
    evidence.write_text(fork.note, "utf-8")
    root = base64.b64encode(memory.root).decode()
    for line in (
        f"remelt witness: FORK of {memory.origin}: {fork}",
        f"  seen and signed before: {memory.size} events, root {root}",
        f"  shown now: kept in {evidence}",
        "  Nothing was signed. Keep both and tell the other witnesses.",
    ):
        print(line, file=sys.stderr)
    return FORKED


def _hand_out(asked: argparse.Namespace, seen: Seen, signer: Signer) -> int:
    if asked.out:
        asked.out.write_text(seen.note, "utf-8")
    else:
        print(seen.note, end="")
    memory = seen.memory
    said = f"{memory.origin}: {memory.size} events, cosigned by {signer.verifier}"
    print(said, file=sys.stderr)
    if not asked.submit:
        return 0
    request = urllib.request.Request(  # noqa: S310 - the witness's owner names the address
        asked.submit, data=seen.note.encode(), headers={"Content-Type": "text/plain"}
    )
    try:
        with _in_time(), _OPENER.open(request, timeout=TIMEOUT_S):
            return 0
    except (OSError, HTTPException, Refused, ValueError) as wrong:
        print(f"remelt witness: signed, but not handed in: {wrong}", file=sys.stderr)
        return REFUSED


def _reader(where: str) -> Fetch:
    """Return what reads a file of the log, from a site or from a folder."""
    if not where.startswith(("http://", "https://")):
        return lambda name: _from_folder(Path(where) / name)
    return lambda name: _from_site(f"{where.rstrip('/')}/{name}")


def _from_folder(path: Path) -> bytes:
    try:
        return path.read_bytes()[:MOST_BYTES]
    except OSError as wrong:
        raise Refused(f"cannot read {path}: {wrong.strerror}") from wrong


def _from_site(address: str) -> bytes:
    try:
        with _OPENER.open(address, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read(MOST_BYTES)
            return content
    except (OSError, HTTPException, ValueError) as wrong:
        raise Refused(f"cannot read {address}: {wrong!r}") from wrong


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise `TimeoutError` when the other side takes longer than `TOTAL_S` over everything."""

    def ring(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"the log did not answer in {TOTAL_S} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, TOTAL_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _remembered(asked: argparse.Namespace) -> tuple[Memory, Signer]:
    """Return what the state file keeps; the first time, a fresh key and an empty memory."""
    if not asked.state.exists() or not asked.state.stat().st_size:
        return _first(asked)
    try:
        told = orjson.loads(asked.state.read_bytes())
        signer = read_signer(told.pop("key"))
        memory = Memory(**{**told, "root": base64.b64decode(told["root"], validate=True)})
    except (ValueError, KeyError, TypeError, BadNote) as wrong:
        raise BadSetting(f"{asked.state} is no witness's file: {wrong}") from wrong
    if asked.root and asked.root != memory.root_key:
        raise BadSetting(f"{asked.state} watches the log of another root key: {memory.root_key}")
    return memory, signer


def _first(asked: argparse.Namespace) -> tuple[Memory, Signer]:
    if not asked.name or not asked.root or not _FINGERPRINT.fullmatch(asked.root):
        raise BadSetting(
            f"{asked.state} is new: give --name, and --root with the 64 digits that the log's "
            "operator told you by another way"
        )
    try:
        return Memory(root_key=asked.root), new_signer(asked.name, kind=COSIGNATURE)
    except BadNote as wrong:
        raise BadSetting(str(wrong)) from wrong


def _remember(path: Path, memory: Memory, signer: Signer) -> None:
    """Keep the new memory before anything that was signed is given away."""
    told = {name: getattr(memory, name) for name in memory.__dataclass_fields__}
    told |= {"root": base64.b64encode(memory.root).decode(), "key": str(signer)}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep a second run off the state until this one has written it."""
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
