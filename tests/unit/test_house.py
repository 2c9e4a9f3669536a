"""The house stands as planned."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_platform_never_hides_the_standard_library():
    assert not (ROOT / "platform" / "__init__.py").exists()
    code = "import platform, uuid, flask; print(platform.python_version())"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, check=True)


def test_no_notice_of_a_provider_is_read_unverified():
    name = "construct_event_" + "without_verification"
    rooms = ("platform", "web", "tools", "routing", "traceability", "benchmarks")
    said = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(said) > 300
    assert not [str(path) for path in said if name in path.read_text()]


def test_import_linter_watches_every_room():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    watched = set(contracts["root_packages"])
    rooms = {f"remelt.{room}" for room in ("routing", "traceability", "web", "migrations")}
    rooms |= {f"remelt.platform.{p.parent.name}" for p in (ROOT / "platform").glob("*/__init__.py")}
    assert watched == rooms
