"""保级率: what kept its alloy class over what has one; wrought scrap in a casting alloy fell."""

import pytest

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.works.alloy_classes import alloy_classes
from remelt.traceability import ledger, queries
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.rules.grades import downgrade, fallen_g, preserved

from .ledger_world import ACTOR, CANS, DROSS, INGOT, SMELTER, brought

TON = 1_000_000
PROFILE, SHEET = "wrought:6xxx:6063", "wrought:3xxx+5xxx:"
CASTING = "cast:Al-Si-Cu:ADC12"


@pytest.mark.parametrize(
    ("before", "after", "index"),
    [
        (PROFILE, PROFILE, 0),
        (PROFILE, "wrought:6xxx:6061", 1),
        (SHEET, "wrought:5xxx:5182", 1),
        (PROFILE, "wrought:5xxx:5182", 2),
        ("wrought::", PROFILE, 2),
        (PROFILE, CASTING, 3),
        (CASTING, PROFILE, 1),
        ("cast:Al-Si-Cu:", CASTING, 1),
        ("cast:Al-Si:", CASTING, 2),
        (PROFILE, "dross::", 4),
        (CASTING, "deoxidiser::", 4),
        ("copper::", "copper::Cu-ETP", 1),
        ("copper::", "brass::H62", 3),
        ("", CASTING, None),
        (PROFILE, "", None),
        ("mixed::", CASTING, None),
    ],
)
def test_metal_falls_by_what_its_alloy_loses(before: str, after: str, index: int | None):
    assert downgrade(before, after) == index


def test_the_catalogue_tells_the_class_of_grades_and_alloys(store: Store):
    wanted = {
        ("CN-trade", "CN-6063-bai"): "wrought::",
        ("ReMA", "Toto"): PROFILE,
        ("ReMA", "Talc"): SHEET,
        ("ReMA", "Tutu"): "wrought:6xxx+7xxx:",
        ("ReMA", "Taboo"): "wrought::",
        ("ReMA", "Tense"): "cast:Al-Si-Cu:",
        ("ReMA", "Twitch"): None,
        ("GB/T", "GB/T 8005.4-2022"): None,
        ("JIS H 5302 (castings)", "ADC12"): CASTING,
        ("AA (castings)", "A356.0"): "cast:Al-Si:A356.0",
        ("AA / GB/T 3190", "6063"): PROFILE,
        ("GB/T 1196", "Al99.70"): "primary::Al99.70",
        ("works", "dross"): "dross::",
    }
    with store.read() as session:
        known = alloy_classes(session, wanted)
    assert {name: known.get(name) for name in wanted} == wanted


def test_a_heat_tells_what_fell_and_the_smelter_s_row_sums_it(store: Store, clock: SimulatedClock):
    with store.write() as session:
        terms = {"site": SMELTER, "metal_bp": None}
        profile, mixed, own = (brought(session, clock, mass_g=g * TON, **terms) for g in (6, 3, 2))
        clock.advance(minutes=1)
        done = ledger.transform(
            session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
            inputs=[
                Taken(lot_code=profile.code, alloy_class=PROFILE),
                Taken(lot_code=mixed.code),
                Taken(lot_code=own.code, internal=True, alloy_class=CASTING),
            ],
            outputs=[
                Output(spec=INGOT, mass_g=10 * TON, alloy_class=CASTING),
                Output(spec=DROSS, mass_g=TON, role="dross"),
            ],
        )  # fmt: skip
        kept_g, known_g, unknown_g = preserved(done.moved)
        assert kept_g == 0
        assert (known_g, unknown_g) == (6 * TON, 3 * TON - 1 + 1)
        assert {each["index"] for each in done.moved} == {3, 4, None}
        assert fallen_g(done.moved) == known_g
    with store.write() as session:
        again = brought(session, clock, mass_g=4 * TON, **terms)
        clock.advance(minutes=1)
        ledger.transform(
            session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
            inputs=[Taken(lot_code=again.code, alloy_class=PROFILE)],
            outputs=[Output(spec=CANS, mass_g=4 * TON, alloy_class="wrought:6xxx:6061")],
        )  # fmt: skip
    with store.read() as session:
        (row,) = queries.shares(
            session, metal="Al", month_from="2026-03", month_to="2026-03", by="smelter"
        )
        assert (row.preserved_g, row.class_known_g) == (4 * TON, 10 * TON)
        assert row.class_unknown_g == unknown_g


def test_every_transformation_tells_what_fell(store: Store, clock: SimulatedClock):
    with store.write() as session:
        lot = brought(session, clock, mass_g=TON)
        clock.advance(minutes=1)
        done = ledger.transform(
            session, clock=clock, kind="sort", site=ledger.SiteRef(code=lot.site_code,
            adcode=lot.adcode), actor=ACTOR,
            inputs=[Taken(lot_code=lot.code, alloy_class=PROFILE)],
            outputs=[
                Output(spec=CANS, mass_g=700_000, alloy_class=PROFILE),
                Output(spec=CANS, mass_g=300_000, alloy_class=CASTING),
            ],
        )  # fmt: skip
        assert fallen_g(done.moved) == 300_000
