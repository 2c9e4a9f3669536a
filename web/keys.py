"""The keys of an installation as files: made once, rotated under the root key, never lost halfway.

`keys/root.key` signs the key list and nothing else: it belongs on a stick in a safe, not here.
`keys/log.key` signs checkpoints, `keys/passport.key` passports; `log/keys.json` is public.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.traceability.log.notes import BadNote, Signer, load_key, write_key
from remelt.traceability.proofs.keylist import (
    LOG,
    PASSPORT,
    KeyList,
    first_list,
    read_list,
    rotated,
    sign_list,
)
from remelt.web.home import prepare_home

ROOT = "root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What this installation signs with, and the list that says so."""

    log: Signer
    passport: Signer
    keys: KeyList
    file: bytes

    @property
    def root(self) -> str:
        """The public root key, in its written form."""
        return str(orjson.loads(self.file)["root"])


def keyring(settings: Settings) -> Keyring:
    """Return the keys in force; made on first use, named after the tag address.

    A rotation that was cut off is brought to its end. Raises `BadSetting` when a key is not the
    one of the list.
    """
    public = keys_file(settings.home)
    if not public.exists():
        _make(settings)
    file = public.read_bytes()
    try:
        keys = read_list(file)
    except BadNote as wrong:
        raise BadSetting(f"{public}: {wrong}") from wrong
    signers = {use: _signer(settings.home, keys, use) for use in (LOG, PASSPORT)}
    return Keyring(log=signers[LOG], passport=signers[PASSPORT], keys=keys, file=file)


def keys_file(home: Path) -> Path:
    """Return where the public key list lies."""
    return home / "log" / "keys.json"


def rotate(
    settings: Settings,
    *,
    use: str,
    at: datetime,
    root_key: Path | None = None,
    revoke: bool = False,
) -> KeyList:
    """Let a fresh key sign for `use` (`log` or `passport`) from now on, and return the new list.

    revoke: the old key was stolen; nothing it ever signed holds any more. The order of writing
    leaves a whole state at every moment. Raises `BadSetting` without the root key.
    """
    held = keyring(settings)
    root = _root(settings.home, root_key)
    with _alone(settings.home):
        old = held.log if use == LOG else held.passport
        draft = _path(settings.home, f"{use}.key.next")
        draft.unlink(missing_ok=True)
        fresh = write_key(draft, name=old.name)
        keys = rotated(held.keys, use=use, fresh=fresh.verifier, at=written(at), revoke=revoke)
        replace_file(keys_file(settings.home), sign_list(keys, root=root))
        draft.replace(_path(settings.home, f"{use}.key"))
    return keys


def change_list(settings: Settings, *, keys: KeyList, root_key: Path | None = None) -> None:
    """Sign `keys` with the root key and publish it. Raises `BadSetting` without the root key."""
    root = _root(settings.home, root_key)
    with _alone(settings.home):
        replace_file(keys_file(settings.home), sign_list(keys, root=root))


def written(moment: datetime) -> str:
    """Return a moment as key lists and proofs write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def replace_file(path: Path, content: bytes) -> None:
    """Write a public file whole or not at all, whatever stops us."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o644)
    draft.replace(path)


def _make(settings: Settings) -> None:
    prepare_home(settings.home)
    with _alone(settings.home):
        if keys_file(settings.home).exists():
            return
        origin = urlsplit(settings.base_url).netloc
        root, log, passport = (
            write_key(_path(settings.home, f"{use}.key"), name=f"{origin}/{use}")
            for use in (ROOT, LOG, PASSPORT)
        )
        keys = first_list(origin, log=log.verifier, passport=passport.verifier)
        replace_file(keys_file(settings.home), sign_list(keys, root=root))


def _signer(home: Path, keys: KeyList, use: str) -> Signer:
    listed, path = keys.current(use), _path(home, f"{use}.key")
    draft = path.with_name(f"{path.name}.next")
    for each in (path, draft):
        if each.exists() and listed and str(load_key(each).verifier) == str(listed.verifier):
            signer = load_key(each)
            each.replace(path)
            return signer
    raise BadSetting(f"{path} is not the key that {keys_file(home)} lists: restore it, or rotate")


def _root(home: Path, given: Path | None) -> Signer:
    path = given or _path(home, f"{ROOT}.key")
    try:
        return load_key(path)
    except (OSError, BadNote) as wrong:
        raise BadSetting(f"no root key at {path}: give its file with --root-key") from wrong


def _path(home: Path, name: str) -> Path:
    return home / "keys" / name


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep every other process from changing the keys meanwhile."""
    mine = os.open(home / "keys" / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(mine, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
