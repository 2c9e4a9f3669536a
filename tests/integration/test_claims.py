"""Claims are drawn once, by the owner of the metal, on what its heats took in."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Busy, Refusal
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger, queries
from remelt.traceability.audit.audit import audit
from remelt.traceability.corrections.restated import restate
from remelt.traceability.credits.accounts import (
    account,
    accounts,
    certificates_of,
    claims_made,
    claims_of,
    heats,
)
from remelt.traceability.credits.errors import (
    BadScheme,
    CertificateUsed,
    ClaimBeyondLot,
    ClaimedAlready,
    CreditsOverdrawn,
    CreditsShort,
    GroupOverlaps,
    NoCreditScheme,
    NoSuchCreditCertificate,
    SchemeTooEarly,
)
from remelt.traceability.credits.models import LotClaim, LotClaimEnd
from remelt.traceability.credits.schemes import declare_scheme, editions, groups_of
from remelt.traceability.door.private import erase
from remelt.traceability.errors import ClaimAboveCustody, ClaimsBlocked, NoSuchLot
from remelt.traceability.ledger import EnergyLine, Output, Taken
from remelt.traceability.passports.claiming import (
    attribute,
    claim_content,
    issue_certificate,
    use_certificate,
)
from remelt.traceability.rules.credits import Terms

from .ledger_world import ACTOR, GRID, INGOT, PRIMARY, SMELTER, brought
from .test_ledger_audit import by_hand

TON = 1_000_000
PURE = {"metal_bp": None}
CREDIT_TERMS = Terms(method="credits", from_month="2026-03", factor=(9, 10), expiry_months=1)


def scheme(session, clock, *, terms=CREDIT_TERMS, group="Al", grades=(), edition="2026"):
    return declare_scheme(
        session, clock=clock, site_code=SMELTER.code, organisation="ORG1", group_code=group,
        metal="Al", grades=grades, terms=terms, edition=edition, actor=ACTOR,
    )  # fmt: skip


def heat(session, clock, *, post_g=6 * TON, primary_g=4 * TON, owner="ORG1", out_g=None, **more):
    """Melt scrap and primary metal of one owner into one cast lot."""
    clock.advance(minutes=5)
    terms = {"site": SMELTER, "owner": owner, **PURE}
    scrap = brought(session, clock, mass_g=post_g, **terms)
    ingot = brought(session, clock, mass_g=primary_g, spec=PRIMARY, **terms)
    return ledger.transform(
        session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
        inputs=[Taken(lot_code=scrap.code), Taken(lot_code=ingot.code)],
        outputs=[Output(spec=INGOT, mass_g=out_g or post_g + primary_g)], **more,
    )  # fmt: skip


def melted(session, clock, lots, *, out_g, taken_g=()):
    """Melt lots for ORG1, whole or the grams said of each."""
    clock.advance(minutes=5)
    parts = [*taken_g, *[None] * (len(lots) - len(taken_g))]
    return ledger.transform(
        session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
        inputs=[Taken(lot_code=lot.code, mass_g=g) for lot, g in zip(lots, parts, strict=True)],
        outputs=[Output(spec=INGOT, mass_g=out_g, owner="ORG1")],
    )  # fmt: skip


def said_anew(session, clock, lot, *, mass_g, **more):
    """Correct the weighing of a lot, or its last correction."""
    clock.advance(minutes=1)
    steps = queries.history(session, code=lot.code)
    wrong = [step for step in steps if step.kind in {"bring_in", "correct"}][-1]
    return ledger.correct(
        session, clock=clock, event_hash=wrong.event_hash, mass_g=mass_g, reason="slip",
        site=SMELTER, actor=ACTOR, **more,
    )  # fmt: skip


def held(session: Session, clock, *, owner="ORG1"):
    (group,) = groups_of(session, site_code=SMELTER.code)
    return account(session, group=group, owner=owner, until=clock.now(session).strftime("%Y-%m"))


def terms_of(clock, lot, **more):
    return {"clock": clock, "lot_code": lot.code, "owner": "ORG1", "actor": ACTOR} | more


def test_credits_come_of_heats_and_go_into_claims(store: Store, clock: SimulatedClock):
    with store.write() as session:
        before = heat(session, clock)  # before the scheme: its content is its own
        scheme(session, clock)
        done = heat(session, clock)
        cast = done.outputs[0]
        assert before.outputs[0].vectors.custody == "controlled_blending"
        assert cast.vectors.custody == "mass_balance"
    with store.write() as session:
        assert held(session, clock).left_g == 6 * TON * 9 // 10
        with pytest.raises(CreditsShort):
            attribute(session, mass_g=6 * TON, **terms_of(clock, cast))
        with pytest.raises(ClaimAboveCustody):
            claim_content(session, model="controlled_blending", **terms_of(clock, cast))
        claimed = attribute(session, mass_g=5 * TON, **terms_of(clock, cast))
        assert (claimed.claim.kind, claimed.claim.period) == ("attributed", "2026-03")
        clock.advance(minutes=1)
        with pytest.raises(ClaimedAlready):
            attribute(session, mass_g=1, **terms_of(clock, cast))
        own = claim_content(
            session, model="controlled_blending", **terms_of(clock, before.outputs[0])
        )
        assert own.claim.mass_g == 6 * TON
        clock.advance(minutes=1)
        with pytest.raises(ClaimedAlready):
            attribute(session, mass_g=1, **terms_of(clock, before.outputs[0]))
    with store.read() as session:
        told = held(session, clock)
        assert (told.now.came_g, told.now.taken_g, told.left_g) == (5_400_000, 5 * TON, 400_000)
        assert [each.event_hash for each in told.heats] == [done.event.hash]
        kinds = [step.kind for step in queries.history(session, code=cast.code)]
        assert kinds == ["melt", "claim"]
        assert audit(session) == []


def test_credits_expire(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        heat(session, clock)
        clock.advance(days=62)  # May: the credits of March could be claimed until April
        assert [each.left_g for each in held(session, clock).periods] == [5_400_000, 5_400_000, 0]


def test_claims_belong_to_the_owner_of_the_metal(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        cast = heat(session, clock, owner="HUB9").outputs[0]
        own = heat(session, clock, post_g=TON, primary_g=TON).outputs[0]
        assert cast.owner == "HUB9"
        assert held(session, clock, owner="HUB9").left_g == 5_400_000
        assert held(session, clock).left_g == 900_000
        with pytest.raises(NoSuchLot):
            attribute(session, mass_g=1, **terms_of(clock, cast))
        with pytest.raises(CreditsShort):
            attribute(session, mass_g=TON, **terms_of(clock, own))
        attribute(session, mass_g=5 * TON, **terms_of(clock, cast, owner="HUB9"))
        groups = groups_of(session, site_code=SMELTER.code)
        every = accounts(session, groups=groups, until="2026-03")
        assert [(each.owner, each.left_g) for each in every] == [
            ("ORG1", 900_000), ("HUB9", 400_000),
        ]  # fmt: skip


def test_what_was_balanced_before_gives_no_second_credit(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        cast = heat(session, clock).outputs[0]
        clock.advance(minutes=1)
        again = ledger.transform(
            session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
            inputs=[Taken(lot_code=cast.code)], outputs=[Output(spec=INGOT, mass_g=10 * TON)],
        )  # fmt: skip
        (group,) = groups_of(session, site_code=SMELTER.code)
        last = heats(session, group=group)[-1]
        assert last.event_hash == again.event.hash
        assert (last.intake.recycled_g, last.intake.other_g) == (0, 10 * TON)


def test_what_was_claimed_as_it_was_gives_no_credit_when_it_is_melted(
    store: Store, clock: SimulatedClock
):
    """4 t of scrap are claimed, then blended with 2 t more and 2 t primary, split and melted.

    The claim travels with the metal through split and blend: only the other 2 t give credits.
    """
    with store.write() as session:
        scheme(session, clock)
        terms = {"site": SMELTER, **PURE}
        sold = brought(session, clock, mass_g=4 * TON, **terms)
        free = brought(session, clock, mass_g=2 * TON, **terms)
        metal = brought(session, clock, mass_g=2 * TON, spec=PRIMARY, **terms)
        clock.advance(minutes=1)
        claim_content(session, model="identity_preserved", **terms_of(clock, sold))
        clock.advance(minutes=1)
        blended = ledger.transform(
            session, clock=clock, kind="blend", site=SMELTER, actor=ACTOR,
            inputs=[Taken(lot_code=each.code) for each in (sold, free, metal)],
            outputs=[Output(spec=sold.spec, mass_g=8 * TON)],
        ).outputs[0]  # fmt: skip
        assert blended.vectors.claimed_g == 4 * TON
        clock.advance(minutes=1)
        parts = ledger.transform(
            session, clock=clock, kind="split", site=SMELTER, actor=ACTOR,
            inputs=[Taken(lot_code=blended.code)],
            outputs=[Output(spec=sold.spec, mass_g=m * TON) for m in (3, 5)],
        ).outputs  # fmt: skip
    with store.write() as session:
        done = melted(session, clock, parts, out_g=8 * TON)
        told = held(session, clock)
        assert told.heats[-1].intake.recycled_g == 2 * TON
        assert told.heats[-1].intake.other_g == 6 * TON
        assert told.left_g == 2 * TON * 9 // 10
        with pytest.raises(CreditsShort):
            attribute(session, mass_g=2 * TON, **terms_of(clock, done.outputs[0]))
    with store.write() as session:
        said_anew(session, clock, sold, mass_g=3_999_000)
        assert held(session, clock).heats[-1].intake.recycled_g == 2 * TON
    with store.read() as session:
        assert audit(session) == []


def test_a_heat_that_does_not_add_up_brings_no_credit(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        done = heat(session, clock, out_g=9 * TON)
        assert done.beyond_tolerance
        assert held(session, clock).left_g == 0
        assert held(session, clock).heats[0].blocked == "unexplained"
        with pytest.raises(ClaimsBlocked):
            attribute(session, mass_g=1, **terms_of(clock, done.outputs[0]))


def test_a_rolling_average_gives_the_input_share_of_what_was_cast(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        terms = Terms(method="rolling_average", from_month="2026-03", window_months=2)
        scheme(session, clock, terms=terms)
        cast = heat(session, clock).outputs[0]
        attribute(session, mass_g=6 * TON, **terms_of(clock, cast))
        assert held(session, clock).left_g == 0
        clock.advance(days=31)
        heat(session, clock, post_g=2 * TON, primary_g=8 * TON)
        told = held(session, clock)
        assert (told.now.share, told.left_g) == ((8 * TON, 20 * TON), 4 * TON)


def test_an_edition_never_shares_a_period_with_another(store: Store, clock: SimulatedClock):
    rolling = Terms(method="rolling_average", from_month="2026-03")
    with store.write() as session:
        with pytest.raises(SchemeTooEarly):
            scheme(session, clock, terms=replace(CREDIT_TERMS, from_month="2026-02"))
        scheme(session, clock, grades=("ADC12",))
        with pytest.raises(SchemeTooEarly):
            scheme(session, clock, terms=rolling, grades=("ADC12",))
        with pytest.raises(GroupOverlaps):
            scheme(session, clock, group="everything")
        with pytest.raises(GroupOverlaps):
            scheme(session, clock, grades=("ADC12", "A380.0"))
        for wrong in (
            {"window_months": 13}, {"factor": (11, 10)}, {"expiry_months": 25},
            {"method": "both"}, {"period_months": 2}, {"period_months": 3},
        ):  # fmt: skip
            with pytest.raises(BadScheme):
                scheme(session, clock, group="cast", terms=replace(CREDIT_TERMS, **wrong))
        later = replace(rolling, from_month="2026-04")
        scheme(session, clock, terms=later, grades=("ADC12",), edition="2026b")
        heat(session, clock)
        clock.advance(days=31)
        told = held(session, clock)
        assert [each.method for each in told.periods] == ["credits", "rolling_average"]
        assert told.scheme.edition == "2026b"


def test_a_certificate_is_claimed_once_by_whom_it_was_given(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        heat(session, clock)
        far = [brought(session, clock, spec=PRIMARY, owner="MAKER") for _ in range(2)]
        issued = issue_certificate(
            session, clock=clock, site_code=SMELTER.code, group_code="Al", mass_g=5 * TON,
            owner="ORG1", beneficiary="MAKER", actor=ACTOR,
        )  # fmt: skip
        assert held(session, clock).left_g == 400_000
        use = {"clock": clock, "certificate_code": issued.code, "actor": ACTOR}
        with pytest.raises(NoSuchLot):
            use_certificate(session, lot_code=far[0].code, owner="ORG1", **use)
        used = use_certificate(session, lot_code=far[0].code, owner="MAKER", **use)
        assert used.lot.vectors.custody == "book_and_claim"
        with pytest.raises(CertificateUsed):
            use_certificate(session, lot_code=far[1].code, owner="MAKER", **use)
        with pytest.raises(NoSuchCreditCertificate):
            use_certificate(session, lot_code=far[1].code, owner="MAKER",
                            **use | {"certificate_code": "X"})  # fmt: skip
        with pytest.raises(ClaimAboveCustody):
            attribute(session, mass_g=1, **terms_of(clock, far[0], owner="MAKER"))
        assert certificates_of(session, firm="MAKER") == [(issued, True)]
    with store.read() as session:
        assert audit(session) == []


def test_only_lots_of_the_group_take_credits_and_no_more_than_they_weigh(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        lot = brought(session, clock, site=SMELTER)
        with pytest.raises(NoCreditScheme):
            attribute(session, mass_g=1, **terms_of(clock, lot))
        scheme(session, clock, grades=("ADC12",))
        with pytest.raises(NoCreditScheme):
            attribute(session, mass_g=1, **terms_of(clock, lot))
        heat(session, clock, post_g=90 * TON)
        small = heat(session, clock, post_g=TON, primary_g=TON).outputs[0]
        with pytest.raises(ClaimBeyondLot):
            attribute(session, mass_g=3 * TON, **terms_of(clock, small))
        with pytest.raises(ClaimBeyondLot):
            metal = brought(session, clock, spec=PRIMARY)
            claim_content(session, model="segregated", **terms_of(clock, metal))


def test_an_overdrawn_account_is_shown_and_gives_nothing(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        first = heat(session, clock).outputs[0]
        scrap = brought(session, clock, mass_g=6 * TON, site=SMELTER, **PURE)
        metal = brought(session, clock, mass_g=4 * TON, site=SMELTER, spec=PRIMARY, **PURE)
        melted(session, clock, [scrap, metal], out_g=10 * TON)
        attribute(session, mass_g=9 * TON, **terms_of(clock, first))
    with store.write() as session:
        said_anew(session, clock, scrap, mass_g=1 * TON)  # 5 t too little: that heat gives nothing
    with store.write() as session:
        told = held(session, clock)
        assert (told.left_g, told.overdrawn) == (5_400_000 - 9 * TON, True)
        with pytest.raises(CreditsOverdrawn):
            cast = heat(session, clock, post_g=TON, primary_g=TON).outputs[0]
            attribute(session, mass_g=1, **terms_of(clock, cast))
        heat(session, clock)
        assert held(session, clock).left_g == 2 * 5_400_000 + 900_000 - 9 * TON


def test_a_corrected_heat_gives_its_owners_what_the_right_world_gives(
    store: Store, clock: SimulatedClock
):
    def world(session, *, first_g):
        """Two firms' scrap in one heat; one lot is sold before it is melted, and once after."""
        scheme(session, clock)
        terms = {"site": SMELTER, **PURE}
        sold = brought(session, clock, mass_g=first_g, owner="COLL", **terms)
        other = brought(session, clock, mass_g=4 * TON, owner="HUB9", **terms)
        clock.advance(minutes=1)
        sell = {"clock": clock, "lot_code": sold.code, "contract_ref": ""}
        ledger.transfer(session, owner="ORG1", **sell)
        melted(session, clock, [sold, other], taken_g=[5 * TON, None], out_g=9 * TON)
        clock.advance(minutes=1)
        ledger.transfer(session, owner="LAST", **sell)
        return sold

    def told(session):
        (group,) = groups_of(session, site_code=SMELTER.code)
        return [(each.owner, each.intake) for each in heats(session, group=group)]

    with store.write() as session:
        lot = world(session, first_g=6 * TON)
        before = told(session)
        assert {owner for owner, _ in before} == {"ORG1", "HUB9"}
    with store.write() as session:
        said_anew(session, clock, lot, mass_g=8 * TON)
    with store.write() as session:
        assert told(session) == before  # 5 t were taken of it, and still are
        assert audit(session) == []
    with store.write() as session:
        said_anew(session, clock, lot, mass_g=4_990_000)
    with store.write() as session:
        after = dict(told(session))
        assert (after["ORG1"].recycled_g, after["HUB9"].recycled_g) == (4_990_000, 4 * TON)
        assert queries.lot(session, code=lot.code).owner == "LAST"
        assert audit(session) == []


