"""The forms of reverse invoicing."""

from typing import Annotated, Literal

from pydantic import Field

from remelt.web.fields import Day, Text, Words, Yuan
from remelt.web.forms import Form


class MethodForm(Form):
    """How the organisation pays VAT."""

    method: Literal["general", "simple"]


class ConsentForm(Form):
    """A seller's consent: its day, and under which card and address the person is met."""

    given_on: Day
    bank_card: Annotated[Text, Field(max_length=30)] = ""
    home_address: Annotated[Text, Field(max_length=120)] = ""


class ElsewhereForm(Form):
    """What was invoiced elsewhere for a seller in a month, excluding VAT."""

    month: Annotated[Words, Field(max_length=7)]
    net_yuan: Yuan


class NumberForm(Form):
    """The number of an invoice."""

    number: Annotated[Words, Field(max_length=30)]


class ExportForm(Form):
    """Which month or year goes into a file, and of which shape."""

    period: Annotated[Words, Field(max_length=7)]
    shape: Literal["csv", "xlsx"] = "csv"
