"""The form of a scenario: what is asked of the province's hubs."""

from typing import Annotated

from pydantic import Field

from remelt.platform.logistics.siting.province import Wish
from remelt.web.fields import Count, Text, Tick, Yuan, YuanPerT, maybe
from remelt.web.forms import Form

M_PER_KM = 1000
MaybeHubs = Annotated[Annotated[int, Field(ge=1, le=1000)] | None, maybe(Count)]
MaybeKm = Annotated[Annotated[int, Field(ge=1, le=5000)] | None, maybe(Count)]
MaybeYuan = Annotated[int | None, maybe(Yuan)]
MaybeYuanPerT = Annotated[int | None, maybe(YuanPerT)]
Metres = Annotated[Count, Field(ge=0, le=100_000)]


class ScenarioForm(Form):
    """What may differ between scenarios of the province; empty is no bound."""

    name: Annotated[Text, Field(max_length=80)] = ""
    least_hubs: MaybeHubs = None
    most_hubs: MaybeHubs = None
    longest_km: MaybeKm = None
    budget_yuan: MaybeYuan = None
    co2e_yuan_per_t: MaybeYuanPerT = None
    left_yuan_per_t: MaybeYuanPerT = None
    in_province_only: Tick = False
    one_hub: Tick = False
    buys: Tick = False
    buffer_m: Metres = 500

    def wish(self) -> Wish:
        """Return what is asked, in kept units."""
        return Wish(
            least_hubs=self.least_hubs or 0,
            most_hubs=self.most_hubs,
            longest_m=None if self.longest_km is None else self.longest_km * M_PER_KM,
            budget_fen=self.budget_yuan,
            fen_per_t_co2e=self.co2e_yuan_per_t or 0,
            left_fen_per_t=self.left_yuan_per_t,
            one_hub=self.one_hub,
            out_of_province=not self.in_province_only,
            buys=self.buys,
            buffer_m=self.buffer_m,
        )
