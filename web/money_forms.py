"""The forms of the cashier."""

from typing import Annotated, Literal

from pydantic import Field

from remelt.web.fields import Count, LotCode, Text, Tick, Yuan, maybe
from remelt.web.forms import Form

MaybeCount = Annotated[int | None, maybe(Count)]


class BankAccountForm(Form):
    """A bank account whose statements are to be taken in."""

    bank: Annotated[Text, Field(min_length=1, max_length=60)]
    number: Annotated[Text, Field(min_length=1, max_length=50)]


class StatementForm(Form):
    """A bank's file; the file itself comes beside it."""


class ColumnForm(Form):
    """One column of a bank's file: its heading, and what it is; nothing where it is not used."""

    heading: Annotated[Text, Field(max_length=60)] = ""
    meaning: Annotated[Text, Field(max_length=20)] = ""


class ColumnsForm(Form):
    """What the columns of a bank's file are, and the file that is looked at."""

    file: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[Text, Field(max_length=200)] = ""
    columns: list[ColumnForm] = Field(default=[], max_length=60)


class CheckedStatementForm(Form):
    """A file that was checked and is taken in now."""

    file: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[Text, Field(max_length=200)] = ""


class LetGoForm(Form):
    """What is let go: of a contract, or one deposit; an umpire's laboratory is named."""

    purpose: Literal["price", "back", "released", "forfeited", "umpire"]
    subject: LotCode
    deposit: MaybeCount = None
    payee: Annotated[Text, Field(max_length=60)] = ""


class WishForm(Form):
    """So much of a line for one thing that is due, named `kind:code`."""

    due: Annotated[Text, Field(max_length=40)]
    amount_yuan: Yuan


class MatchForm(Form):
    """What a line was for."""

    matches: list[WishForm] = Field(default_factory=list, max_length=20)
    why: Annotated[Text, Field(max_length=20)] = "by-hand"
    write_off: Tick = False
