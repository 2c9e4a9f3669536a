"""Write `migrations/versions/0001_initial.py` anew, until the first release freezes it.

Run as `python -m tools.initial_migration`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from remelt.migrations.upgrade import config

TARGET = Path("migrations/versions/0001_initial.py")


def main() -> None:
    """Autogenerate against an empty database and format what comes out, when it differs."""
    before = TARGET.read_text() if TARGET.exists() else ""
    TARGET.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        settings = config()
        settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        with engine.connect() as connection:
            settings.attributes["connection"] = connection
            command.revision(settings, message="initial", autogenerate=True, rev_id="0001")
    subprocess.run(
        [sys.executable, "-m", "ruff", "check", "-q", "--fix", "--select", "F401,I", TARGET],
        check=False,
    )
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", TARGET], check=True)
    print("unchanged" if TARGET.read_text() == before else f"wrote {TARGET}")


if __name__ == "__main__":
    main()
