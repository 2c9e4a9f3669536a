"""Seeded worlds of lots, alloys, buyers and bids for the market's measures."""

import math
import random

from remelt.platform.market.winners.problem import Bid as SaleBid
from remelt.platform.market.winners.problem import Buyer, Sale
from remelt.platform.market.winners.problem import Lot as SaleLot
from remelt.platform.works.charging.problem import (
    Charge,
    ChargeProblem,
    Content,
    Limit,
    Source,
    Terms,
)

SERIES = {
    "1xxx": {"Si": 1_500, "Fe": 2_500, "Cu": 400, "Mn": 200, "Mg": 300, "Zn": 300},
    "3xxx": {"Si": 3_000, "Fe": 5_000, "Cu": 1_500, "Mn": 11_000, "Mg": 6_000, "Zn": 1_000},
    "5xxx": {"Si": 1_500, "Fe": 2_800, "Cu": 600, "Mn": 3_500, "Mg": 30_000, "Zn": 1_000},
    "6xxx": {"Si": 5_000, "Fe": 2_800, "Cu": 1_200, "Mn": 800, "Mg": 6_500, "Zn": 900},
    "Al-Si": {"Si": 70_000, "Fe": 2_000, "Cu": 900, "Mn": 600, "Mg": 3_400, "Zn": 700},
    "Al-Si-Cu": {"Si": 92_000, "Fe": 9_000, "Cu": 27_000, "Mn": 2_500, "Mg": 2_500, "Zn": 8_000},
}
BASE_FEN = {
    "1xxx": 1_700_000, "3xxx": 1_450_000, "5xxx": 1_560_000,
    "6xxx": 1_620_000, "Al-Si": 1_600_000, "Al-Si-Cu": 1_390_000,
}  # fmt: skip
ALLOYS = {
    "6063": ("wrought:6xxx:6063", {"Si": (2_000, 6_000), "Fe": (None, 3_500), "Cu": (None, 1_000),
        "Mn": (None, 1_000), "Mg": (4_500, 9_000), "Zn": (None, 1_000)}),
    "6061": ("wrought:6xxx:6061", {"Si": (4_000, 8_000), "Fe": (None, 7_000),
        "Cu": (1_500, 4_000), "Mn": (None, 1_500), "Mg": (8_000, 12_000), "Zn": (None, 2_500)}),
    "3104": ("wrought:3xxx:3104", {"Si": (None, 6_000), "Fe": (None, 8_000), "Cu": (500, 2_500),
        "Mn": (8_000, 14_000), "Mg": (8_000, 13_000), "Zn": (None, 2_500)}),
    "A356": ("cast:Al-Si:A356", {"Si": (65_000, 75_000), "Fe": (None, 2_000), "Cu": (None, 2_000),
        "Mn": (None, 1_000), "Mg": (2_500, 4_500), "Zn": (None, 1_000)}),
    "AD12.1": ("cast:Al-Si-Cu:AD12.1", {"Si": (96_000, 120_000), "Fe": (6_000, 10_000),
        "Cu": (15_000, 35_000), "Mn": (None, 5_000), "Mg": (None, 3_000), "Zn": (None, 10_000)}),
}  # fmt: skip
BOUGHT = {"Si": 1_300_000, "Mg": 1_900_000, "Cu": 7_000_000, "Mn": 1_600_000, "Fe": 500_000}


def charges_world(lots: int, charges: int, *, seed: int, whole: bool = False) -> ChargeProblem:
    """Return lots of 5 to 35 t of six series and charges of 200 to 900 t over five alloys."""
    draw = random.Random(seed)
    sources = [_lot(draw, number, whole=whole) for number in range(lots)]
    sources += [
        Source(key=name, mass_g=10**10, price_fen_per_t=fen, elements={name: Content(990_000)},
               yield_bp=9_700, co2e_g_per_t=8_000_000, scrap=False)
        for name, fen in BOUGHT.items()
    ]  # fmt: skip
    sources.append(
        Source(key="primary", mass_g=10**11, price_fen_per_t=2_050_000,
               elements={"Fe": Content(1_200), "Si": Content(600)}, yield_bp=9_900,
               co2e_g_per_t=13_000_000, scrap=False)
    )  # fmt: skip
    named = list(ALLOYS.items())
    made = []
    for number in range(charges):
        name, (alloy_class, limits) = named[number % len(named)]
        mass = draw.randint(200, 900) * 1_000_000
        made.append(
            Charge(key=f"{name}-{number}", least_g=mass, most_g=mass + 2_000_000,
                   limits={e: Limit(*each) for e, each in limits.items()},
                   recovery_bp={"Mg": 9_000, "Zn": 9_700}, alloy_class=alloy_class)
        )  # fmt: skip
    terms = Terms(
        margin_centi=100, carbon_fen_per_t=9_000, fall_fen_per_t=(0, 0, 10_000, 40_000, 80_000)
    )
    return ChargeProblem(sources=tuple(sources), charges=tuple(made), terms=terms)


