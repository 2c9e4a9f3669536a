"""The installation's folder: made once, with keys that only its owner reads."""

import os
import secrets
from pathlib import Path

FOLDERS = ("files", "log", "keys", "run")


def prepare_home(home: Path) -> None:
    """Make `home` and its folders; twice is once."""
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "keys").chmod(0o700)


def session_key(home: Path) -> str:
    """Return the key that signs cookies, made on first use."""
    return secret(home, "session.key")


def secret(home: Path, name: str) -> str:
    """Return the secret kept in `keys/<name>`; made on first use, readable by the owner alone."""
    prepare_home(home)
    path = home / "keys" / name
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
