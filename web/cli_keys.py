"""Commands of the keys and the public log: `keys list|rotate|witness`, `log publish|import`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.traceability.log.notes import BadNote, read_verifier
from remelt.traceability.proofs.cosigning import accept
from remelt.traceability.proofs.keylist import (
    LOG,
    PASSPORT,
    fingerprint,
    with_witness,
    without_witness,
)
from remelt.web.cli_base import as_installed
from remelt.web.keys import change_list, keyring, rotate, written
from remelt.web.publishing import publish
from remelt.web.wiring import new_store

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse gives it no public name
REFUSED = 2


def add_keys(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add `keys` and `log`."""
    keys = commands.add_parser("keys", help="the keys that speak for this installation")
    under = keys.add_subparsers(dest="keys", required=True, metavar="WHAT")
    listed = under.add_parser("list", help="list them, with the root key's fingerprint")
    listed.set_defaults(run=run_list)
    turned = under.add_parser("rotate", help="let a fresh key sign from now on")
    turned.add_argument("use", choices=[LOG, PASSPORT])
    turned.add_argument(
        "--revoke", action="store_true", help="the old key was stolen: nothing it signed holds"
    )
    turned.set_defaults(run=run_rotate)
    seen = under.add_parser("witness", help="list a witness, whose cosignatures are then taken")
    which = seen.add_mutually_exclusive_group(required=True)
    which.add_argument("key", nargs="?", help="the public key that `remelt witness` prints")
    which.add_argument("--remove", metavar="NAME", help="take a witness's signatures no more")
    seen.set_defaults(run=run_witness_key)
    for each in (turned, seen):
        each.add_argument("--root-key", type=Path, help="where the root key lies; else in keys/")
    _add_log(commands)


def run_list(_asked: argparse.Namespace, settings: Settings) -> int:
    """Print every key with its use and time, and what a verifier needs to trust them."""
    held = keyring(as_installed(settings))
    print(f"root key {fingerprint(read_verifier(held.root))}")
    print(f"edition {held.keys.edition} of {held.keys.origin}")
    for line in held.keys.lines:
        print(line)
    return 0


def run_rotate(asked: argparse.Namespace, settings: Settings) -> int:
    """Make a fresh key, list it under the root key, let it sign from now on."""
    chosen = as_installed(settings)
    keys = rotate(
        chosen,
        use=asked.use,
        at=datetime.now(UTC),
        root_key=asked.root_key,
        revoke=asked.revoke,
    )
    print(f"edition {keys.edition}: {keys.current(asked.use)}")
    return 0


def run_witness_key(asked: argparse.Namespace, settings: Settings) -> int:
    """Add a witness to the key list, or end one."""
    chosen, at = as_installed(settings), written(datetime.now(UTC))
    held = keyring(chosen)
    try:
        if asked.remove:
            keys, said = without_witness(held.keys, name=asked.remove, at=at), "no longer"
        else:
            witness = read_verifier(asked.key)
            keys, said = with_witness(held.keys, witness=witness, at=at), "now"
    except BadNote as wrong:
        raise BadSetting(f"{(asked.remove or asked.key)[:80]!r}: {wrong}") from wrong
    change_list(chosen, keys=keys, root_key=asked.root_key)
    name = asked.remove or witness.name
    print(f"edition {keys.edition}: {name} is {said} a witness of this log")
    return 0


def _add_log(commands: "Commands[argparse.ArgumentParser]") -> None:
    public = commands.add_parser("log", help="the public log as files")
    under = public.add_subparsers(dest="log", required=True, metavar="WHAT")
    out = under.add_parser("publish", help="bring the files in the home's log folder up to date")
    out.set_defaults(run=run_publish)
    taken = under.add_parser("import", help="take in a checkpoint that a witness signed")
    taken.add_argument("file", type=Path)
    taken.set_defaults(run=run_import)


def run_publish(_asked: argparse.Namespace, settings: Settings) -> int:
    """Write what is new of the log; a database that went back is never published."""
    chosen = as_installed(settings)
    store = new_store(chosen.url, clock=SystemClock())
    try:
        with store.read() as session:
            size = publish(session, settings=chosen)
    finally:
        store.close()
    print(f"{size} events in {chosen.home / 'log'}")
    return 0


def run_import(asked: argparse.Namespace, settings: Settings) -> int:
    """Keep the cosignatures of a file."""
    chosen = as_installed(settings)
    held, clock = keyring(chosen), SystemClock()
    store = new_store(chosen.url, clock=clock)
    try:
        with store.write() as session:
            kept = accept(
                session,
                clock=clock,
                note=asked.file.read_text("utf-8"),
                origin=held.log.name,
                witnesses=held.keys.witnesses,
            )
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadSetting(f"{asked.file}: {wrong}") from wrong
    finally:
        store.close()
    print(f"{kept} cosignatures kept")
    return 0
