"""Recycled shares: numerator and denominator, integers, each by one named formula. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remelt.traceability.rules.states import State

RECYCLED = ("post_consumer", "pre_consumer")
PRODUCT = "iso-14021-product"
ELEMENT = "element-recovered"
CHARGE = "as-charged"
REGIONAL = "recycled-metal-use-share"
LOOP = "in-province-loop-share"


@dataclass(frozen=True, kw_only=True)
class Share:
    """A published ratio: what it is, over what, by which formula; post and pre apart."""

    formula: str
    numerator: int
    denominator: int
    post: int
    pre: int

    @property
    def bp(self) -> int | None:
        """The share in 1/10,000, rounded half up; None when there is nothing to divide by."""
        if self.denominator <= 0:
            return None
        return (20_000 * self.numerator + self.denominator) // (2 * self.denominator)


def product_content(state: State) -> tuple[int, int]:
    """Product recycled content (ISO 14021): recycled grams over all grams of the product.

    Alloying elements stand in the denominator, unknown origin too; neither in the numerator.
    Run-around scrap carries the origins it had, so a loop changes nothing.

    >>> product_content(State(mass_g=10, classes={"post_consumer": 6, "primary": 4}))
    (6, 10)
    """
    return sum(state.classes.get(name, 0) for name in RECYCLED), state.mass_g


def element_content(line: Mapping[str, int]) -> tuple[int, int]:
    """Element recycled content: one metal only, recovered, counted at its first furnace, in mg.

    >>> element_content({"post_mg": 5, "pre_mg": 1, "unknown_mg": 2, "primary_mg": 2})
    (6, 10)
    """
    recycled = line["post_mg"] + line["pre_mg"]
    return recycled, recycled + line["unknown_mg"] + line["primary_mg"]


def charge_share(external: Sequence[State], *, additions_g: int) -> tuple[int, int]:
    """Share as charged: recycled grams put in over all external grams put in; internal use only."""
    recycled = sum(s.classes.get(name, 0) for s in external for name in RECYCLED)
    return recycled, sum(s.mass_g for s in external) + additions_g


def lot_share(state: State) -> Share:
    """Return the product recycled content of a lot, post- and pre-consumer apart."""
    numerator, denominator = product_content(state)
    return Share(
        formula=PRODUCT,
        numerator=numerator,
        denominator=denominator,
        post=state.classes.get("post_consumer", 0),
        pre=state.classes.get("pre_consumer", 0),
    )


def use_share(*, post_mg: int, pre_mg: int, unknown_mg: int, primary_mg: int) -> Share:
    """再生金属使用比例: recycled metal used / all metal used, contained, each gram counted once."""
    recycled = post_mg + pre_mg
    return Share(
        formula=REGIONAL,
        numerator=recycled,
        denominator=recycled + unknown_mg + primary_mg,
        post=post_mg,
        pre=pre_mg,
    )


def loop_share(*, in_province_mg: int, shipped_out_mg: int) -> Share:
    """Metal collected and melted in the province / that and what was shipped out of it."""
    return Share(
        formula=LOOP,
        numerator=in_province_mg,
        denominator=in_province_mg + shipped_out_mg,
        post=in_province_mg,
        pre=0,
    )


def coverage_label(*, reporting: int, register: int | None, least_bp: int = 9_000) -> str:
    """Name what a ratio stands for: `platform-sample` until the site register is covered.

    register None: nobody has given the register of known sites.

    >>> coverage_label(reporting=3, register=None)
    'platform-sample'
    >>> coverage_label(reporting=19, register=20)
    'province'
    """
    if not register or reporting * 10_000 < register * least_bp:
        return "platform-sample"
    return "province"
