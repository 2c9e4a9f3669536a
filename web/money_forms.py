"""The forms of the cashier."""

from typing import Annotated

from pydantic import Field

from remelt.web.fields import Text, Tick, Yuan
from remelt.web.forms import Form


class BankAccountForm(Form):
    """A bank account whose statements are to be taken in."""

    bank: Annotated[Text, Field(min_length=1, max_length=60)]
    number: Annotated[Text, Field(min_length=1, max_length=50)]


class StatementForm(Form):
    """A bank's file; the file itself comes beside it."""


class CheckedStatementForm(Form):
    """A file that was checked and is taken in now."""

    file: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[Text, Field(max_length=200)] = ""


class WishForm(Form):
    """So much of a line for one thing that is due, named `kind:code`."""

    due: Annotated[Text, Field(max_length=40)]
    amount_yuan: Yuan


class MatchForm(Form):
    """What a line was for."""

    matches: list[WishForm] = Field(default_factory=list, max_length=20)
    why: Annotated[Text, Field(max_length=20)] = "by-hand"
    write_off: Tick = False
