"""Two plans of a site side by side: what they cost, and what moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.logistics.models import TransportOrder
from remelt.platform.logistics.queries import PlanView, RoundView, plan_view, views_of
from remelt.platform.logistics.sums import Sums, sums_of
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True)
class Call:
    """Which truck serves an order, where, and when."""

    order: TransportOrder
    site: Site
    plate: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """An order that another truck serves, or the same one at another time; None: nobody does."""

    was: Call | None
    now: Call | None

    @property
    def call(self) -> Call:
        """One of the two calls: the order and its site are the same in both."""
        found = self.was or self.now
        if found is None:
            raise LookupError("a difference of nothing")
        return found

    @property
    def moved(self) -> bool:
        """Another truck serves it, or none."""
        return (self.was.plate if self.was else "") != (self.now.plate if self.now else "")

    @property
    def later_min(self) -> int | None:
        """How many minutes later it is served; below 0: sooner; None where one leaves it out."""
        if self.was is None or self.now is None:
            return None
        return round((self.now.at - self.was.at).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Beside:
    """Two plans side by side: their sums, how many orders each serves, and what differs."""

    one: PlanView
    other: PlanView
    was: Sums
    now: Sums
    was_orders: int
    now_orders: int
    differences: tuple[Difference, ...]


def beside(session: Session, *, code: str, other: str, organisation_id: int) -> Beside:
    """Return two plans of the organisation side by side. Raises `NoSuchPlan`.

    Each as it stands after changes in the day; one that was taken back whole as it was planned.
    """
    own = {"organisation_id": organisation_id}
    one, two = (plan_view(session, code=each, **own) for each in (code, other))
    cards = [plan.going or list(plan.rounds) for plan in (one, two)]
    views = [views_of(session, each) for each in cards]
    was, now = (_calls(each) for each in views)
    told = [Difference(was.get(key), now.get(key)) for key in dict.fromkeys((*was, *now))]
    return Beside(
        one=one,
        other=two,
        was=sums_of(card.round for card in cards[0]),
        now=sums_of(card.round for card in cards[1]),
        was_orders=len(was),
        now_orders=len(now),
        differences=tuple(each for each in told if each.moved or each.later_min),
    )


def _calls(views: Sequence[RoundView]) -> dict[int, Call]:
    """Return the call of each order at the site away from the dispatcher."""
    return {
        line.order.key: Call(line.order, line.site, view.card.vehicle.plate, line.stop.begin_at)
        for view in views
        for line in view.stops
        if line.stop.action == ("load" if line.order.kind == "pickup" else "unload")
    }
