"""The worked settlement and its variants, every figure to the fen."""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from remelt.platform.kernel.money import amount_fen
from remelt.platform.settlement.errors import DeductedTooMuch
from remelt.platform.settlement.finals import errors
from remelt.platform.settlement.finals.assaying import umpire_charges, umpired
from remelt.platform.settlement.finals.computing import final, payout, provisional
from remelt.platform.settlement.finals.inputs import Assay, Inputs, Weight
from remelt.platform.settlement.finals.statement import (
    Charge,
    Statement,
    Waiting,
    Wanted,
    statement_bytes,
)
from remelt.platform.settlement.finals.terms import (
    CalledPrice,
    Payable,
    Provisional,
    Terms,
    Weights,
    plain_terms,
    read_terms,
    terms_json,
)
from remelt.platform.settlement.pricing import errors as pricing
from remelt.platform.settlement.pricing.units import CNY_PER_T
from tests.finals import QP, an_index, wheel_assays, wheel_inputs, wheel_terms, wheel_weights

PAID_FEN = 148_346_291


def settled(terms: Terms | None = None, **changes) -> Statement:
    found = final(terms or wheel_terms(), wheel_inputs(**changes))
    assert isinstance(found, Statement), found
    return found


def first_payment(**changes) -> Statement:
    found = provisional(wheel_terms(), wheel_inputs(**changes))
    assert isinstance(found, Statement), found
    return found


def test_the_provisional_payment():
    first = first_payment(assays=(), weights=wheel_weights()[:3])
    assert [first.value(f"load:seller:{n}") for n in "123"] == [34_440_000, 33_740_000, 23_340_000]
    assert first.value("net:seller") == 91_520_000
    assert first.value("provisional-weight") == 91_460_000
    assert first.value("index:avg(SMM_A00, QP)") == 20_650_000_000
    assert first.price_fen_per_t == 1_802_200
    assert first.value_fen == 164_829_212
    assert first.due_fen == PAID_FEN


def test_the_final_settlement():
    found = settled()
    assert found.value("net:buyer") == 91_400_000
    assert found.value("weights-apart") == 120_000
    assert found.value("weights-apart-share") == 1_311_189  # 0.1311 %
    assert found.value("base") == 91_460_000
    assert found.value("excess:moisture") == 640_200
    assert found.value("excess:impurity") == 1_234_700
    assert found.payable_g == 89_585_100
    assert found.value("index:avg(SMM_A00, QP)") == 20_470_000_000
    assert found.value("price") == 1_786_360
    assert found.value("settled:Fe") == 2_700_000
    assert (found.value("steps:Fe"), found.value("penalty:Fe")) == (7, 21_000)
    assert found.price_fen_per_t == 1_765_360
    assert found.value_fen == found.due_fen == 158_149_952
    assert found.charges == (
        Charge("umpire", "seller", 120_000), Charge("commission", "seller", 1_265_200),
    )  # fmt: skip
    assert (found.value("net-of-vat"), found.value("vat")) == (139_955_710, 18_194_242)
    left = payout(found, paid_fen=PAID_FEN)
    assert left.balance_fen == left.buyer_fen == 9_803_661
    assert (left.payout_fen, left.seller_total_fen) == (8_418_461, 156_764_752)


def test_the_reverse_invoice_variant():
    formula = "0.88 * avg(SMM_A00, QP) - 150 CNY/t with invoice 1%"
    found = settled(wheel_terms(formula=formula, reverse_tax_bp=50))
    assert found.value_fen == 158_149_952
    assert found.value("net-of-vat") == 156_584_111
    assert found.value("vat") == 1_565_841
    assert found.value("income-tax") == 782_921


def test_a_falling_market_leaves_a_debit_note():
    found = settled(book={"SMM_A00": an_index(*[17_900] * 5)})
    assert found.price_fen_per_t == 1_539_200
    assert found.value_fen == 137_889_386
    assert payout(found, paid_fen=PAID_FEN).balance_fen == -10_456_905


def test_every_origin_leads_somewhere():
    """A line names tickets, assays and quotes that were given, and lines that stand above it."""
    inputs = wheel_inputs()
    known = {f"ticket:{weight.ticket}" for weight in inputs.weights}
    known |= {f"assay:{assay.code}" for assay in inputs.assays}
    known |= {f"index:SMM_A00@{day}#1" for day in inputs.book["SMM_A00"].quotes}
    for line in settled().lines:
        assert line.origins, line
        for origin in line.origins:
            assert origin in known or origin.startswith("terms:"), (line, origin)
        known.add(f"line:{line.key}")


def two_weights(seller_g: int, buyer_g: int) -> Inputs:
    """One load on both scales."""
    weights = tuple(
        Weight(ticket=side, side=side, load="1", day=date(2026, 3, 2), gross_g=g + 1, tare_g=1)
        for side, g in (("seller", seller_g), ("buyer", buyer_g))
    )
    return Inputs(weights=weights)


