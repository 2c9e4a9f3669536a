"""Mass balance by ISO 22095-2: rolling average and credits, from what heats took in. Pure.

One account is one owner's metal of one product group at one site. Inputs are grams of recovered
metal of heats run under the scheme; nothing is kept twice: a balance is counted anew each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remelt.traceability.rules.allot import Vector, allot, less, more, take, tidy
from remelt.traceability.rules.custody import PHYSICAL
from remelt.traceability.rules.dealing import Charge
from remelt.traceability.rules.pots import origins_of
from remelt.traceability.rules.shares import RECYCLED
from remelt.traceability.rules.states import State

ROLLING, CREDITS = "rolling_average", "credits"
METHODS = (ROLLING, CREDITS)
PERIODS = (1, 3, 6, 12)
MOST_MONTHS = 12
MOST_EXPIRY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The parameters of one edition of a scheme.

    from_month: `YYYY-MM`, the first it holds for. period_months: length of a claim period.
    window_months: N of the rolling average, at most 12. factor: grams of claim per gram of
    recycled input, as a ratio. expiry_months: how many months after that of their input credits
    can still be claimed.
    """

    method: str
    from_month: str
    period_months: int = 1
    window_months: int = 12
    factor: tuple[int, int] = (1, 1)
    expiry_months: int = 12

    def period_of(self, month: str) -> str:
        """Return the first month of the period that `month` lies in; periods start in January."""
        return shifted(month, -((_number(month)) % self.period_months))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the heats of one month took in of one owner's metal, and what they cast, in g."""

    recycled_g: int = 0
    other_g: int = 0
    cast_g: int = 0

    def __add__(self, other: "Intake") -> "Intake":
        return Intake(
            recycled_g=self.recycled_g + other.recycled_g,
            other_g=self.other_g + other.other_g,
            cast_g=self.cast_g + other.cast_g,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBalance:
    """One period of one account, in g of claims.

    opened + came - taken - expired = left. came: of credits the recycled input times the factor,
    of a rolling average the share times what was cast. share: recycled input over all input of
    the window. A left below zero is overdrawn: inputs were corrected after they were claimed.
    """

    period: str
    last_month: str
    method: str
    opened_g: int
    came_g: int
    taken_g: int
    expired_g: int
    intake: Intake
    share: tuple[int, int] = (0, 0)

    @property
    def left_g(self) -> int:
        """Grams that may still be claimed; below zero when overdrawn."""
        return self.opened_g + self.came_g - self.taken_g - self.expired_g


@dataclass(slots=True)
class _Purse:
    """Credits by the month of their input, oldest first, and what was claimed beyond them."""

    expiry_months: int
    buckets: dict[str, int] = field(default_factory=dict)
    owing_g: int = 0

    @property
    def held_g(self) -> int:
        return sum(self.buckets.values()) - self.owing_g

    def put(self, month: str, amount_g: int) -> None:
        paid_g = min(self.owing_g, amount_g)
        self.owing_g -= paid_g
        self.buckets[month] = amount_g - paid_g

    def expire(self, month: str) -> int:
        """Drop what may not be claimed in `month` any more; return how much it was."""
        last = shifted(month, -self.expiry_months)
        gone = [each for each in self.buckets if each < last]
        return sum(self.buckets.pop(each) for each in gone)

    def take(self, amount_g: int) -> None:
        for month in sorted(self.buckets):
            part_g = min(amount_g, self.buckets[month])
            self.buckets[month] -= part_g
            amount_g -= part_g
        self.owing_g += amount_g


def balances(
    terms: Iterable[Terms],
    *,
    intake: Mapping[str, Intake],
    taken: Mapping[str, int],
    until: str,
) -> list[PeriodBalance]:
    """Return every period of an account up to the one that `until` (a month) lies in.

    terms: the editions of the scheme. intake and taken: by month. Credits pass from one edition
    to the next while the method stays; with another method they lapse, and the window of a rolling
    average begins where that method was chosen: no input counts by two methods. What a rolling
    average does not claim in its period lapses too. What is overdrawn never lapses: later input
    pays it.

    >>> made = balances([Terms(method="credits", from_month="2026-01", factor=(9, 10))],
    ...     intake={"2026-01": Intake(recycled_g=100, cast_g=90)}, taken={"2026-02": 40},
    ...     until="2026-02")
    >>> [(each.period, each.came_g, each.taken_g, each.left_g) for each in made]
    [('2026-01', 90, 0, 90), ('2026-02', 0, 40, 50)]
    """
    editions = sorted(terms, key=lambda each: each.from_month)
    made: list[PeriodBalance] = []
    purse = _Purse(expiry_months=0)
    for at, edition in enumerate(editions):
        if edition.from_month > until:
            break
        nexts = editions[at + 1 :]
        last = shifted(nexts[0].from_month, -1) if nexts else "9999-12"
        debt_g = max(0, -made[-1].left_g) if made else 0
        if at and editions[at - 1].method != edition.method:
            purse = _Purse(expiry_months=0, owing_g=debt_g)
        purse.expiry_months = edition.expiry_months
        for months in _periods(edition, last=min(last, edition_end(edition, until))):
            if edition.method == CREDITS:
                made.append(_credits(edition, months, intake, taken, purse, until=until))
            else:
                own = {k: v for k, v in intake.items() if k >= _chosen(editions, at)}
                rolled = _rolling(edition, months, own, taken, until=until, debt_g=debt_g)
                debt_g = max(0, -rolled.left_g)
                made.append(rolled)
    return made


def _chosen(editions: Sequence[Terms], at: int) -> str:
    """Return the month since which the method of edition `at` holds without a break.

    Nothing taken in before gives anything by this method: another method has given claims for it.
    """
    while at and editions[at - 1].method == editions[at].method:
        at -= 1
    return editions[at].from_month


def edition_end(edition: Terms, until: str) -> str:
    """Return the last month of the period that `until` lies in."""
    return shifted(edition.period_of(until), edition.period_months - 1)


def _periods(edition: Terms, *, last: str) -> Iterable[list[str]]:
    first = edition.from_month
    while first <= last:
        months = [shifted(first, i) for i in range(edition.period_months)]
        yield months
        first = shifted(first, edition.period_months)


def _credits(
    edition: Terms,
    months: list[str],
    intake: Mapping[str, Intake],
    taken: Mapping[str, int],
    purse: _Purse,
    *,
    until: str,
) -> PeriodBalance:
    opened_g, came_g, expired_g, taken_g = purse.held_g, 0, 0, 0
    for month in months:
        if month > until:
            break
        expired_g += purse.expire(month)
        credit_g = credit(intake.get(month, Intake()).recycled_g, factor=edition.factor)
        purse.put(month, credit_g)
        purse.take(taken.get(month, 0))
        came_g += credit_g
        taken_g += taken.get(month, 0)
    return PeriodBalance(
        period=months[0],
        last_month=months[-1],
        method=CREDITS,
        opened_g=opened_g,
        came_g=came_g,
        taken_g=taken_g,
        expired_g=expired_g,
        intake=_sum(months, intake),
    )


def _rolling(
    edition: Terms,
    months: list[str],
    intake: Mapping[str, Intake],
    taken: Mapping[str, int],
    *,
    until: str,
    debt_g: int,
) -> PeriodBalance:
    """Apply the input share of the last N months, this period's included, to its outputs."""
    last = min(months[-1], until)
    window = [shifted(last, -i) for i in range(edition.window_months)]
    whole = _sum(window, intake)
    over_g = whole.recycled_g + whole.other_g
    own = _sum(months, intake)
    came_g = own.cast_g * whole.recycled_g // over_g if over_g else 0
    closed = months[-1] < until
    taken_g = sum(taken.get(month, 0) for month in months)
    return PeriodBalance(
        period=months[0],
        last_month=months[-1],
        method=ROLLING,
        opened_g=-debt_g,
        came_g=came_g,
        taken_g=taken_g,
        expired_g=max(0, came_g - taken_g - debt_g) if closed else 0,
        intake=own,
        share=(whole.recycled_g, over_g),
    )


def credit(recycled_g: int, *, factor: tuple[int, int]) -> int:
    """Return the claims that recycled input gives, rounded down.

    >>> credit(1_001, factor=(9, 10))
    900
    """
    return recycled_g * factor[0] // factor[1]


def shifted(month: str, by: int) -> str:
    """Return the month `by` months later.

    >>> shifted("2026-01", -1)
    '2025-12'
    """
    number = _number(month) + by
    return f"{number // 12:04}-{number % 12 + 1:02}"


def credited(charges: Sequence[Charge], facts: Mapping[str, Any]) -> dict[str, Vector]:
    """Return what a heat took in and cast by owner, in g: the inputs of the credit ledger.

    Recovered metal of what was charged from outside: run-around scrap and the heel stay out.
    Recycled origin counts where the lot's custody can still carry it; what was balanced by the
    books, or claimed as the lot held it, counts as other metal, so that no gram gives two claims.
    Additions are primary
    and fall on the owners by what was recovered for them. Where less came out than was expected
    back, what was recovered is that much less: no heat gives more claims than metal.
    """
    by_owner: dict[str, Vector] = {}
    came_g, went_g = _measured(charges, facts)
    for charge in charges:
        if charge.internal or charge.role == "heel":
            continue
        recovered_g = _recovered_g(charge)
        if came_g > went_g:
            recovered_g = recovered_g * went_g // came_g
        origins = _unclaimed(recovered_g, charge.cut)
        owner = charge.lot.owner
        by_owner[owner] = more(by_owner.get(owner, {}), origins)
    owners = sorted(by_owner)
    weights = [sum(by_owner[owner].values()) for owner in owners]
    added_g = sum(each["mass_g"] for each in facts["additions"])
    for owner, part_g in zip(owners, allot(added_g, weights), strict=True):
        by_owner[owner] = more(by_owner[owner], {"primary": part_g})
    for output in facts["outputs"]:
        if output["role"] == "product":
            cast = {"cast": output["mass_g"]}
            by_owner[output["owner"]] = more(by_owner.get(output["owner"], {}), cast)
    return by_owner


def _unclaimed(recovered_g: int, cut: State) -> Vector:
    """Return recovered metal by origin; `balanced` or `claimed` where that was used already."""
    if cut.custody not in PHYSICAL:
        return tidy({"balanced": recovered_g})
    origins = origins_of(recovered_g, cut)
    if not cut.claimed_g or not recovered_g:
        return origins
    recycled = {name: origins[name] for name in RECYCLED if name in origins}
    claimed_g = allot(recovered_g, [cut.claimed_g, cut.mass_g - cut.claimed_g])[0]
    used, _free = take(recycled, min(claimed_g, sum(recycled.values())))
    return more(less(origins, used), {"claimed": sum(used.values())})


def _measured(charges: Iterable[Charge], facts: Mapping[str, Any]) -> tuple[int, int]:
    """Return grams expected out of all charges and additions, and grams of metal that came out."""
    expected = sum(_recovered_g(charge) for charge in charges)
    added = sum(each["mass_g"] for each in facts["additions"])
    metal = ("product", "heel", "scrap")
    went = sum(each["mass_g"] for each in facts["outputs"] if each["role"] in metal)
    return expected + added, went


def _recovered_g(charge: Charge) -> int:
    return min(charge.recovered_g, charge.cut.mass_g)


def taken_in(line: Mapping[str, int]) -> Intake:
    """Return one owner's line of a heat as an intake."""
    recycled_g = sum(line.get(name, 0) for name in RECYCLED)
    cast_g = line.get("cast", 0)
    return Intake(
        recycled_g=recycled_g, other_g=sum(line.values()) - recycled_g - cast_g, cast_g=cast_g
    )


def _sum(months: Iterable[str], intake: Mapping[str, Intake]) -> Intake:
    whole = Intake()
    for month in months:
        whole += intake.get(month, Intake())
    return whole


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
