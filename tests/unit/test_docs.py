"""The docs say what the product knows: commands, settings, error codes, events."""

import argparse
import ast
import importlib
import pkgutil
import re
from dataclasses import fields
from pathlib import Path

import pytest

from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.outbox import Event
from remelt.platform.kernel.settings import Settings
from remelt.web.cli import parser
from remelt.web.messages import MESSAGES, RULES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def _import_all() -> None:
    for room in ("platform", "routing", "traceability", "web"):
        for found in pkgutil.walk_packages([str(ROOT / room)], prefix=f"remelt.{room}."):
            importlib.import_module(found.name)
        for folder in (ROOT / room).glob("*/__init__.py"):
            package = f"remelt.{room}.{folder.parent.name}"
            for found in pkgutil.walk_packages([str(folder.parent)], prefix=f"{package}."):
                importlib.import_module(found.name)


def _below(kind: type) -> set[type]:
    direct = set(kind.__subclasses__())
    return direct.union(*(_below(each) for each in direct)) if direct else direct


@pytest.fixture(scope="module", autouse=True)
def _everything_imported() -> None:
    _import_all()


def _ours(kind: type) -> list[type]:
    return [each for each in _below(kind) if each.__module__.startswith("remelt.")]


def _listed(page: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", (DOCS / page).read_text(), flags=re.MULTILINE))


def test_every_error_code_has_a_sentence_and_a_line():
    codes = {each.code for each in _ours(Refusal)} | set(MESSAGES)
    assert codes == set(MESSAGES), "a refusal without a sentence in web/messages, or one too many"
    assert _listed("errors.md") == set(MESSAGES) | set(RULES)


def test_error_codes_are_unique():
    codes = [each.code for each in _ours(Refusal) if "code" in vars(each)]
    assert len(codes) == len(set(codes))


def test_every_event_has_a_line():
    assert _listed("events.md") == {each.name for each in _ours(Event)}


def test_every_setting_has_a_line():
    named = {f"REMELT_{field.name.upper()}" for field in fields(Settings)}
    assert _listed("settings.md") == named


def test_every_command_has_a_line():
    def known(one: argparse.ArgumentParser, path: str) -> set[str]:
        subs = [a for a in one._actions if isinstance(a, argparse._SubParsersAction)]
        if not subs:
            return {path}
        return set().union(*(known(p, f"{path} {n}") for n, p in subs[0].choices.items()))

    assert _listed("commands.md") == known(parser(), "remelt")


def test_links_between_pages_lead_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} -> {target}"


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_every_benchmark_is_explained(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = [
        [ast.literal_eval(key) for key in node.value.keys]
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "MEASURES"
    ]
    page = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    told = page.partition(f"## `python benchmarks/{path.name}`")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)` \|", told, re.MULTILINE) == (tables[0] if tables else [])
