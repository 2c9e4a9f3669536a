"""`remelt verify`: check a passport without a network, by the verifier that shares nothing."""

import argparse
import sys
from pathlib import Path

from remelt.platform.kernel.settings import Settings
from remelt.traceability.proofs import verifier
from remelt.traceability.proofs.opening import check_openings


def add_verify(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify`."""
    command = commands.add_parser("verify", help="check a lot's passport without a network")
    command.add_argument("passport", help="passport.json, or a file of opened values")
    command.add_argument("--keys", required=True, help="keys.json of the installation")
    command.add_argument("--root", required=True, help="fingerprint of its root key")
    command.add_argument(
        "--least-edition", type=int, default=0, help="refuse a key list of an older edition"
    )
    command.set_defaults(run=run_verify)


def run_verify(asked: argparse.Namespace, _settings: Settings) -> int:
    """Say what the files prove; 1 when anything about them does not hold."""
    path = Path(asked.passport)
    if path.is_file() and b'"format":"remelt/openings@v1"' in path.read_bytes():
        return _openings(path, Path(asked.keys), root=asked.root, least=asked.least_edition)
    least = str(asked.least_edition)
    told = ["--keys", asked.keys, "--root", asked.root, "--least-edition", least]
    return verifier.main([asked.passport, *told])


def _openings(path: Path, keys: Path, *, root: str, least: int) -> int:
    try:
        found = check_openings(path.read_bytes(), keys=keys.read_bytes(), root=root, least=least)
    except (verifier.Bad, OSError, AttributeError, LookupError, TypeError, ValueError) as wrong:
        print(f"NOT VALID: {verifier.shown(wrong)}", file=sys.stderr)
        return 1
    for each in found:
        print(verifier.shown(f"event {each['event']} {each['path']}: {each['value']}"))
    print(f"valid: {len(found)} values are what their events sealed")
    return 0