def _lot(draw: random.Random, number: int, *, whole: bool) -> Source:
    series = draw.choice(sorted(SERIES))
    family = "cast" if series.startswith("Al") else "wrought"
    elements = {}
    for name, usual in SERIES[series].items():
        mean = round(usual * draw.lognormvariate(0, 0.25))
        elements[name] = Content(mean, round(mean * draw.uniform(0.02, 0.15)))
    return Source(
        key=f"L{number}",
        mass_g=draw.randint(5_000, 35_000) * 1_000,
        price_fen_per_t=round(BASE_FEN[series] * draw.uniform(0.88, 1.12)),
        elements=elements,
        yield_bp=draw.randint(8_400, 9_700),
        co2e_g_per_t=draw.randint(20_000, 200_000),
        whole=whole,
        alloy_class=f"{family}:{series}:",
    )


def sale_world(
    lots: int, buyers: int, *, seed: int, room: tuple[float, float] = (1.2, 3.0)
) -> Sale:
    """Return the scrap family of sales: lots of six grades in a square of 500 km.

    A buyer takes six in ten grades, and in all `room` times an even share of the mass. It bids
    on each lot that it takes, and on packages of two to five near lots with a quarter of the
    freight saved and 0.4 % more; packages of one neighbourhood exclude each other.
    """
    draw = random.Random(seed)
    at = [(draw.uniform(0, 500), draw.uniform(0, 500)) for _ in range(lots)]
    grades = [draw.choice(sorted(SERIES)) for _ in range(lots)]
    goods = [SaleLot(key=f"L{n}", mass_g=draw.randint(5_000, 35_000) * 1_000) for n in range(lots)]
    total = sum(lot.mass_g for lot in goods)
    firms, bids = [], []
    for number in range(buyers):
        firms.append(
            Buyer(key=f"B{number}", capacity_g=round(total / buyers * draw.uniform(*room)))
        )
        bids += _bids_of(draw, number, at=at, grades=grades, goods=goods)
    wrought = {lot.key: 30 for lot, grade in zip(goods, grades, strict=True) if "xxx" in grade}
    return Sale(lots=tuple(goods), buyers=tuple(firms), bids=tuple(bids), carbon_fen_per_t=9_000,
                preserve_permille=wrought)  # fmt: skip


def _bids_of(
    draw: random.Random,
    number: int,
    *,
    at: list[tuple[float, float]],
    grades: list[str],
    goods: list[SaleLot],
) -> list[SaleBid]:
    here = (draw.uniform(0, 500), draw.uniform(0, 500))
    takes = {grade: draw.random() < 0.6 for grade in sorted(SERIES)}
    casts = draw.random() < 0.4
    level = {grade: BASE_FEN[grade] * draw.uniform(0.94, 1.06) for grade in sorted(SERIES)}
    wanted = [n for n in range(len(goods)) if takes[grades[n]]]
    bids = [_bid(number, [n], here=here, at=at, goods=goods, level=level, grades=grades,
                 casts=casts) for n in wanted]  # fmt: skip
    for lot in draw.sample(wanted, min(len(wanted), max(1, len(goods) // 10))):
        near = sorted(wanted, key=lambda n: math.dist(at[n], at[lot]))
        bids += [
            _bid(number, near[:size], here=here, at=at, goods=goods, level=level, grades=grades,
                 casts=casts, mark=f"M{lot}")
            for size in sorted(draw.sample(range(2, 6), 2))
        ]  # fmt: skip
    return bids


def _bid(
    number: int,
    lots: list[int],
    *,
    here: tuple[float, float],
    at: list[tuple[float, float]],
    goods: list[SaleLot],
    level: dict[str, float],
    grades: list[str],
    casts: bool,
    mark: str = "",
) -> SaleBid:
    package = len(lots) > 1
    saving, premium = (0.75, 1.004) if package else (1.0, 1.0)
    price = freight = burden = 0.0
    for n in lots:
        tonnes, km = goods[n].mass_g / 1e6, math.dist(at[n], here) * 1.35
        price += tonnes * level[grades[n]] * premium
        freight += tonnes * km * 50 * saving
        burden += tonnes * km * 80 * saving
    return SaleBid(
        key=f"B{number}:{'+'.join(str(n) for n in sorted(lots))}:{mark}",
        buyer=f"B{number}",
        lots=frozenset(f"L{n}" for n in lots),
        price_fen=round(price),
        freight_fen=round(freight),
        co2e_g=round(burden),
        wrought=not casts,
        exclusive=mark,
    )
