"""Organisations, people and papers on a real database."""

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.errors import Busy
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.store import Store
from remelt.platform.parties import errors, filings, people, queries, registering, rules
from remelt.platform.parties.models import Filing, Membership, Site
from tests.parties import a_party


def test_a_party_is_found_by_code_and_capability(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        a_party(session, clock=clock, role="smelter")
    with store.read() as session:
        found = queries.site(session, code=hub.site.code)
        assert found.capabilities == {"purchase_point", "hub", "carry", "trade"}
        assert [s.code for s, _ in queries.sites_that(session, capability="hub")] == [found.code]
        sites = queries.sites_of(session, organisation_id=hub.organisation.key, capability="hub")
        assert [s.code for s in sites] == [found.code]
        assert queries.organisations(session, text=hub.organisation.name_zh)[0].code == (
            hub.organisation.code
        )
        assert queries.organisations(session, text="%") == []


def test_a_site_of_another_organisation_is_not_found(store: Store, clock: SimulatedClock):
    with store.write() as session:
        own, other = (a_party(session, clock=clock, role="hub") for _ in range(2))
    with pytest.raises(errors.NoSuchSite), store.write() as session:
        registering.change_site(
            session,
            clock=clock,
            site_code=other.site.code,
            organisation_id=own.organisation.key,
            opens_min=0,
        )


def test_a_site_changes_and_closes_openly(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
    with store.write() as session:
        registering.change_site(
            session,
            clock=clock,
            site_code=hub.site.code,
            capabilities=("hub",),
            closes_min=1200,
            name_en="",
        )
    with store.write() as session:
        registering.end_site(session, clock=clock, site_code=hub.site.code)
    with store.read() as session:
        site = session.exec(select(Site)).one()
        assert (site.closes_min, site.capabilities, site.name_en) == (1200, {"hub"}, site.name_zh)
        assert queries.sites_of(session, organisation_id=hub.organisation.key) == []
        names = [row.name for row in session.exec(select(OutboxRow))]
        assert names[-2:] == ["site-changed", "site-ended"]
    with pytest.raises(errors.SiteClosed), store.write() as session:
        registering.change_site(session, clock=clock, site_code=hub.site.code, opens_min=0)


def test_the_database_too_refuses_a_site_that_cannot_be(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
    for bad in ({"opens_min": 1300}, {"lat_e6": None}, {"scale_division_g": 0}):
        with pytest.raises(IntegrityError), store.write() as session:
            site = queries.site(session, code=hub.site.code)
            for name, value in bad.items():
                setattr(site, name, value)


def test_a_login_is_given_once(store: Store, clock: SimulatedClock):
    with store.write() as session:
        a_party(session, clock=clock, login="wang")
    with pytest.raises(errors.LoginTaken), store.write() as session:
        a_party(session, clock=clock, login="ＷＡＮＧ")


def test_rights_end_with_the_membership(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
    with store.read() as session:
        assert queries.actor(session, membership_id=hub.membership.key) == hub.actor
    clock.advance(hours=1)
    with store.write() as session:
        people.leave(session, clock=clock, membership_code=hub.membership.code)
    with store.read() as session:
        assert queries.actor(session, membership_id=hub.membership.key) is None
        line = queries.memberships(session, person_id=hub.person.key, ended=True)[0]
        assert line.ended_at == clock.now()
        assert queries.memberships(session, person_id=hub.person.key) == []
    with pytest.raises(errors.MembershipEnded), store.write() as session:
        people.leave(session, clock=clock, membership_code=hub.membership.code)


def test_who_may_not_sign_in_has_no_rights(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        people.set_active(session, clock=clock, person_code=hub.person.code, active=False)
    with store.read() as session:
        assert queries.actor(session, membership_id=hub.membership.key) is None


def test_one_role_is_held_once_at_a_time(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
    same = {
        "clock": clock,
        "person_id": hub.person.key,
        "organisation_id": hub.organisation.key,
        "role": "hub",
    }
    with pytest.raises(errors.AlreadyMember), store.write() as session:
        people.join(session, **same)
    # The database refuses too: PostgreSQL's breach reads as a lost race, SQLite's as our own fault.
    with pytest.raises((IntegrityError, Busy)), store.write() as session:
        session.add(
            Membership(
                code="TWICE",
                person_id=hub.person.key,
                organisation_id=hub.organisation.key,
                role="hub",
                since=clock.now(),
            )
        )
    clock.advance(minutes=1)
    with store.write() as session:
        people.leave(session, clock=clock, membership_code=hub.membership.code)
        people.join(session, **same)


def test_a_membership_of_another_organisation_is_not_found(store: Store, clock: SimulatedClock):
    with store.write() as session:
        own, other = (a_party(session, clock=clock, role="hub") for _ in range(2))
    with pytest.raises(errors.NoSuchMembership), store.write() as session:
        people.leave(
            session,
            clock=clock,
            membership_code=other.membership.code,
            organisation_id=own.organisation.key,
        )


def test_the_last_operator_stays(store: Store, clock: SimulatedClock):
    with store.write() as session:
        first, second = (a_party(session, clock=clock, role="operator") for _ in range(2))
    with store.write() as session:
        people.leave(session, clock=clock, membership_code=first.membership.code)
    with pytest.raises(errors.LastOperator), store.write() as session:
        people.leave(session, clock=clock, membership_code=second.membership.code)


def test_productive_scrap_waits_for_a_verified_filing(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        filing = filings.add_filing(
            session,
            clock=clock,
            organisation_id=hub.organisation.key,
            kind="productive_scrap",
            number="黔公特〔2026〕1号",
            valid_until=date(2026, 3, 3),
        )
    buys = {"clock": clock, "organisation_id": hub.organisation.key, "productive": True}
    with pytest.raises(errors.NotAuthorised), store.read() as session:
        filings.check_may_buy(session, **buys)
    with store.write() as session:
        filings.verify_filing(
            session, clock=clock, filing_code=filing.code, by_person_id=hub.person.key
        )
    with store.read() as session:
        filings.check_may_buy(session, **buys)
    clock.advance(days=2)
    with pytest.raises(errors.NotAuthorised), store.read() as session:
        filings.check_may_buy(session, **buys)


def test_a_filing_out_of_date_is_refused(store: Store, clock: SimulatedClock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
    with pytest.raises(errors.FilingOutOfDate), store.write() as session:
        filings.add_filing(
            session,
            clock=clock,
            organisation_id=hub.organisation.key,
            kind="mofcom",
            number="1",
            valid_until=date(2026, 3, 1),
        )


def test_the_rule_and_the_query_agree_on_every_filing(store: Store, clock: SimulatedClock):
    today = date(2026, 3, 2)
    now = clock.now()
    untils = (None, today - timedelta(days=1), today, today + timedelta(days=1))
    for verified, ended, until in product((None, now), (None, now), untils):
        with store.write() as session:
            hub = a_party(session, clock=clock, role="hub")
            filing = Filing(
                code=f"F{hub.organisation.key}"[-14:],
                organisation_id=hub.organisation.key,
                kind="mofcom",
                number="1",
                handed_in_at=now,
                verified_at=verified,
                ended_at=ended,
                valid_until=until,
            )
            session.add(filing)
        with store.read() as session:
            held = queries.filing_kinds(session, organisation_id=hub.organisation.key, on=today)
        assert ("mofcom" in held) is rules.in_force(filing, on=today)


def test_who_pays_does_not_loosen_the_second_persons_threshold(store, clock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")  # a second person above 10,000 yuan
        own = {"session": session, "clock": clock, "organisation_id": hub.organisation.key}
        site = {"site_code": hub.site.code, "by_operator": False}
        registering.change_site(**own, **site, second_person_above_fen=1_000_000, opens_min=300)
        for fen in (None, 0, 2_000_000):
            with pytest.raises(errors.ThresholdByOperator):
                registering.change_site(**own, **site, second_person_above_fen=fen)
        new = {"name_zh": "新场", "name_en": "", "adcode": "520115", "capabilities": ("hub",)}
        for fen in (None, 1_000_001):
            with pytest.raises(errors.ThresholdByOperator):
                registering.add_site(**own, **new, second_person_above_fen=fen, by_operator=False)
        registering.add_site(**own, **new, second_person_above_fen=500_000, by_operator=False)
        registering.change_site(**own, site_code=hub.site.code, second_person_above_fen=None)
