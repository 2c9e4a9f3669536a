"""The forms of auction kinds: envelopes, halves of a key, turns of a line, counter-offers."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from remelt.platform.market.proposals.haggling import Named
from remelt.platform.market.sealing.halves import LONGEST
from remelt.web.fields import Count, Text, Yuan, YuanPerT, maybe
from remelt.web.forms import Form
from remelt.web.market_forms import Hours

MaybeYuan = Annotated[int | None, maybe(Yuan)]


class HalfForm(Form):
    """The second holder's half of a key."""

    half: Annotated[Text, Field(max_length=LONGEST)] = ""


class DepositForm(Form):
    """What the bidder wrote on the transfer of its deposit."""

    reference: Annotated[Text, Field(max_length=60)] = ""


class CauseForm(Form):
    """Why a winner is failed."""

    cause: Annotated[Text, Field(max_length=200)] = ""


class ClaimForm(Form):
    """The place in line whose deposit the seller claims."""

    place: Count


class ContestForm(Form):
    """How and when the bidder paid."""

    because: Annotated[Text, Field(max_length=200)] = ""


class RulingForm(Form):
    """What becomes of a deposit that is contested."""

    listing: Annotated[Text, Field(max_length=14)]
    bidder: Annotated[Text, Field(max_length=14)]
    forfeited: Annotated[Text, Field(pattern="^(yes|no)$")]


class HoldupForm(Form):
    """The end that is to be tried again."""

    kind: Annotated[Text, Field(max_length=10)]
    subject: Annotated[Text, Field(max_length=20)]


class ProposalForm(Form):
    """Another price than the one that stands, and for how many hours it binds."""

    price_yuan_per_t: YuanPerT
    stands_hours: Hours
    deliver_to_site: Annotated[Text, Field(max_length=14)] = ""

    def named(self, *, now: datetime, closes_at: datetime) -> Named:
        """Return the price with its end, which is never past that of the listing."""
        wanted = now + timedelta(hours=self.stands_hours)
        return Named(price_fen_per_t=self.price_yuan_per_t, expires_at=min(wanted, closes_at))


class LimitForm(Form):
    """What an organisation may stand in for; empty lifts the limit."""

    organisation: Annotated[Text, Field(max_length=14)]
    limit_yuan: MaybeYuan = None
    reason: Annotated[Text, Field(max_length=200)] = ""


class DepositHeldForm(Form):
    """The deposit whose money has arrived."""

    deposit: Count
