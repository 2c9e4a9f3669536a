"""The part of a seller's form that says how a price is found: way of selling, prices, lengths."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from remelt.platform.market.drafts import Ascending, FixedPrice
from remelt.platform.market.errors import StepsUnfit, TermUnfit
from remelt.platform.market.kinds import BEST_S, OPEN_WITHIN_S, SEALED_S, Descending, Sealed
from remelt.web.fields import Count, Text, YuanPerT, maybe, plain
from remelt.web.forms import Form

DEFAULT_STEP_FEN = 5_000
HOUR_S, MINUTE_S = 3_600, 60
PRICE_TERMS = {
    "reserve_yuan_per_t": ("auction", "sealed"),
    "step_yuan_per_t": ("auction", "descending"),
    "band_from_yuan_per_t": ("auction",),
    "band_step_yuan_per_t": ("auction",),
    "tick_yuan_per_t": ("auction",),
    "most_rise_yuan_per_t": ("auction",),
    "floor_yuan_per_t": ("descending",),
    "lower_yuan_per_t": ("descending",),
    "lower_minutes": ("descending",),
    "sealed_minutes": ("descending",),
    "best_minutes": ("descending",),
    "opened_hours": ("sealed", "descending"),
}


def optional(kind: Any) -> Any:
    """Read an empty field as None, else as `kind`'s own reader does."""
    reader = next(m for m in kind.__metadata__ if isinstance(m, BeforeValidator))
    read: Any = reader.func
    return BeforeValidator(lambda text: None if plain(text) == "" else read(text))


MaybeYuanPerT = Annotated[int | None, optional(YuanPerT)]


class PriceForm(Form):
    """How to sell, and for what: each field is for the ways of selling that have such a term."""

    price_mode: Literal["auction", "fixed", "sealed", "descending"]
    price_yuan_per_t: YuanPerT
    reserve_yuan_per_t: MaybeYuanPerT = None
    step_yuan_per_t: MaybeYuanPerT = None
    band_from_yuan_per_t: MaybeYuanPerT = None
    band_step_yuan_per_t: MaybeYuanPerT = None
    tick_yuan_per_t: MaybeYuanPerT = None
    most_rise_yuan_per_t: MaybeYuanPerT = None
    holder: Annotated[Text, Field(max_length=14)] = ""
    floor_yuan_per_t: MaybeYuanPerT = None
    lower_yuan_per_t: MaybeYuanPerT = None
    lower_minutes: Annotated[int | None, maybe(Count)] = None
    sealed_minutes: Annotated[int | None, maybe(Count)] = None
    best_minutes: Annotated[int | None, maybe(Count)] = None
    opened_hours: Annotated[int | None, maybe(Count)] = None
    award: Literal["close", "seller"] = "close"

    def _check_fits(self) -> None:
        """Refuse a price term that was typed for another way of selling."""
        for field, kinds in PRICE_TERMS.items():
            if getattr(self, field) is not None and self.price_mode not in kinds:
                raise TermUnfit(field=field)

    def price(self) -> FixedPrice | Ascending | Sealed | Descending:
        """Return the price terms as a draft has them. Raises `TermUnfit`."""
        self._check_fits()
        start, auto = self.price_yuan_per_t, self.award == "close"
        step = DEFAULT_STEP_FEN if self.step_yuan_per_t is None else self.step_yuan_per_t
        if self.price_mode == "fixed":
            return FixedPrice(price_fen_per_t=start)
        if self.price_mode == "sealed":
            return Sealed(
                start_fen_per_t=start, reserve_fen_per_t=self.reserve_yuan_per_t,
                holder=self.holder, auto_award=auto, open_within_s=self._opened_s(),
            )  # fmt: skip
        if self.price_mode == "descending":
            return Descending(
                start_fen_per_t=start, floor_fen_per_t=self.floor_yuan_per_t or 0,
                lower_by_fen_per_t=self.lower_yuan_per_t or DEFAULT_STEP_FEN, step_fen_per_t=step,
                lower_every_s=(self.lower_minutes or 1) * MINUTE_S, holder=self.holder,
                sealed_s=_or(self.sealed_minutes, MINUTE_S, SEALED_S),
                best_s=_or(self.best_minutes, MINUTE_S, BEST_S),
                open_within_s=self._opened_s(), auto_award=auto,
            )  # fmt: skip
        return Ascending(
            start_fen_per_t=start, step_fen_per_t=step, auto_award=auto,
            reserve_fen_per_t=self.reserve_yuan_per_t, bands=self._bands(),
            tick_fen_per_t=1 if self.tick_yuan_per_t is None else self.tick_yuan_per_t,
            most_rise_fen_per_t=self.most_rise_yuan_per_t,
        )  # fmt: skip

    def _bands(self) -> tuple[tuple[int, int], ...]:
        start, step = self.band_from_yuan_per_t, self.band_step_yuan_per_t
        if start is None and step is None:
            return ()
        if start is None or step is None:
            raise StepsUnfit(field="band_from_yuan_per_t")
        return ((start, step),)

    def _opened_s(self) -> int:
        return _or(self.opened_hours, HOUR_S, OPEN_WITHIN_S)


def _or(typed: int | None, unit_s: int, plain_s: int) -> int:
    return plain_s if typed is None else typed * unit_s
