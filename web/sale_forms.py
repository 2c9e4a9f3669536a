"""The forms of combined sales: yuan and tonnes as typed, fen and grams as kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from remelt.platform.market.combined.offering import OfferDraft
from remelt.platform.market.combined.opening import SaleLotDraft
from remelt.platform.market.combined.rules import SaleTerms
from remelt.web.fields import MEGATONNE_G, Percent, Text, Tick, Words, YuanPerT, decimal, maybe
from remelt.web.forms import Form
from remelt.web.market_forms import Hours

MaybeYuanPerT = Annotated[int | None, maybe(YuanPerT)]
Tonnes = Annotated[int, BeforeValidator(decimal(scale=6, limit=MEGATONNE_G))]
MaybeTonnes = Annotated[int | None, maybe(Tonnes)]
YuanPerTkm = Annotated[int, BeforeValidator(decimal(scale=2, limit=100_000))]
"""CNY per tonne-kilometre -> fen."""
KgPerTkm = Annotated[int, BeforeValidator(decimal(scale=3, limit=1_000_000))]
"""kg CO2e per tonne-kilometre -> g."""


class SaleLotForm(Form):
    """One of the seller's listings or drafts: whether it goes into the sale, and how."""

    listing: Text = Field(default="", max_length=14)
    draft: Text = Field(default="", max_length=14)
    take: Tick = False
    reserve_yuan_per_t: MaybeYuanPerT = None
    exempt: Text = Field(default="", max_length=200)


class SaleForm(Form):
    """A combined sale as its seller types it."""

    title: Text = Field(default="", max_length=120)
    whole: Tick = False
    lots: list[SaleLotForm] = Field(default=[], max_length=100)
    open_hours: Hours
    freight_yuan_per_tkm: YuanPerTkm
    co2e_kg_per_tkm: KgPerTkm
    carbon_yuan_per_t: YuanPerT
    preserve_pct: Percent

    def terms(self, *, now: datetime) -> SaleTerms:
        """Return the terms; the sale closes some hours after `now`."""
        return SaleTerms(
            title=self.title,
            closes_at=now + timedelta(hours=self.open_hours),
            freight_fen_per_tkm=self.freight_yuan_per_tkm,
            co2e_g_per_tkm=self.co2e_kg_per_tkm,
            carbon_fen_per_t=self.carbon_yuan_per_t,
            preserve_permille=self.preserve_pct // 10,
            whole=self.whole,
        )

    def chosen(self, *, published: Callable[[str], str]) -> list[SaleLotDraft]:
        """Return the lots that were ticked; `published` puts a draft on the market first."""
        return [
            SaleLotDraft(
                listing_code=published(each.draft) if each.draft else each.listing,
                reserve_fen_per_t=each.reserve_yuan_per_t,
                exempt=each.exempt,
            )
            for each in self.lots
            if each.take
        ]


class OfferLineForm(Form):
    """A lot, and what is offered for it; empty leaves it out."""

    lot: Words = Field(max_length=14)
    price_yuan_per_t: MaybeYuanPerT = None


class OfferForm(Form):
    """Offers in a combined sale: the filled lines together, or each alone."""

    lines: list[OfferLineForm] = Field(default=[], max_length=50)
    how: Literal["together", "alone"]
    use: Literal["wrought", "cast"]
    deliver_to: Words = Field(max_length=14)
    mark: Text = Field(default="", max_length=8)
    capacity_t: MaybeTonnes = None

    def drafts(self, *, site_id: int) -> list[OfferDraft]:
        """Return the offers: one, or one for each filled line."""
        filled = [(x.lot, x.price_yuan_per_t) for x in self.lines if x.price_yuan_per_t is not None]
        split = [[each] for each in filled] if self.how == "alone" and filled else [filled]
        return [
            OfferDraft(
                prices=prices,
                deliver_to_site_id=site_id,
                wrought=self.use == "wrought",
                mark=self.mark,
                capacity_g=self.capacity_t,
            )
            for prices in split
        ]
