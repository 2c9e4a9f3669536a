"""Rising offers with limits: the house answers for the leader up to what it allowed.

An offer names a price and, if the bidder wishes, a limit. It is taken when its limit reaches the
least that leads; then it stands at its own price or, where that came too late, at the least.
Where the leader's limit is in the way, the house answers at once:

- the limit of the new offer is a step or more above the leader's: the new offer leads, a step
  above that limit or at its own price, whichever is more;
- it is a step or more below: it is taken at its limit, and the leader leads a step above it;
- it is between: the leader's price rises to its limit, and the new offer is too low.

The step is that of the price which is passed. An offer that could lead is refused all the same
where it is no whole multiple of the tick, or so far above the least that a finger slipped.

So of equal limits the earlier one leads, every change of the leader is a rise by at least a step,
and nobody pays more than a step above what the others would have paid. The limit of a leader is
raised to a reserve that it reaches: what would be sold is not lost over a hidden figure. One that
does not reach it stays the bidder's secret: at no price that it allows would the lot be sold.
"""

from dataclasses import replace
from datetime import datetime

from remelt.platform.market.bids.ends import effective_end
from remelt.platform.market.bids.standing import Decision, Line, Price, Standing, Terms, refused
from remelt.platform.market.errors import BidOffTick, BidTooLow, RiseTooGreat


def decide(
    terms: Terms, standing: Standing, *, bidder_id: int, price: Price, now: datetime
) -> Decision:
    """Answer an offer that nothing but its price can bar."""
    least = least_offer(terms, standing)
    unfit = _unfit(terms, price, least=least)
    if unfit:
        fits = -(-least // terms.tick_fen_per_t) * terms.tick_fen_per_t
        return refused(standing, bidder_id=bidder_id, price=price, reason=unfit, least=fits)
    if bidder_id == standing.leader_id:
        return _again(terms, standing, price=price, least=least, now=now)
    rival = standing.limit_fen_per_t
    needed = max(least, rival + terms.step_at(rival) if rival else 0)
    if price.limit_fen_per_t >= needed:
        raised = _lifted(max(price.fen_per_t, needed), price=price, terms=terms)
        return _leads(terms, standing, bidder_id=bidder_id, raised=raised, price=price, now=now)
    if price.limit_fen_per_t < least:
        return _too_low(standing, bidder_id=bidder_id, price=price, least=least)
    return _answered(terms, standing, bidder_id=bidder_id, price=price, now=now)


def least_offer(terms: Terms, standing: Standing) -> int:
    """Return the least price that leads next: the start, then a step above the leading price."""
    if not standing.leader_id:
        return terms.start_fen_per_t
    return standing.leading_fen_per_t + terms.step_at(standing.leading_fen_per_t)


def _unfit(terms: Terms, price: Price, *, least: int) -> str:
    """Return why an offer that is high enough is no offer here; empty for nothing."""
    tick, most = terms.tick_fen_per_t, terms.most_rise_fen_per_t
    if price.limit_fen_per_t < least:
        return ""
    if price.fen_per_t % tick or price.limit_fen_per_t % tick:
        return BidOffTick.code
    return RiseTooGreat.code if most and price.fen_per_t > least + most else ""


def _again(
    terms: Terms, standing: Standing, *, price: Price, least: int, now: datetime
) -> Decision:
    """Answer the leader: it raises its price, or only its limit, which nobody else sees."""
    leader = standing.leader_id
    limit = max(standing.limit_fen_per_t, price.limit_fen_per_t)
    if price.fen_per_t < least and not (
        price.limit_fen_per_t > max(price.fen_per_t, standing.limit_fen_per_t)
    ):
        return _too_low(standing, bidder_id=leader, price=price, least=least)
    allowed = Price(price.fen_per_t, limit)
    wanted = price.fen_per_t if price.fen_per_t >= least else standing.leading_fen_per_t
    raised = _lifted(wanted, price=allowed, terms=terms)
    if raised > standing.leading_fen_per_t:
        return _leads(terms, standing, bidder_id=leader, raised=raised, price=allowed, now=now)
    line = Line(bidder_id=leader, price_fen_per_t=raised, closes_at=standing.closes_at)
    return Decision((line,), replace(standing, limit_fen_per_t=limit))


def _answered(
    terms: Terms, standing: Standing, *, bidder_id: int, price: Price, now: datetime
) -> Decision:
    """Let the house answer for the leader an offer that does not get past its limit."""
    limit, leader = standing.limit_fen_per_t, standing.leader_id
    allowed, step = Price(limit, limit), terms.step_at(price.limit_fen_per_t)
    if price.limit_fen_per_t + step <= limit:
        taken = _leads(
            terms, standing, bidder_id=bidder_id, raised=price.limit_fen_per_t, price=price, now=now
        )
        answer = _leads(
            terms, taken.standing, bidder_id=leader, raised=price.limit_fen_per_t + step,
            price=allowed, now=now, automatic=True,
        )  # fmt: skip
        return Decision(taken.lines + answer.lines, answer.standing)
    first = _leads(
        terms, standing, bidder_id=leader, raised=limit, price=allowed, now=now, automatic=True
    )
    least = limit + terms.step_at(limit)
    low = _too_low(first.standing, bidder_id=bidder_id, price=price, least=least)
    return Decision(first.lines + low.lines, low.standing)


def _leads(
    terms: Terms,
    standing: Standing,
    *,
    bidder_id: int,
    raised: int,
    price: Price,
    now: datetime,
    automatic: bool = False,
) -> Decision:
    """Record an accepted price that leads from now on; it may move the end."""
    end = effective_end(
        standing.closes_at,
        hard_close_at=terms.hard_close_at,
        extension=terms.extension,
        accepted_at=now,
    )
    line = Line(bidder_id=bidder_id, price_fen_per_t=raised, automatic=automatic, closes_at=end)
    leads = replace(
        standing,
        closes_at=end,
        count=standing.count + 1,
        leader_id=bidder_id,
        leading_fen_per_t=raised,
        limit_fen_per_t=max(price.limit_fen_per_t, raised),
    )
    return Decision((line,), leads)


def _lifted(raised: int, *, price: Price, terms: Terms) -> int:
    """Raise a leading price to the reserve, where its limit reaches it."""
    reached = terms.reserve_fen_per_t <= price.limit_fen_per_t
    return max(raised, terms.reserve_fen_per_t) if reached else raised


def _too_low(standing: Standing, *, bidder_id: int, price: Price, least: int) -> Decision:
    return refused(standing, bidder_id=bidder_id, price=price, reason=BidTooLow.code, least=least)
