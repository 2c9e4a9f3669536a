"""Files of tables that people and programs send, and what is said of their cells."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from flask import request
from pydantic import Field

from remelt.platform.kernel.sheets.errors import FileUnreadable
from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.web.errors import say
from remelt.web.inputs import ApiIn

SHOWN: Final = 200
"""How many lines of a file, and how many cells to mend, a page shows."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent, and what its sender calls it."""

    content: bytes
    name: str


def sent_table() -> Sent:
    """Return the file of a form. Raises `FileUnreadable` where none, or an empty one, came."""
    file = request.files.get("file")
    sent = Sent(file.read(), (file.filename or "")[:200]) if file else Sent(b"", "")
    if not sent.content:
        raise FileUnreadable(field="file", file=sent.name, why="empty")
    return sent


class TableIn(ApiIn):
    """A file of a table, CSV or XLSX, in base64; 8 MiB at most."""

    filename: Annotated[str, Field(min_length=1, max_length=200)]
    content_base64: Annotated[str, Field(min_length=1, max_length=12 * 1024 * 1024)]

    def sent(self) -> Sent:
        """Return the file. Raises `FileUnreadable`."""
        content = decoded(self.content_base64, field="content_base64", name=self.filename)
        return Sent(content, self.filename)


def decoded(text: str, *, field: str, name: str) -> bytes:
    """Return a file that a program sent in base64. Raises `FileUnreadable`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise FileUnreadable(field=field, file=name[:80], why="base64") from None


def in_words(problems: Sequence[CellProblem]) -> list[tuple[CellProblem, str]]:
    """Return the first cells to mend, each with its sentence."""
    return [(each, say(each.refusal)) for each in problems[:SHOWN]]