@pytest.mark.parametrize(
    ("buyer_g", "governs"),
    [
        (997_000_000, "seller"),  # 0.3000 %
        (996_999_000, "buyer"),  # 0.3001 %
        (996_999_999, "buyer"),  # a gram beyond
        (1_003_000_000, "seller"),
        (1_003_001_000, "buyer"),
    ],
)
def test_the_edge_of_the_tolerance(buyer_g, governs):
    rule = Weights(inside="seller", outside="buyer", tolerance_ppm=3_000)
    terms = Terms(formula="100 CNY/t without invoice", weights=rule)
    found = final(terms, two_weights(1_000_000_000, buyer_g))
    assert isinstance(found, Statement)
    assert found.by_key["base"].rule == f"weight-of-{governs}"
    assert found.net_g == (1_000_000_000 if governs == "seller" else buyer_g)


def test_a_tare_above_the_gross_is_refused():
    weight = replace(wheel_weights()[0], tare_g=wheel_weights()[0].gross_g)
    with pytest.raises(errors.TareAboveGross):
        final(wheel_terms(), wheel_inputs(weights=(weight,)))


def test_more_taken_off_a_ticket_than_it_weighs_is_refused():
    weight = replace(wheel_weights()[0], deducted_g=34_440_001)
    with pytest.raises(DeductedTooMuch):
        final(wheel_terms(), wheel_inputs(weights=(weight,)))


def test_one_load_is_weighed_once_by_each_side():
    with pytest.raises(errors.WeightTwice):
        final(wheel_terms(), wheel_inputs(weights=wheel_weights()[:1] * 2))
    with pytest.raises(errors.AssayTwice):
        final(wheel_terms(), wheel_inputs(assays=wheel_assays()[:1] * 2))


@pytest.mark.parametrize(
    ("umpire", "settles", "rule", "pays"),
    [
        (2_700, 2_700, "umpire", ("seller",)),
        (2_500, 2_500, "umpire", ("buyer",)),
        (2_600, 2_600, "umpire", ("seller", "buyer")),
        (2_100, 2_100, "umpire", ("buyer",)),
        (2_000, 2_100, "nearer-to-umpire", ("buyer",)),
        (9_000, 3_100, "nearer-to-umpire", ("seller",)),
    ],
)
def test_an_umpire_settles_between_the_two_and_else_the_nearer_party(umpire, settles, rule, pays):
    found = umpired(2_100, 3_100, umpire)
    assert (found.ppm, found.rule, found.further) == (settles, rule, pays)


def test_an_umpire_in_the_middle_is_paid_by_both():
    assert umpire_charges(101, further=("seller", "buyer")) == [
        Charge("umpire", "seller", 51), Charge("umpire", "buyer", 50),
    ]  # fmt: skip


def iron(**results: int) -> tuple[Assay, ...]:
    rest = tuple(assay for assay in wheel_assays() if assay.analyte != "Fe")
    return rest + tuple(
        Assay(code=side, side=side, analyte="Fe", ppm=ppm)  # type: ignore[arg-type]
        for side, ppm in results.items()
    )


@pytest.mark.parametrize(
    ("seller", "buyer", "ppb", "steps"),
    [
        (2_100, 2_500, 2_300_000, 3),  # exactly the splitting limit: the middle
        (2_100, 2_299, 2_199_500, 1),  # half a ppm short of the second step
        (1_000, 1_200, 1_100_000, 0),
    ],
)
def test_results_within_the_splitting_limit_are_averaged(seller, buyer, ppb, steps):
    found = settled(assays=iron(seller=seller, buyer=buyer))
    assert (found.value("settled:Fe"), found.value("steps:Fe")) == (ppb, steps)
    assert all(charge.kind != "umpire" for charge in found.charges)


def test_results_beyond_it_wait_for_the_umpire():
    found = final(wheel_terms(), wheel_inputs(assays=iron(seller=2_100, buyer=2_501)))
    assert found == Waiting((Wanted("umpire", "Fe"),))


def test_everything_missing_is_named_at_once():
    inputs = Inputs(weights=wheel_weights()[:4], book={"SMM_A00": an_index(*QP[:4])})
    assert final(wheel_terms(), inputs) == Waiting(
        (
            Wanted("assay", "Fe", "buyer"), Wanted("assay", "Fe", "seller"),
            Wanted("assay", "impurity", "buyer"), Wanted("assay", "moisture", "buyer"),
            Wanted("quote", "SMM_A00", "2026-03-09"),
            Wanted("weight", "buyer", "2"), Wanted("weight", "buyer", "3"),
        )
    )  # fmt: skip


def test_too_much_dirt_gives_the_right_to_refuse():
    dirty = tuple(replace(a, ppm=30_001) if a.analyte == "impurity" else a for a in wheel_assays())
    edge = tuple(replace(a, ppm=30_000) if a.analyte == "impurity" else a for a in wheel_assays())
    assert settled(assays=dirty).rejectable == ("impurity",)
    assert settled(assays=edge).rejectable == ()


