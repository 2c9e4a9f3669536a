"""Money that one person records and, above a threshold, a second one confirms or declines."""

from datetime import datetime

from sqlalchemy import CheckConstraint


def one_answer() -> CheckConstraint:
    """Say in the database that a row is confirmed or declined, never both."""
    return CheckConstraint("confirmed_at IS NULL OR declined_at IS NULL", name="one_answer")


def two_hands() -> list[CheckConstraint]:
    """Say in the database that where a second person is needed, it is another and confirms."""
    return [
        one_answer(),
        CheckConstraint(
            "second_person_id IS NULL OR (second_person_id <> person_id AND needs_second)",
            name="two_hands",
        ),
        CheckConstraint(
            "NOT needs_second OR confirmed_at IS NULL OR second_person_id IS NOT NULL",
            name="second_person_confirms",
        ),
    ]


def answered(*, confirmed_at: datetime | None, declined_at: datetime | None) -> str:
    """Return where such a row stands: confirmed, declined, or waiting for a second person."""
    if confirmed_at is not None:
        return "confirmed"
    return "waiting" if declined_at is None else "declined"
