"""Settlement mathematics: the worked example to the fen, and many contracts worked again."""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from baselines.settlement_decimal import settle
from frame import Row

from remelt.platform.settlement.finals.computing import final, payout, provisional
from remelt.platform.settlement.finals.inputs import Assay, Inputs, Weight
from remelt.platform.settlement.finals.recomputing import recomputed, record_bytes
from remelt.platform.settlement.finals.statement import Statement, statement_bytes
from remelt.platform.settlement.finals.terms import Terms, read_terms
from remelt.platform.settlement.pricing.quotes import E6, Index, Quoted
from remelt.platform.settlement.pricing.units import CNY_PER_T

FULL, QUICK = 100_000, 5_000
REACH_S = 60.0
SEED = 6
LOADED, DELIVERED = date(2026, 2, 27), date(2026, 3, 2)
DAYS = (date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9))
LOADS = {
    "seller": ((49_860, 15_420), (49_120, 15_380), (38_840, 15_500)),
    "buyer": ((49_820, 15_420), (49_080, 15_380), (38_800, 15_500)),
}
ASSAYS = (
    ("moisture", "buyer", 12_000), ("impurity", "buyer", 23_500),
    ("Fe", "seller", 2_100), ("Fe", "buyer", 3_100), ("Fe", "umpire", 2_700),
)  # fmt: skip
TERMS: dict[str, Any] = {
    "formula": "0.88 * avg(SMM_A00, QP) - 150 CNY/t with invoice 13%",
    "quotation": "D+1..D+5",
    "provisional": {"share_bp": 9_000},
    "weights": {
        "inside": "seller", "outside": "buyer", "tolerance_ppm": 3_000, "packing_g": 60_000,
        "step_g": 100,
    },
    "limits": [
        {"analyte": "moisture", "decided": "buyer", "free_ppm": 5_000},
        {"analyte": "impurity", "decided": "buyer", "free_ppm": 10_000, "reject_ppm": 30_000},
    ],
    "penalties": [
        {
            "analyte": "Fe", "splitting_ppm": 400, "above_ppm": 2_000, "step_ppm": 100,
            "fen_per_t": 3_000,
        },
    ],
    "umpire_fen": 120_000,
    "commission_bp": 80,
}  # fmt: skip
FIRST = {
    "load:seller:1": 34_440_000, "load:seller:2": 33_740_000, "load:seller:3": 23_340_000,
    "net:seller": 91_520_000, "provisional-weight": 91_460_000,
    "index:avg(SMM_A00, QP)": 20_650 * E6, "price": 1_802_200, "value": 164_829_212,
    "due": 148_346_291,
}  # fmt: skip
LAST = {
    "net:buyer": 91_400_000, "weights-apart": 120_000, "weights-apart-share": 1_311_189,
    "base": 91_460_000, "excess:moisture": 640_200, "excess:impurity": 1_234_700,
    "payable": 89_585_100, "index:avg(SMM_A00, QP)": 20_470 * E6, "price": 1_786_360,
    "settled:Fe": 2_700_000, "steps:Fe": 7, "penalty:Fe": 21_000, "final-price": 1_765_360,
    "value": 158_149_952, "umpire:Fe:seller": 120_000, "commission": 1_265_200,
    "net-of-vat": 139_955_710, "vat": 18_194_242,
}  # fmt: skip
PAID = {"balance_fen": 9_803_661, "payout_fen": 8_418_461, "seller_total_fen": 156_764_752}
REVERSE = {"net-of-vat": 156_584_111, "vat": 1_565_841, "income-tax": 782_921}
FALLING = {"final-price": 1_539_200, "value": 137_889_386}
DEBIT = {"balance_fen": -10_456_905}


def example(quick: bool) -> Iterable[Row]:  # noqa: ARG001, FBT001 - the frame's own flag
    """Every figure of the worked example and its variants, to the fen."""
    terms, inputs = _terms(), _inputs()
    reverse = _terms(
        formula="0.88 * avg(SMM_A00, QP) - 150 CNY/t with invoice 1%", reverse_tax_bp=50
    )
    falling = replace(inputs, book=_book(20_650, [17_900] * 5))
    found = _stated(final(terms, inputs))
    low = _stated(final(terms, falling))
    first = _stated(provisional(terms, inputs))
    yield _compared("provisional payment", FIRST, _figures(first))
    yield _compared("final settlement", LAST, _figures(found))
    yield _compared("what is left to pay", PAID, _payout(found, paid_fen=first.due_fen))
    yield _compared("reverse invoice", REVERSE, _figures(_stated(final(reverse, inputs))))
    yield _compared("falling market", FALLING, _figures(low))
    yield _compared("its debit note", DEBIT, _payout(low, paid_fen=first.due_fen))


