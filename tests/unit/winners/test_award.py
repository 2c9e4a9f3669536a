"""An award is the best there is, follows the rules of the sale, and proves itself."""

import ast
import copy
import itertools
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.combined.rules import GoodLot, StandingOffer, problem_of
from remelt.platform.market.winners import verifier
from remelt.platform.market.winners.award import award
from remelt.platform.market.winners.codec import document, sale_from_json, sale_to_json
from remelt.platform.market.winners.problem import Buyer, Lot, Sale, barred, score_fen
from remelt.platform.market.winners.solving import decided
from tests.unit.winners.world import T, a_bid, a_sale, drawn

SEEDS = range(25)


def by_hand(sale: Sale) -> int:
    """The best score of every choice of bids, tried one by one."""
    out = barred(sale)
    able = [bid for bid in sale.bids if bid.key not in out]
    mass = {lot.key: lot.mass_g for lot in sale.lots}
    room = {each.key: each.capacity_g for each in sale.buyers}
    best = 0
    for chosen in itertools.product((False, True), repeat=len(able)):
        won = [bid for bid, taken in zip(able, chosen, strict=True) if taken]
        lots = Counter(lot for bid in won for lot in bid.lots)
        marks = Counter((bid.buyer, bid.exclusive) for bid in won if bid.exclusive)
        if any(n > 1 for n in (*lots.values(), *marks.values())):
            continue
        taken_g = Counter()
        for bid in won:
            taken_g[bid.buyer] += sum(mass[lot] for lot in bid.lots)
        if any(room[who] is not None and g > room[who] for who, g in taken_g.items()):
            continue
        best = max(best, sum(score_fen(sale, bid) for bid in won))
    return best


@pytest.mark.parametrize("seed", SEEDS)
def test_an_award_is_the_best_of_every_choice(seed):
    sale = drawn(seed)
    found = award(sale)
    assert found.score_fen == by_hand(sale)
    assert found.score_fen <= found.bound_fen
    assert found.greedy_fen <= found.score_fen
    assert found.gap_ppm == 0
    assert found.repeatable
    assert verifier.check(sale_to_json(sale), found.certificate) == []


def test_the_same_sale_gives_the_same_award():
    sale = drawn(3)
    assert award(sale) == award(sale)


def test_a_sale_without_bids_awards_nothing_and_proves_it():
    sale = a_sale()
    found = award(sale)
    assert found.winners == ()
    assert verifier.check(sale_to_json(sale), found.certificate) == []


def test_freight_and_carbon_come_off_the_score():
    near = a_bid("near", "A", 1_000)
    far = a_bid("far", "A", 1_100, freight_fen=90, co2e_g=1_000_001, buyer="B2")
    sale = a_sale(near, far, carbon_fen_per_t=10)
    assert score_fen(sale, far) == 1_100 - 90 - 11
    assert award(sale).winners == ("near",)


def test_a_package_wins_only_whole_and_marks_exclude():
    whole = a_bid("whole", "AB", 2_100)
    parts = (a_bid("a", "A", 1_000, buyer="B2"), a_bid("b", "B", 1_000, buyer="B3"))
    assert award(a_sale(whole, *parts)).winners == ("whole",)
    either = (a_bid("a", "A", 2_000, exclusive="x"), a_bid("b", "B", 2_000, exclusive="x"))
    assert len(award(a_sale(*either)).winners) == 1


def test_nobody_takes_more_than_its_capacity():
    sale = a_sale(a_bid("a", "A", 2_000), a_bid("b", "B", 1_900), a_bid("c", "B", 100, buyer="B2"))
    limited = replace(sale, buyers=(Buyer(key="B1", capacity_g=19 * T), Buyer(key="B2")))
    assert set(award(sale).winners) == {"a", "b"}
    assert set(award(limited).winners) == {"a", "c"}


@pytest.mark.parametrize(("tax_included", "vat_rate_bp"), [(False, 0), (True, 300), (True, 1_300)])
@pytest.mark.parametrize("mass_g", [6 * T, 6_000_001])
def test_an_offer_at_the_reserve_takes_the_lot_whatever_the_tax(mass_g, tax_included, vat_rate_bp):
    sale = CombinedSale(
        tax_included=tax_included, vat_rate_bp=vat_rate_bp, freight_fen_per_tkm=0,
        co2e_g_per_tkm=0, carbon_fen_per_t=0, preserve_permille=30,
    )  # fmt: skip
    lot = GoodLot(key="A", mass_g=mass_g, reserve_fen_per_t=1_300_000, preserved=False)

    def winners(price_fen_per_t: int) -> tuple[str, ...]:
        offer = StandingOffer(
            seq=1, bidder_id=7, prices={"A": price_fen_per_t}, road_m={"A": 0}, wrought=False,
            mark="", capacity_g=None,
        )  # fmt: skip
        return award(problem_of(sale, lots=[lot], offers=[offer])).winners

    assert (winners(1_300_000), winners(1_299_900)) == (("O1",), ())


def test_below_its_reserve_a_lot_stays():
    sale = a_sale(a_bid("a", "A", 900), lots="A")
    assert award(sale).winners == ("a",)
    kept = replace(sale, lots=(Lot(key="A", mass_g=T, reserve_fen=901),))
    assert award(kept).winners == ()