def test_energy_of_a_month_leaves_credits_as_they_are(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        done = heat(session, clock)
    with store.write() as session:
        line = EnergyLine(
            stage="melt_energy", carrier="electricity", quantity=0, unit="kWh", factor=GRID
        )
        ledger.true_up_energy(
            session, clock=clock, month="2026-03", heats={done.event.hash: [1_000]}, lines=[line],
            site=SMELTER, actor=ACTOR,
        )  # fmt: skip
    with store.write() as session:
        assert held(session, clock).left_g == 5_400_000
        attribute(session, mass_g=TON, **terms_of(clock, done.outputs[0]))


def test_a_heat_gives_no_credits_while_a_correction_of_its_lots_waits(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        scheme(session, clock)
        lot = brought(session, clock, mass_g=10 * TON, site=SMELTER, **PURE)
    with store.write() as session:
        said_anew(session, clock, lot, mass_g=9_990_000, near=0)
        melted(session, clock, [lot], out_g=10 * TON)
        assert [each.blocked for each in held(session, clock).heats] == ["correcting"]
        with pytest.raises(CreditsShort):
            issue_certificate(
                session, clock=clock, site_code=SMELTER.code, group_code="Al", mass_g=1,
                owner="ORG1", beneficiary="MAKER", actor=ACTOR,
            )  # fmt: skip
        restate(session, clock=clock)  # of an event that this very session appended
        assert held(session, clock).left_g == 9_990_000 * 9 // 10


def test_an_owner_that_was_erased_leaves_a_sound_ledger(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        heat(session, clock)
        heat(session, clock, owner="HUB9")
    with store.write() as session:
        erase(session, subject="org:ORG1")
        assert audit(session) == []
    by_hand(store, "UPDATE melt_line SET owners = '[]', credited = '[]' WHERE id % 2 = 0")
    with store.read() as session:
        assert "melts-differ" in {each.what for each in audit(session)}


def test_two_claims_at_once_never_overdraw(store: Store, clock: SimulatedClock):
    with store.write() as session:
        scheme(session, clock)
        casts = [heat(session, clock, post_g=TON, primary_g=TON).outputs[0] for _ in range(6)]
        codes = [cast.code for cast in casts]  # 5.4 t of credits, each wants 2 t: two get them
    start = Barrier(6)

    def claim(code: str) -> str:
        start.wait()
        try:
            with store.write() as session:
                attribute(session, clock=clock, lot_code=code, mass_g=2 * TON, owner="ORG1",
                          actor=ACTOR)  # fmt: skip
        except Refusal as refused:
            return refused.code
        return "claimed"

    with ThreadPoolExecutor(6) as threads:
        told = sorted(threads.map(claim, codes))
    assert told == ["claimed"] * 2 + ["credits-short"] * 4
    with store.read() as session:
        assert held(session, clock).left_g == 1_400_000


def test_two_methods_declared_at_one_instant_never_share_a_grade(
    store: Store, clock: SimulatedClock
):
    """Six desks declare groups that overlap, by either method: one group stands, with one method.

    The same group twice is refused as an edition that comes too early, another as an overlap.
    """
    start = Barrier(6)
    rolling = Terms(method="rolling_average", from_month="2026-03")
    wanted = [
        ("all", (), CREDIT_TERMS), ("all", (), rolling), ("cast", ("ADC12",), rolling),
        ("cast", ("ADC12",), CREDIT_TERMS), ("more", ("ADC12", "A380.0"), CREDIT_TERMS),
        ("more", ("ADC12", "A380.0"), rolling),
    ]  # fmt: skip

    def declare(asked):
        group, grades, terms = asked
        start.wait()
        try:
            with store.write() as session:
                scheme(session, clock, group=group, grades=grades, terms=terms)
        except Refusal as refused:
            return refused.code
        return "declared"

    for _ in range(3):  # once it stands, it stands
        with ThreadPoolExecutor(6) as threads:
            told = sorted(threads.map(declare, wanted))
        assert told.count("declared") <= 1
        assert set(told) <= {"declared", "product-group-overlaps", "credit-scheme-too-early"}
    with store.read() as session:
        (group,) = groups_of(session, site_code=SMELTER.code)
        (edition,) = editions(session, group=group)
        assert edition.method in {"credits", "rolling_average"}


def test_the_database_refuses_a_second_claim_of_a_kind_and_period(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        scheme(session, clock)
        cast = heat(session, clock).outputs[0]
        made = attribute(session, mass_g=1, **terms_of(clock, cast)).claim
        again = LotClaim(**made.model_dump(exclude={"id"}) | {"code": "OTHER"})
    with pytest.raises((IntegrityError, Busy)), store.write() as session:
        session.add(again)


def test_a_correction_ends_the_claims_that_its_lots_could_not_carry(
    store: Store, clock: SimulatedClock
):
    with store.write() as session:
        scheme(session, clock)
        scrap = brought(session, clock, mass_g=10 * TON, site=SMELTER, **PURE)
        clock.advance(minutes=1)
        made = claim_content(session, model="identity_preserved", **terms_of(clock, scrap))
        cast = heat(session, clock, post_g=10 * TON).outputs[0]
        attribute(session, mass_g=TON, **terms_of(clock, cast))
    with store.write() as session:
        wrong = said_anew(session, clock, scrap, mass_g=3 * TON)
        assert claims_of(session, lot=wrong.lot) == []
    with store.write() as session:
        told = [(claim.mass_g, counts) for claim, _lot, counts in claims_made(session)]
        assert told == [(TON, True), (10 * TON, False)]
        lot = queries.lot(session, code=scrap.code)
        again = claim_content(session, model="identity_preserved", **terms_of(clock, lot))
        assert (again.claim.mass_g, again.claim.again) == (3 * TON, 1)
        end = session.exec(select(LotClaimEnd)).one()
        assert (end.claim_id, end.event_hash) == (made.claim.key, wrong.event.hash)
    with store.write() as session:
        said_anew(session, clock, scrap, mass_g=4 * TON)  # still holds what was claimed
        assert [each.mass_g for each in claims_of(session, lot=lot)] == [3 * TON]
    with store.read() as session:
        assert audit(session) == []


def test_what_is_cut_off_a_claimed_lot_is_not_claimed_again(store: Store, clock: SimulatedClock):
    def cut(session, lot):
        clock.advance(minutes=1)
        return ledger.transform(
            session, clock=clock, kind="split", site=SMELTER, actor=ACTOR,
            inputs=[Taken(lot_code=lot.code, mass_g=4 * TON)],
            outputs=[Output(spec=INGOT, mass_g=4 * TON)],
        ).outputs[0]  # fmt: skip

    with store.write() as session:
        lot = brought(session, clock, mass_g=10 * TON, site=SMELTER, **PURE)
        early = cut(session, lot)
        made = claim_content(session, model="identity_preserved", **terms_of(clock, lot))
        late = cut(session, cut(session, lot))
        with pytest.raises(ClaimedAlready):
            claim_content(session, model="identity_preserved", **terms_of(clock, late))
        own = claim_content(session, model="identity_preserved", **terms_of(clock, early))
        assert made.claim.mass_g + own.claim.mass_g == 10 * TON