def recompute(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's own flag
    """Contracts worked again from what was stored, byte by byte, beside plain Decimals."""
    count = QUICK if quick else FULL
    terms = _terms()
    worlds = list(_worlds(count))
    stated = [_stated(final(terms, inputs)) for inputs in worlds]
    before = [statement_bytes(each) for each in stated]
    records = [record_bytes(terms, inputs, stage="final") for inputs in worlds]
    start = time.perf_counter()
    again = [recomputed(record) for record in records]
    seconds = time.perf_counter() - start
    plain = [_plain(inputs) for inputs in worlds]
    start = time.perf_counter()
    values = [settle(*each) for each in plain]
    peer_s = time.perf_counter() - start
    same = again == before
    agree = sum(
        int(value * 100) == each.value_fen for value, each in zip(values, stated, strict=True)
    )
    yield Row(
        what=f"{count:,} contracts worked again from their records", ours=seconds, unit="s",
        peer=peer_s, peer_name="plain Decimal, the value alone", ratio=seconds / peer_s,
        reach="60 s for 100,000", met=same and seconds <= REACH_S * count / FULL,
        note=f"{'byte-identical' if same else 'BYTES DIFFER'};"
        f" {sum(map(len, records)) // count} bytes of JSON a record, one process",
    )  # fmt: skip
    yield Row(
        what="values equal to the peer's, to the fen", ours=agree, unit="contracts",
        reach="all", met=agree == count,
    )  # fmt: skip


def _compared(what: str, wanted: dict[str, int], found: dict[str, int]) -> Row:
    wrong = {key: found.get(key) for key, value in wanted.items() if found.get(key) != value}
    return Row(
        what=what, ours=len(wanted) - len(wrong), unit=f"of {len(wanted)} figures",
        reach="every figure to the fen", met=not wrong,
        note=f"wrong: {wrong}" if wrong else "",
    )  # fmt: skip


def _stated(found: object) -> Statement:
    if not isinstance(found, Statement):
        raise TypeError(f"nothing stated: {found}")
    return found


def _figures(found: Statement) -> dict[str, int]:
    return {line.key: line.value for line in found.lines}


def _payout(found: Statement, *, paid_fen: int) -> dict[str, int]:
    left = payout(found, paid_fen=paid_fen)
    return {name: getattr(left, name) for name in PAID}


def _terms(**changes: Any) -> Terms:
    return read_terms(TERMS | changes, indices={"SMM_A00": CNY_PER_T})


def _book(before: int, values: list[int]) -> dict[str, Index]:
    quotes = {LOADED: Quoted(LOADED, before * E6)}
    quotes |= {day: Quoted(day, value * E6) for day, value in zip(DAYS, values, strict=True)}
    return {"SMM_A00": Index("SMM_A00", "CNY/t", "SMM", quotes=quotes)}


def _inputs() -> Inputs:
    weights = [
        Weight(
            ticket=f"{side}{n}", side=side, load=str(n), gross_g=gross * 1000, tare_g=tare * 1000,
            day=LOADED if side == "seller" else DELIVERED,
        )
        for side, loads in LOADS.items()
        for n, (gross, tare) in enumerate(loads, start=1)
    ]  # fmt: skip
    assays = [
        Assay(code=f"{side}-{analyte}", side=side, analyte=analyte, ppm=ppm)
        for analyte, side, ppm in ASSAYS
    ]
    book = _book(20_650, [20_480, 20_510, 20_390, 20_440, 20_530])
    return Inputs(weights=tuple(weights), assays=tuple(assays), book=book)


def _worlds(count: int) -> Iterator[Inputs]:
    """Contracts whose weights, contents, prices and days differ; some beyond each limit."""
    draw, plain = random.Random(SEED), _inputs()
    for _ in range(count):
        shift = timedelta(days=7 * draw.randrange(50))
        weights = tuple(
            replace(w, day=w.day + shift, gross_g=w.gross_g + 20_000 * draw.randint(-9, 9))
            for w in plain.weights
        )
        assays = tuple(
            replace(a, ppm=max(a.ppm + 100 * draw.randint(-20, 20), 0)) for a in plain.assays
        )
        values = [draw.randint(15_000, 25_000) for _ in DAYS]
        quotes = {
            day + shift: Quoted(day + shift, value * E6)
            for day, value in zip(DAYS, values, strict=True)
        }
        book = {"SMM_A00": Index("SMM_A00", "CNY/t", "SMM", quotes=quotes)}
        yield Inputs(weights=weights, assays=assays, book=book)


def _plain(inputs: Inputs) -> tuple[Any, ...]:
    nets = [
        [Decimal(w.net_g) / 1000 for w in inputs.of(side)]
        for side in ("seller", "buyer")  # type: ignore[arg-type]
    ]
    index = [Decimal(q.value_e6) / E6 for q in inputs.book["SMM_A00"].quotes.values()]
    content = {(a.analyte, a.side): Decimal(a.ppm) / 10_000 for a in inputs.assays}
    iron = tuple(content["Fe", side] for side in ("seller", "buyer", "umpire"))
    return (*nets, index, content["moisture", "buyer"], content["impurity", "buyer"], iron)