@pytest.mark.parametrize(
    ("wrought_fen", "changes", "winner"),
    [
        (97_000, {}, "wrought"),  # 3 % under the best cast bid: still wins
        (96_999, {}, "cast"),
        (97_000, {"fit": False}, "cast"),  # unfit chemistry is exempt
        (120_000, {}, "wrought"),
    ],
)
def test_a_wrought_bid_near_the_best_cast_bid_wins(wrought_fen, changes, winner):
    sale = a_sale(
        a_bid("wrought", "A", wrought_fen, wrought=True, **changes),
        a_bid("cast", "A", 100_000, buyer="B2"),
        lots="A",
        preserve_permille={"A": 30},
    )
    assert award(sale).winners == (winner,)
    assert award(replace(sale, preserve_permille={})).winners == (
        "wrought" if wrought_fen > 100_000 else "cast",
    )


def test_a_package_cannot_take_a_kept_lot_to_a_casting():
    sale = a_sale(
        a_bid("wrought", "A", 98_000, wrought=True),
        a_bid("cast", "A", 100_000, buyer="B2"),
        a_bid("both", "AB", 250_000, buyer="B2"),
        a_bid("b", "B", 90_000, buyer="B2"),
        preserve_permille={"A": 30},
    )
    assert set(award(sale).winners) == {"wrought", "b"}


def _dearer(made, draw):
    name = draw.choice([n for n in PRICES if made[n]])
    line = draw.choice(made[name])
    line[1][0] = -line[1][0]


WAYS = {
    "another score": lambda made, draw, _free: made.update(
        score_fen=made["score_fen"] + draw.choice((-1, 1, 10**6))
    ),
    "a bound too good": lambda made, draw, _free: made.update(
        bound_fen=made["bound_fen"] - draw.randint(2, 10**4)
    ),
    "a winner left out": lambda made, draw, _free: made["winners"].remove(
        draw.choice(made["winners"])
    ),
    "a winner twice": lambda made, _draw, _free: made["winners"].append(made["winners"][0]),
    "another winner": lambda made, draw, free: made["winners"].__setitem__(
        draw.randrange(len(made["winners"])), draw.choice(free)
    ),
    "one winner more": lambda made, draw, free: made["winners"].append(draw.choice(free)),
    "a price below nought": lambda made, draw, _free: _dearer(made, draw),
    "no prices": lambda made, _draw, _free: made.update({name: [] for name in PRICES}),
    "a stranger": lambda made, _draw, _free: made["winners"].append("nobody"),
}
PRICES = ("lot_prices", "capacity_prices", "mark_prices")


def spoilt(sale: Sale, said: dict, draw: random.Random) -> dict:
    """One way of many to tamper with a certificate."""
    made = copy.deepcopy(said)
    free = [bid.key for bid in sale.bids if bid.key not in said["winners"]]
    WAYS[draw.choice(sorted(WAYS))](made, draw, free)
    return made


def test_every_tampered_certificate_of_a_seeded_set_is_refused():
    tried = Counter()
    for seed in SEEDS:
        sale = drawn(seed)
        said = award(sale).certificate
        draw = random.Random(seed)
        for _ in range(40):
            made = spoilt(sale, said, draw)
            assert made != said
            tried["refused" if verifier.check(sale_to_json(sale), made) else "passed"] += 1
    assert tried == {"refused": len(SEEDS) * 40}


def test_a_price_for_what_is_not_short_proves_nothing():
    sale = a_sale(a_bid("a", "A", 1_000), lots="A")
    said = award(sale).certificate
    assert verifier.check(sale_to_json(sale), said | {"capacity_prices": [["B1", [1, 1]]]})
    assert verifier.check(sale_to_json(sale), said | {"lot_prices": [["Z", [10**6, 1]]]})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verifier_and_the_market_bar_the_same_offers(seed):
    sale = drawn(seed)
    said = sale_to_json(sale)
    assert sale_from_json(json.loads(json.dumps(said))) == sale
    assert verifier.barred(said) == barred(sale)
    assert [verifier.score(said, each) for each in said["bids"]] == [
        score_fen(sale, bid) for bid in sale.bids
    ]


def test_the_verifier_runs_alone_on_the_file_of_an_award(tmp_path):
    said = sale_to_json(drawn(3))
    made = document(said, decided(said))
    shutil.copy(verifier.__file__, tmp_path / "verifier.py")
    for change, told in (({}, "valid: "), ({"score_fen": 1}, "another score")):
        spoilt_file = made | {"certificate": made["certificate"] | change}
        (tmp_path / "award.json").write_text(json.dumps(spoilt_file))
        done = subprocess.run(
            [sys.executable, "-I", "verifier.py", "award.json"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout.startswith(told)) == (int(bool(change)), True)


def test_the_verifier_is_fifty_lines_of_code_at_most():
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
    lines = {
        line
        for part in tree.body
        if isinstance(part, ast.FunctionDef)
        for line in range(part.lineno, (part.end_lineno or part.lineno) + 1)
    }
    assert len(lines) <= 50