def test_metal_inside_is_paid_less_its_unit_deduction():
    terms = Terms(
        formula="100 CNY/t without invoice",
        payable=Payable(analyte="Cu", decided="buyer", unit_ppm=10_000),
    )
    assay = Assay(code="a", side="buyer", analyte="Cu", ppm=965_000)
    found = final(terms, replace(two_weights(1, 20_000_000), assays=(assay,)))
    assert isinstance(found, Statement)
    assert found.payable_g == 19_100_000


@given(
    net=some.integers(1, 10**9),
    deducted=some.integers(0, 10**9),
    price=some.integers(1, 10**8),
    vat=some.sampled_from([None, 0, 100, 300, 1_300]),
)
def test_a_plain_award_is_net_less_deductions_at_its_price(net, deducted, price, vat):
    deducted = min(deducted, net)
    terms = plain_terms(price_fen_per_t=price, tax_included=vat is not None, vat_rate_bp=vat or 0)
    weight = Weight(
        ticket="T", side="buyer", load="1", day=date(2026, 3, 2), gross_g=net + 7, tare_g=7,
        deducted_g=deducted,
    )  # fmt: skip
    found = final(terms, Inputs(weights=(weight,)))
    assert isinstance(found, Statement)
    assert found.value_fen == amount_fen(net - deducted, price_fen_per_t=price)
    assert (found.payable_g, found.price_fen_per_t) == (net - deducted, price)
    assert provisional(terms, Inputs(weights=(weight,))) is None


@given(some.randoms())
def test_the_order_of_arrival_changes_nothing(draw: random.Random):
    inputs = wheel_inputs()
    weights, assays = list(inputs.weights), list(inputs.assays)
    quotes = list(inputs.book["SMM_A00"].quotes.items())
    for each in (weights, assays, quotes):
        draw.shuffle(each)
    book = {"SMM_A00": replace(inputs.book["SMM_A00"], quotes=dict(quotes))}
    other = replace(inputs, weights=tuple(weights), assays=tuple(assays), book=book)
    for stage in (final, provisional):
        one, two = stage(wheel_terms(), inputs), stage(wheel_terms(), other)
        assert isinstance(one, Statement)
        assert isinstance(two, Statement)
        assert statement_bytes(one) == statement_bytes(two)


@given(
    seller=some.integers(0, 10**6), buyer=some.integers(0, 10**6), umpire=some.integers(0, 10**6)
)
def test_an_umpire_never_settles_outside_the_parties(seller, buyer, umpire):
    found = umpired(seller, buyer, umpire)
    assert min(seller, buyer) <= found.ppm <= max(seller, buyer)
    assert found.ppm.denominator == Fraction(1).denominator


INDICES = {"SMM_A00": CNY_PER_T}


def test_terms_are_strict_and_come_back_from_their_json():
    terms = wheel_terms()
    assert read_terms(terms_json(terms), indices=INDICES) == terms
    loose = terms_json(terms) | {"formula": " 88% * AVG ( SMM_A00 , QP )".replace("AVG", "avg")}
    loose["formula"] += " with invoice 13%"
    assert read_terms(loose, indices=INDICES).formula.startswith("0.88 * avg(SMM_A00, QP)")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"formula": "100 CNY/t"}, pricing.InvoiceNotSaid),
        ({"quotation": None}, pricing.QuotationMissing),
        ({"quotation": "QP"}, pricing.PeriodUnreadable),
        ({"formula": "called(SMM_A00) without invoice"}, errors.CallingMissing),
        ({"commission_bp": "80"}, errors.TermsUnreadable),
        ({"commission_bp": 10_001}, errors.TermsUnreadable),
        ({"bonus": 1}, errors.TermsUnreadable),
        ({"provisional": {"share_bp": 0}}, errors.TermsUnreadable),
        (
            {
                "called": {
                    "by": "buyer",
                    "first": "2026-03-02",
                    "last": "2026-03-06",
                    "mass_g": 1,
                    "opens_min": 540,
                    "closes_min": 540,
                }
            },
            errors.TermsUnreadable,
        ),
        ({"penalties": [terms_json(wheel_terms())["penalties"][0]] * 2}, errors.TermsTwice),
    ],
)
def test_terms_that_do_not_hold_together_are_refused(changes, refusal):
    with pytest.raises(refusal):
        read_terms(terms_json(wheel_terms()) | changes, indices=INDICES)


def test_a_provisional_payment_of_called_prices_stands_on_the_last_quote():
    called = CalledPrice(
        by="buyer", first=date(2026, 3, 3), last=date(2026, 3, 9), mass_g=91_000_000
    )
    terms = wheel_terms(
        formula="called(SMM_A00) - 150 CNY/t with invoice 13%", called=called,
        provisional=Provisional(share_bp=8_000),
    )  # fmt: skip
    first = provisional(terms, wheel_inputs())
    assert isinstance(first, Statement)
    assert first.price_fen_per_t == 2_050_000
    assert final(terms, wheel_inputs()) == Waiting((Wanted("call", "SMM_A00", "2026-03-09"),))
    over = final(terms, wheel_inputs(window_over=True))
    assert isinstance(over, Statement)
    assert over.value("price") == 2_032_000
