"""What is wrong with a line of a file of distances."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A line, as a spreadsheet counts it, and the rule that it breaks."""

    row: int
    reason: str
