"""What is shipped is what is in the tree, and no committed file names a package host."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import yaml

from remelt.web.cli import parser

ROOT = Path(__file__).parents[2]
ROOMS = ("platform", "routing", "traceability", "web", "migrations")


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name]


def test_the_wheel_holds_every_module_and_no_other(tmp_path: Path):
    tree = tmp_path / "tree"
    for name in _tracked():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path, tree],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    shipped = {n for n in zipfile.ZipFile(wheel).namelist() if n.startswith("remelt/")}
    modules = {f"remelt/{n}" for n in _tracked() if n.split("/")[0] in ROOMS and n.endswith(".py")}
    assert {n for n in shipped if n.endswith(".py")} == modules
    assert "remelt/platform/catalogue/data/grades.csv" in shipped
    assert "remelt/web/templates/error.html" in shipped


def test_no_committed_file_names_a_package_host_or_a_folder_of_a_machine():
    bad = re.compile(
        r"https?://[^\s\"']*(/simple/|/packages/[0-9a-f]{2}/|registry\.)|/(?:home/\w+|root)/"
    )
    for name in _tracked():
        path = ROOT / name
        if path.is_file() and path.suffix in {
            ".txt",
            ".toml",
            ".md",
            ".py",
            ".sh",
            ".yml",
            ".json",
            ".cfg",
            ".in",
        }:
            found = bad.search(path.read_text())
            assert found is None, f"{name}: {found}"


def test_requirements_are_pinned_with_hashes_and_name_no_index():
    for name in ("requirements.txt", "requirements-celery.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        pins = re.findall(r"^\S+==\S+", text, flags=re.MULTILINE)
        assert len(pins) > 50
        assert text.count("--hash=sha256:") >= len(pins)


def test_the_grown_form_starts_with_commands_and_settings_that_exist():
    told = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text())
    settings = (ROOT / "docs" / "settings.md").read_text()
    ours = {name: each for name, each in told["services"].items() if each.get("build")}
    assert {"app", "worker"} == ours.keys()
    for each in ours.values():
        asked = parser().parse_args(each["command"].split())
        assert callable(asked.run)
        assert (ROOT / each["build"]["args"]["LIST"]).is_file()
        assert all(f"`{name}`" in settings for name in each["environment"])
    broker = ours["worker"]["environment"]["REMELT_BROKER_URL"]
    assert broker == ours["app"]["environment"]["REMELT_BROKER_URL"]
    assert broker.rpartition("@")[2].split(":")[0] in told["services"]
