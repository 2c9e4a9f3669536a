"""The forms of running accounts."""

from typing import Annotated, Literal

from pydantic import Field

from remelt.web.fields import Day, LotCode, Text, Words, Yuan
from remelt.web.forms import Form


class PartnerForm(Form):
    """With whom an account is kept: the organisation's code."""

    partner: LotCode


class LimitForm(Form):
    """How much may be outstanding."""

    limit_yuan: Yuan


class AdvanceForm(Form):
    """Money paid in advance."""

    amount_yuan: Yuan
    paid_on: Day
    purpose: Literal["prepayment", "advance"] = "prepayment"
    method: Text = "bank"
    reference: Annotated[Text, Field(max_length=60)] = ""


class AnswerForm(Form):
    """Whether an advance was paid."""

    answer: Literal["paid", "not_paid"]


class MonthForm(Form):
    """Which month is stated."""

    month: Annotated[Words, Field(max_length=7)]


class VerdictForm(Form):
    """The answer to a statement."""

    verdict: Literal["confirmed", "disputed"]
    reason: Annotated[Text, Field(max_length=200)] = ""
