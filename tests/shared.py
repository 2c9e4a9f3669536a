"""Material that may not be committed: read where REMELT_SHARED names it, else skipped and said."""

import os
from pathlib import Path

import pytest


def shared(folder: str) -> Path | None:
    """Return a folder of the shared material, None where REMELT_SHARED does not name one."""
    root = os.environ.get("REMELT_SHARED")
    found = Path(root) / folder if root else None
    return found if found is not None and found.is_dir() else None


def needs(folder: str) -> pytest.MarkDecorator:
    """Mark a test that reads `folder` of the shared material."""
    return pytest.mark.skipif(
        shared(folder) is None, reason=f"REMELT_SHARED names no folder with {folder}"
    )
