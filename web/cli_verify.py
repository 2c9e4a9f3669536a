"""`remelt verify`: check a passport without a network, by the verifier that shares nothing."""

import argparse

from remelt.platform.kernel.settings import Settings
from remelt.traceability import verifier


def add_verify(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify`."""
    command = commands.add_parser("verify", help="check a lot's passport without a network")
    command.add_argument("passport", help="passport.json")
    command.add_argument("--keys", required=True, help="keys.json of the installation")
    command.add_argument("--root", required=True, help="fingerprint of its root key")
    command.set_defaults(run=run_verify)


def run_verify(asked: argparse.Namespace, _settings: Settings) -> int:
    """Say what the files prove; 1 when anything about them does not hold."""
    return verifier.main([asked.passport, "--keys", asked.keys, "--root", asked.root])
