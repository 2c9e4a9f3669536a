"""What callers hand to the ledger: frozen terms, whole numbers, no database."""

from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["post_consumer", "pre_consumer", "unknown", "primary"]
Evidence = Literal["declared", "implied", "documented"]

CLASSES = ("post_consumer", "pre_consumer", "unknown", "primary")
EVIDENCE = ("declared", "implied", "documented")
STAGES = ("collection", "hub", "transport", "melt_energy", "refining", "additions", "upstream")
LOSSES = ("moisture", "dirt", "packaging", "dust", "dross", "burn_off")
CAUSES = (
    "radiation",
    "forbidden",
    "grade",
    "chemistry",
    "moisture",
    "weight",
    "surface",
    "order",
    "other",
)
STOCK_METHODS = ("drained", "level", "counted", "weighed", "estimated")
MAX_MASS_G = 10_000_000_000  # 10,000 t in one lot is no scale's reading


@dataclass(frozen=True, kw_only=True)
class SiteRef:
    """Where something happens: a site's code and its county."""

    code: str
    adcode: str


@dataclass(frozen=True, kw_only=True)
class LotSpec:
    """What a lot is said to be.

    metal: element symbol of the base metal, `Al`, `Cu`. metal_bp: contained base metal of the
    grade in 1/10,000, None when the grade does not say. track: county (adcode) or country
    (two letters) of collection, `unknown` when nobody knows.
    """

    metal: str
    grade_system: str
    grade_code: str
    form: str
    origin: Origin
    evidence: Evidence = "declared"
    metal_bp: int | None = None
    track: str = "unknown"


@dataclass(frozen=True, kw_only=True)
class FactorRef:
    """An emission factor as used: numerator / denominator kgCO2e per unit, with its edition.

    gas: `CO2e`; `CO2-direct` for a fuel burnt on the spot, its upstream counted apart; or `CO2`,
    which a product footprint refuses. primary_data: measured by the
    supplier rather than taken from a table. includes_upstream: whether the way of the fuel to
    here is in it; where it is not, that way is missing by name. valid_from, valid_to: days of
    its edition, empty where it has none.
    """

    id: str
    edition: str
    numerator: int
    denominator: int
    unit: str
    gas: str = "CO2e"
    primary_data: bool = False
    includes_upstream: bool = True
    valid_from: str = ""
    valid_to: str = ""

    def co2e_g(self, quantity: int) -> int:
        """Return gCO2e of `quantity` thousandths of the unit (Wh, g, mL), rounded half up.

        >>> FactorRef(id="grid", edition="2023", numerator=5366, denominator=10_000,
        ...     unit="kWh").co2e_g(1_000_000)
        536600
        """
        return (2 * quantity * self.numerator + self.denominator) // (2 * self.denominator)


@dataclass(frozen=True, kw_only=True)
class Contracted:
    """Power bought by contract: Wh, the life-cycle factor of its technology, its certificate."""

    quantity: int
    factor: FactorRef
    certificate: str


@dataclass(frozen=True, kw_only=True)
class Market:
    """Power counted by contract. residual: life-cycle factor of what is not under contract."""

    contracted: tuple[Contracted, ...] = ()
    residual: FactorRef | None = None


@dataclass(frozen=True, kw_only=True)
class EnergyLine:
    """Energy or another footprint line of one event.

    quantity is in thousandths of `unit` (Wh for kWh, g for kg, L for m3). Without a factor the
    line is named as missing. power: it is electricity, whatever the line is called, and is counted
    by contract too. provisional: an intensity stands in for a meter. market: how power is counted
    by contract, beside the factor, which is by location.
    """

    carrier: str
    quantity: int
    unit: str
    factor: FactorRef | None = None
    stage: str = "melt_energy"
    power: bool = False
    provisional: bool = False
    market: Market | None = None


@dataclass(frozen=True, kw_only=True)
class Addition:
    """Metal that enters a melt without being a lot: alloying silicon, master alloy, primary ingot.

    elements_bp: element -> 1/10,000 of mass, the rest is unknown.
    """

    name: str
    mass_g: int
    elements_bp: dict[str, int] = field(default_factory=dict)
    factor: FactorRef | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What is taken from a lot: `mass_g` grams, or all that it holds when None.

    recovery_bp: metal recovered from the gross mass taken, in 1/10,000 (None: its known metal).
    internal: run-around scrap of the same process. role: `charge` or `heel`. alloy_class: what
    family, series and alloy its grade is of (`grades`), empty when nobody knows.
    """

    lot_code: str
    mass_g: int | None = None
    recovery_bp: int | None = None
    internal: bool = False
    role: Literal["charge", "heel"] = "charge"
    alloy_class: str = ""


@dataclass(frozen=True, kw_only=True)
class Output:
    """A lot that comes out. `into` names an existing pool lot that it joins.

    follows: its mass was not weighed but is what went in, and stays so when that is corrected.
    role: `product`, `heel` (stays in the furnace), `dross` and `waste` (carry no burden), `scrap`
    (sold as pre-consumer scrap: no burden under cut-off, its share by mass).
    alloy_class: as in `Taken`.
    """

    spec: LotSpec
    mass_g: int
    role: Literal["product", "heel", "scrap", "dross", "waste"] = "product"
    lot_code: str | None = None
    owner: str | None = None
    into: bool = False
    follows: bool = False
    alloy_class: str = ""


@dataclass(frozen=True, kw_only=True)
class Period:
    """What a continuous process is accounted over: Beijing days, both included.

    method: how the closing in-process stock was found, one of `STOCK_METHODS`; `drained` says
    that nothing is left in it.
    """

    since: str
    until: str
    method: str


@dataclass(frozen=True, kw_only=True)
class LegShare:
    """One lot's share of a driven round's emission.

    mass_g and distance_m are the basis of sharing; co2e_g None when the fuel is not known.
    stage: `collection` (first mile) or `transport`.
    """

    lot_code: str
    co2e_g: int | None
    mass_g: int
    distance_m: int
    factors: tuple[FactorRef, ...] = ()
    stage: Literal["collection", "transport"] = "transport"
    round_ref: str = ""
