"""Files of other projects that browsers are sent: taken from npm tarballs, locked by sha384.

    python -m tools.vendor add NAME VERSION LICENCE "WHY" FILE...   FILE is a path in the tarball
    python -m tools.vendor verify     names every difference between the lock and the folder
    python -m tools.vendor licences   writes web/static/vendor/THIRD_PARTY.md from the lock

`axe-core` goes to tests/assets: the suite reads it, no visitor is sent it. The font of PDF papers
goes to web/fonts (tools/font.py makes and locks it). No address is kept.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "web" / "vendor.lock.toml"
SHIPPED = ROOT / "web" / "static" / "vendor"
TESTED = ROOT / "tests" / "assets" / "vendor"
PRINTED = ROOT / "web" / "fonts"
NOTICE = SHIPPED / "THIRD_PARTY.md"


def sha384(content: bytes) -> str:
    """The digest of `content` as browsers write it in `integrity`."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def packages() -> list[dict[str, Any]]:
    """The rows of the lock: name, version, licence, why, for, licence_file, files."""
    if not LOCK.exists():
        return []
    rows: list[dict[str, Any]] = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    return rows


def folder_of(package: dict[str, Any]) -> Path:
    """Where the files of `package` stand."""
    base = {"tests": TESTED, "papers": PRINTED}.get(package["for"], SHIPPED)
    return base / f"{package['name'].strip('@').replace('/', '-')}-{package['version']}"


def add(name: str, version: str, licence: str, why: str, files: list[str]) -> None:
    """Fetch one package with `npm pack`, check its own sha512, keep `files` and the licence."""
    package: dict[str, Any] = {
        "name": name,
        "version": version,
        "licence": licence,
        "why": why,
        "for": "tests" if name == "axe-core" else "pages",
    }
    folder = folder_of(package)
    with tempfile.TemporaryDirectory() as scratch, _tarball(name, version, scratch) as tar:
        texts = {m.name.split("/", 1)[1]: m for m in tar.getmembers() if m.isfile()}
        package["licence_file"] = min(n for n in texts if n.upper().startswith("LICEN"))
        package["files"] = []
        for inside in [*files, package["licence_file"]]:
            source = tar.extractfile(texts[inside])
            if source is None:
                raise SystemExit(f"{inside} is no file of {name} {version}")
            content = source.read()
            kept = _kept(inside)
            target = folder / kept
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            row = {"file": inside, "kept": kept, "sha384": sha384(content)}
            package["files"].append(row)
    rows = [row for row in packages() if row["name"] != name]
    lock([*rows, package])


def _kept(inside: str) -> str:
    for prefix in ("dist/", "css/"):
        inside = inside.removeprefix(prefix)
    return inside


def _tarball(name: str, version: str, scratch: str) -> tarfile.TarFile:
    """The package as published; refused when it is not what the registry says it is."""
    told = subprocess.run(
        ["npm", "pack", "--json", "--silent", f"{name}@{version}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    fact = json.loads(told)[0]
    path = Path(scratch) / str(fact["filename"]).replace("@", "").replace("/", "-")
    algorithm, _, wanted = fact["integrity"].partition("-")
    got = base64.b64encode(hashlib.new(algorithm, path.read_bytes()).digest()).decode()
    if got != wanted:
        raise SystemExit(f"{name} {version}: the tarball is not what the registry says")
    return tarfile.open(path)


def lock(rows: list[dict[str, Any]]) -> None:
    """Write the lock and the notice anew from `rows`."""
    lines = ["# Written by `python -m tools.vendor add`. What browsers are sent that is not ours."]
    for row in sorted(rows, key=lambda r: str(r["name"])):
        lines += ["", "[[package]]"]
        facts = ("name", "version", "licence", "licence_file", "for", "why")
        lines += [f"{key} = {json.dumps(row[key], ensure_ascii=False)}" for key in facts]
        for file in row["files"]:
            lines += ["[[package.files]]"]
            lines += [f"{key} = {json.dumps(file[key])}" for key in ("file", "kept", "sha384")]
    LOCK.write_text("\n".join(lines) + "\n", encoding="utf-8")
    NOTICE.write_text(notice(), encoding="utf-8")


def differences() -> list[str]:
    """What stands in the folders but not in the lock, or otherwise, or with other bytes."""
    wanted = {folder_of(p) / f["kept"]: f["sha384"] for p in packages() for f in p["files"]}
    there = {p for base in (SHIPPED, TESTED, PRINTED) for p in base.rglob("*") if p.is_file()} - {
        NOTICE
    }
    found = [f"not in the lock: {path.relative_to(ROOT)}" for path in sorted(there - set(wanted))]
    found += [f"missing: {path.relative_to(ROOT)}" for path in sorted(set(wanted) - there)]
    found += [
        f"changed: {path.relative_to(ROOT)}"
        for path in sorted(there & set(wanted))
        if sha384(path.read_bytes()) != wanted[path]
    ]
    if found:
        return found
    if not NOTICE.exists() or NOTICE.read_text(encoding="utf-8") != notice():
        found.append("THIRD_PARTY.md is not what the lock says: python -m tools.vendor licences")
    return found


def notice() -> str:
    """THIRD_PARTY.md: each package, why it is here, and its licence in full."""
    parts = [
        "# Third-party files\n\nRemelt sends these files to browsers or puts them into papers. Each"
        " keeps its own licence.\n"
    ]
    for package in packages():
        if package["for"] == "tests":
            continue
        text = (folder_of(package) / package["licence_file"]).read_text(encoding="utf-8").strip()
        text = "\n".join(line.rstrip() for line in text.splitlines())
        title = f"## {package['name']} {package['version']} ({package['licence']})"
        parts.append(f"{title}\n\n{package['why']}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    command, *rest = arguments or [""]
    if command == "add":
        name, version, licence, why, *files = rest
        add(name, version, licence, why, files)
    elif command == "licences":
        NOTICE.write_text(notice(), encoding="utf-8")
    elif command == "verify":
        found = differences()
        print("\n".join(found))
        return 1 if found else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
