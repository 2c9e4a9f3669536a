"""A passport tells recycled metal by a lot's own content or by credits, never by both."""

import orjson

from remelt.traceability import ledger
from remelt.traceability.audit.audit import audit
from remelt.traceability.ledger import Output, Taken
from remelt.traceability.passports.certifying import issue
from remelt.traceability.passports.claiming import attribute, issue_certificate, use_certificate
from remelt.traceability.proofs import certificates
from remelt.traceability.rules.credits import Terms
from remelt.web.passports import as_json, passport_page

from .ledger_world import ACTOR, HUB, INGOT, PRIMARY, SMELTER, brought
from .test_claims import TON, held, said_anew, scheme, terms_of

ALL = Terms(method="credits", from_month="2026-03", factor=(1, 1), expiry_months=12)
BOOKS = "mass-balance-attributed"


def cast(session, clock, *, spec=None, mass_g=4 * TON):
    """Melt one lot of ORG1 whole and return what was cast of it."""
    more = {"spec": spec} if spec else {}
    lot = brought(session, clock, mass_g=mass_g, site=SMELTER, metal_bp=None, **more)
    clock.advance(minutes=5)
    done = ledger.transform(
        session, clock=clock, kind="melt", site=SMELTER, actor=ACTOR,
        inputs=[Taken(lot_code=lot.code)], outputs=[Output(spec=INGOT, mass_g=mass_g)],
    )  # fmt: skip
    return done.outputs[0]


def told(session, clock, lot):
    """Return what the signed passport and the public page say, which is the same."""
    clock.advance(minutes=1)
    terms = {"base_url": "https://id.example", "actor": ACTOR, "site": HUB}
    made = issue(session, clock=clock, lot_code=lot.code, **terms).certificate
    said = orjson.loads(made.body)["credentialSubject"]
    page = as_json(passport_page(session, code=lot.code))
    assert page["recycled_content"] == said["recycled_content"]
    assert page["origin"] == said["origin"]
    return said


def figures(said):
    content = said["recycled_content"]
    return content["formula"], content["numerator_g"], content["denominator_g"]


def test_grams_that_became_credits_are_told_of_one_lot_only(store, clock):
    with store.write() as session:
        before = cast(session, clock)
        scheme(session, clock, terms=ALL)
        p = cast(session, clock)
        q = cast(session, clock, spec=PRIMARY)
    with store.write() as session:
        attribute(session, mass_g=3 * TON, **terms_of(clock, q))
    with store.write() as session:
        clock.advance(minutes=1)
        codes = [lot.code for lot in (before, p, q)]
        ledger.move(
            session, clock=clock, lot_codes=codes, kind="ship", to_site=HUB, custodian="ORG2",
            actor=ACTOR,
        )  # fmt: skip
    with store.write() as session:
        said = [told(session, clock, lot) for lot in (before, p, q)]
        assert [figures(each) for each in said] == [
            ("iso-14021-product", 4 * TON, 4 * TON),
            (BOOKS, 0, 4 * TON),
            (BOOKS, 3 * TON, 4 * TON),
        ]
        assert [each["recycled_content"]["wording"] for each in said[1:]] == ["attributed"] * 2
        assert sum(figures(each)[1] for each in said[1:]) + held(session, clock).left_g == 4 * TON
        for each in said[1:]:
            assert "post_consumer_g" not in each["recycled_content"]
            assert each["origin"] == {}
        assert said[0]["recycled_content"]["post_consumer_g"] == 4 * TON
        assert said[0]["origin"] == {"520000": 4 * TON}
    with store.read() as session:
        assert audit(session) == []


def test_a_piece_takes_no_claim_along_and_leaves_the_rest_its_share(store, clock):
    with store.write() as session:
        scheme(session, clock, terms=ALL)
        cast(session, clock)
        q = cast(session, clock, spec=PRIMARY)
        attribute(session, mass_g=3 * TON, **terms_of(clock, q))
        clock.advance(minutes=1)
        piece = ledger.transform(
            session, clock=clock, kind="split", site=SMELTER, actor=ACTOR,
            inputs=[Taken(lot_code=q.code, mass_g=2 * TON)],
            outputs=[Output(spec=INGOT, mass_g=2 * TON)],
        ).outputs[0]  # fmt: skip
    with store.write() as session:
        assert figures(told(session, clock, q)) == (BOOKS, 1_500_000, 2 * TON)
        assert figures(told(session, clock, piece)) == (BOOKS, 0, 2 * TON)


def test_a_certificate_is_all_that_its_lot_tells(store, clock):
    with store.write() as session:
        scheme(session, clock, terms=ALL)
        cast(session, clock)
        scrap = brought(session, clock, mass_g=3 * TON, owner="ORG2", custodian="ORG2")
        paper = issue_certificate(
            session, clock=clock, site_code=SMELTER.code, group_code="Al", mass_g=TON,
            owner="ORG1", beneficiary="ORG2", actor=ACTOR,
        )  # fmt: skip
        use_certificate(
            session, certificate_code=paper.code, **terms_of(clock, scrap, owner="ORG2")
        )
    with store.write() as session:
        said = told(session, clock, scrap)
        assert figures(said) == ("book-and-claim-certificate", 330_000, TON)
        assert said["recycled_content"]["wording"] == "certificate"


def test_a_correction_that_ends_a_claim_takes_it_out_of_the_figures_since(store, clock):
    with store.write() as session:
        scheme(session, clock, terms=ALL)
        cast(session, clock)
        q = brought(session, clock, mass_g=4 * TON, site=SMELTER, spec=PRIMARY)
        attribute(session, mass_g=3 * TON, **terms_of(clock, q))
    with store.write() as session:
        assert figures(told(session, clock, q)) == (BOOKS, 750_000, TON)
        said_anew(session, clock, q, mass_g=2 * TON)  # less than was claimed
    with store.write() as session:
        said = told(session, clock, q)
        assert figures(said) == (BOOKS, 0, TON)
        (revised,) = said["revisions"]
        both = [revised[when]["numerator_g"] for when in ("before", "after")]
        assert both == [750_000, 0]
        assert revised["before"]["formula"] == BOOKS
        assert held(session, clock).left_g == 4 * TON


def test_a_claim_ends_the_passport_that_did_not_know_of_it(store, clock):
    with store.write() as session:
        scheme(session, clock, terms=ALL)
        cast(session, clock)
        q = cast(session, clock, spec=PRIMARY)
        other = cast(session, clock)
        clock.advance(minutes=1)
        ledger.move(
            session, clock=clock, lot_codes=[q.code, other.code], kind="ship", to_site=HUB,
            custodian="ORG2", actor=ACTOR,
        )  # fmt: skip
    with store.write() as session:
        assert figures(told(session, clock, q)) == (BOOKS, 0, 4 * TON)
        told(session, clock, other)
    with store.write() as session:
        made = attribute(session, mass_g=3 * TON, **terms_of(clock, q))
        assert certificates.in_force(session, lot_id=q.key) is None
        assert certificates.in_force(session, lot_id=other.key) is not None
        [ended] = certificates.of_lot(session, lot_id=q.key)
        assert (ended.status, ended.end.reason) == ("superseded", "claim")
        assert ended.end.event_hash == made.event.hash
    with store.write() as session:
        said = told(session, clock, q)
        assert figures(said) == (BOOKS, 3 * TON, 4 * TON)
        assert [each["reason"] for each in said["supersedes"]] == ["claim"]
