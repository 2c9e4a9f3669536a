"""`make test`: see that every part is there, then run the whole suite.

The rounds' searches are compiled first, so that no test's clock pays for a compiler.

Installs Debian's Chromium, CJK fonts, PostgreSQL and Redis when run as root and they are missing.
A part that stays missing ends the run with a sentence, unless SKIP names it: `SKIP=browser`,
`SKIP=postgresql`, `SKIP=redis`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PARTS = {
    "browser": ("chromium", "fontconfig", "fonts-noto-cjk"),
    "postgresql": ("postgresql",),
    "redis": ("redis-server",),
}


def has_browser() -> bool:
    """Tell whether Chromium and a CJK font are there."""
    if shutil.which("chromium") is None or shutil.which("fc-list") is None:
        return False
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


def has_postgresql() -> bool:
    """Tell whether the server's binaries are there."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or bool(shutil.which("postgres"))


def has_redis() -> bool:
    """Tell whether the server's binary is there."""
    return shutil.which("redis-server") is not None


FOUND = {"browser": has_browser, "postgresql": has_postgresql, "redis": has_redis}


def main() -> int:
    """Prepare, run, and return pytest's exit code."""
    skipped = set(os.environ.get("SKIP", "").replace(",", " ").split())
    unknown = skipped - PARTS.keys()
    if unknown:
        print(
            f"SKIP names {', '.join(sorted(unknown))}; it knows {', '.join(PARTS)}", file=sys.stderr
        )
        return 2
    missing = [part for part in PARTS if part not in skipped and not FOUND[part]()]
    if missing:
        install([package for part in missing for package in PARTS[part]])
    lacking = [part for part in missing if not FOUND[part]()]
    if lacking:
        packages = " ".join(package for part in lacking for package in PARTS[part])
        print(
            f"missing: {', '.join(lacking)}. Install {packages}, or say SKIP={lacking[0]}.",
            file=sys.stderr,
        )
        return 2
    marks = " and ".join(f"not {part}" for part in sorted(skipped))
    chosen = ["-m", marks] if marks else []
    workers = str(min(os.cpu_count() or 1, 4))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        workers,
        "--dist",
        "loadgroup",
        *chosen,
        *sys.argv[1:],
    ]
    # the tests start the product some hundred times: nobody should have it compiled each time
    keeping = {name: told for name, told in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-m", "remelt.routing.warming"], check=True, env=keeping)
    return subprocess.run(command, check=False, env=keeping).returncode


def install(packages: list[str]) -> None:
    """Ask apt for `packages`; without root this does nothing, and the caller says what lacks."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-qq", *step], env=quiet, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main())
