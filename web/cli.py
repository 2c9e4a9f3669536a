"""The `remelt` command."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version

from remelt.platform.kernel.errors import Busy, Refusal
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.web.cli_award import add_award
from remelt.web.cli_base import add_base
from remelt.web.cli_books import add_books
from remelt.web.cli_catalogue import add_catalogue
from remelt.web.cli_demo import add_demo
from remelt.web.cli_import import add_import
from remelt.web.cli_keys import add_keys
from remelt.web.cli_ledger import add_ledger
from remelt.web.cli_people import add_people
from remelt.web.cli_routes import add_routes
from remelt.web.cli_siting import add_siting
from remelt.web.cli_verify import add_verify
from remelt.web.cli_witness import add_witness
from remelt.web.cli_worker import add_worker
from remelt.web.messages import MESSAGES

ROOMS: tuple[Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None], ...] = (
    add_base,
    add_catalogue,
    add_demo,
    add_people,
    add_ledger,
    add_books,
    add_import,
    add_keys,
    add_witness,
    add_verify,
    add_award,
    add_routes,
    add_siting,
    add_worker,
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command; docs/commands.md lists what it knows."""
    made = argparse.ArgumentParser(
        prog="remelt", description="An open platform for recycled metal."
    )
    made.add_argument("--version", action="version", version=f"remelt {version('remelt')}")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in ROOMS:
        add(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a refusal is told in a sentence and exits with 2, a missing turn with 75."""
    asked = parser().parse_args(arguments)
    try:
        code = asked.run(asked, Settings.from_env())
    except BadSetting as refused:
        return _tell(str(refused), 2)
    except Refusal as refused:
        text = MESSAGES.get(refused.code, refused.code)
        return _tell(f"{refused.code}: {text % refused.facts if refused.facts else text}", 2)
    except Busy:
        return _tell(MESSAGES["busy"], 75)
    return int(code or 0)


def _tell(sentence: str, code: int) -> int:
    print(f"remelt: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
