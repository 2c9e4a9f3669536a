"""Who was erased is nowhere in the database: no code, no name, no telephone number."""

import pytest
from sqlalchemy import delete, insert, inspect, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from remelt.migrations.ddl import ERASABLE, INSERT_ONLY
from remelt.migrations.tables import metadata
from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.codes import BadCode, new_code
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.scrubbing import ErasurePermit, _marked, erase_row
from remelt.platform.parties.errors import NoSuchPerson
from remelt.platform.parties.forgetting import codes_of_persons
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import inputs_hash
from remelt.platform.yard.models import SellerCard
from remelt.traceability.audit.audit import audit
from remelt.traceability.credits.accounts import all_groups, heats
from remelt.traceability.models import Lot, MeltLine
from remelt.traceability.models_restating import LotBefore
from remelt.web.cli import main
from remelt.web.erasing import erase_person, erase_whom_due
from tests.loop import bring
from tests.market import a_contract
from tests.parties import a_colleague, a_party
from tests.yard import bought, hang_out

from .ledger_world import INGOT, PRIMARY, SMELTER, brought
from .test_claims import heat, melted, scheme

TERM = 1_096
TON = 1_000_000


def left(store, traces) -> list[str]:
    """Return every row in which a trace is left."""
    return [row for row in dump(store).splitlines() if any(trace in row for trace in traces)]


def stones(store) -> dict[str, list[str]]:
    """Return every row of every insert-only table, without the texts that may be erased."""
    found = {}
    with store.engine.connect() as connection:
        for name in INSERT_ONLY:
            table = metadata.tables[name]
            kept = [each for each in table.c if each.name not in ERASABLE.get(name, ())]
            rows = connection.execute(select(*kept).order_by(table.c.id))
            found[name] = [repr(tuple(row)) for row in rows]
    return found


def dump(store) -> str:
    """Return every row of every table as text."""
    with store.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        rows = (connection.execute(text(f'SELECT * FROM "{name}"')) for name in names)  # noqa: S608
        return "\n".join(repr(tuple(row)) for each in rows for row in each)


@pytest.fixture
def sold(store, clock):
    """A collector of one person who brought in a lot and sold one by contract."""
    with store.write() as session:
        load_package_data(session)
        seller = a_party(session, clock=clock, name="石阡罗大山", legal_form="household")
        seller.person.name, seller.person.phone = "罗大山本人", "13987650001"
        session.add(seller.person)
        smelter = a_party(session, clock=clock, role="smelter")
        bring(session, clock=clock, party=seller)
        a_contract(session, clock=clock, seller=seller, buyer=smelter)
    traces = (seller.person.code, "罗大山", "13987650001", seller.person.login,
              seller.organisation.code, seller.site.name_zh)  # fmt: skip
    return seller.person.code, traces


def test_a_dump_of_everything_holds_no_trace_of_who_was_erased(store, clock, sold):
    code, traces = sold
    before = dump(store)
    assert all(trace in before for trace in traces)
    with store.read() as session:
        rows = len(session.exec(select(OutboxRow.id)).all())
    hewn = stones(store)
    clock.advance(days=TERM)
    with store.write() as session:
        done = erase_person(session, clock=clock, code=f" {code.lower()} ", keep_days=TERM)
        assert done.until is None
        assert done.values
    assert left(store, traces) == []
    with store.read() as session:
        kept = session.exec(select(OutboxRow)).all()
        assert len(kept) == rows
        assert audit(session) == []
    assert stones(store) == hewn


def test_the_trail_stays_closed_to_changes_after_an_erasure(store, clock, sold):
    clock.advance(days=TERM)
    with store.write() as session:
        erase_person(session, clock=clock, code=sold[0], keep_days=TERM)
    with pytest.raises(Exception, match="outbox is insert-only"), store.write() as session:
        session.connection().execute(text("UPDATE outbox SET name = 'x'"))


def test_no_trigger_is_ever_away_and_only_the_row_at_hand_may_lose_its_text(store, clock, sold):
    """Meanwhile too: another row, another column and any deletion are refused as ever."""
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=hub)
        for _ in range(2):
            bought(session, clock=clock, hub=hub)
    ticket = metadata.tables["ticket"]
    with store.read() as session:
        ids = list(session.exec(select(ticket.c.id).order_by(ticket.c.id)))
    refused = [
        update(ticket).where(ticket.c.id == ids[1]).values(plate="x"),
        update(ticket).where(ticket.c.id == ids[0]).values(number=99),
        update(ticket).where(ticket.c.id == ids[0]).values(plate="x", number=99),
        delete(ticket).where(ticket.c.id == ids[0]),
        text("UPDATE outbox SET name = 'x'"),
        text("UPDATE settlement SET amount_fen = 0"),
    ]
    for statement in refused:
        with store.write() as session:
            run = session.connection().execute
            run(insert(ErasurePermit).values(table_name="ticket", row_id=ids[0]))
            run(update(ticket).where(ticket.c.id == ids[0]).values(plate="erased"))
            with pytest.raises(DBAPIError, match="is insert-only"), session.begin_nested():
                run(statement)
            session.rollback()
    with store.write() as session:
        erase_row(session, ticket, row_id=ids[0], values={ticket.c.plate: "erased"})
        with pytest.raises(DBAPIError, match="ticket is insert-only"), session.begin_nested():
            session.connection().execute(
                update(ticket).where(ticket.c.id == ids[0]).values(plate="x")
            )
    with store.read() as session:
        assert session.exec(select(ticket.c.plate).where(ticket.c.id == ids[0])).one() == "erased"


def test_a_settlement_with_who_is_erased_is_not_touched(store, clock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=hub)
        bought(session, clock=clock, hub=hub)
        card = session.exec(select(SellerCard.code)).one()
    with store.read() as session:
        before = [row.model_dump() for row in session.exec(select(Settlement))]
    assert card not in repr(before)
    clock.advance(days=TERM)
    with store.write() as session:
        erase_person(session, clock=clock, code=card, keep_days=TERM)
    with store.read() as session:
        rows = list(session.exec(select(Settlement)))
        assert [row.model_dump() for row in rows] == before != []
        assert all(inputs_hash(row.inputs) == row.inputs_sha256 for row in rows)


def credited(store) -> list[tuple[str, str]]:
    """Return what every heat brought to whom, as credit accounts count it."""
    with store.read() as session:
        (group,) = all_groups(session)
        return sorted((repr(each.intake), each.owner) for each in heats(session, group=group))


def test_two_owners_of_one_heat_who_are_erased_keep_their_grams_apart(store, clock):
    """However many are erased, and in any order: no gram of an account is lost or merged."""
    with store.write() as session:
        people = [a_party(session, clock=clock, legal_form="household") for _ in range(3)]
        scheme(session, clock)
        heat(session, clock)
        owners = [each.organisation.code for each in people]
        terms = {"site": SMELTER, "metal_bp": None}
        lots = [
            brought(session, clock, owner=owner, mass_g=at * TON, spec=spec, **terms)
            for at, owner in enumerate(owners, start=1)
            for spec in (INGOT, PRIMARY)
        ]
        melted(session, clock, lots, out_g=12 * TON)
        codes = [each.person.code for each in people]
    before = credited(store)
    assert {owner for _, owner in before} == {"ORG1", *owners}
    clock.advance(days=TERM)
    for gone, code in enumerate(codes, start=1):
        with store.write() as session:
            erase_person(session, clock=clock, code=code, keep_days=TERM)
            assert audit(session) == []
        after = credited(store)
        assert [figures for figures, _ in after] == [
            figures for figures, _ in before
        ]  # to the gram
        assert len(set(after)) == len(before)  # each heat's owners by codes of their own
        assert {owner for _, owner in after} >= {"ORG1", *owners[gone:]}
        assert left(store, owners[:gone]) == []


@pytest.mark.parametrize(
    ("row", "change"),
    [
        (MeltLine, {"credited": []}),
        (MeltLine, {"owners": ["x"], "credited": []}),
        (MeltLine, {"figures": {}}),
        (LotBefore, {"lot": {}}),
        (LotBefore, {"owner": "x", "lot": {}}),
    ],
)
def test_a_permit_opens_names_and_no_figure(store, clock, row, change):
    with store.write() as session:
        scheme(session, clock)
        heat(session, clock)
    table = metadata.tables[row.__tablename__]
    with store.write() as session:
        run = session.connection().execute
        row_id = run(select(table.c.id).order_by(table.c.id)).scalars().first()
        run(insert(ErasurePermit).values(table_name=table.name, row_id=row_id))
        with pytest.raises(DBAPIError, match="is insert-only"), session.begin_nested():
            run(update(table).where(table.c.id == row_id).values(change))
        session.rollback()


def test_names_in_json_are_never_merged():
    value = {"ORG1": {"g": 1}, "ORG2": {"g": 2}, "x": ["ORG1", "of ORG1", "罗大山"], "罗大山": 3}
    once = _marked(value, ("ORG1", "罗大山"), "FRESH1")
    assert once["FRESH1"] == {"g": 1}
    assert once["x"] == ["FRESH1", "erased", "erased"]
    twice = _marked(once, ("ORG2", "某某"), "FRESH2")
    assert twice["FRESH2"] == {"g": 2}
    assert next(iter(twice.values())) == {"g": 1}
    assert list(twice.values())[-1] == 3
    assert len(twice) == len(value)


def test_within_the_term_person_and_organisation_wait_together(store, clock, sold):
    code, traces = sold
    with store.write() as session:
        until = erase_person(session, clock=clock, code=code, keep_days=TERM).until
        assert until is not None
    assert all(trace in dump(store) for trace in traces)
    clock.advance(days=TERM + 1)
    with store.write() as session:
        assert erase_whom_due(session, clock=clock, keep_days=TERM) == 2
    assert left(store, traces) == []


def test_who_sold_at_a_gate_is_erased_by_the_card(store, clock):
    with store.write() as session:
        hub = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=hub)
        bought(session, clock=clock, hub=hub)
        card = session.exec(select(SellerCard.code)).one()
    traces = (card, "张三", "13800001234", "贵A12345")
    clock.advance(days=TERM)
    with store.write() as session:
        erase_person(session, clock=clock, code=card, keep_days=TERM)
    assert left(store, traces) == []
    with store.read() as session:
        assert session.exec(select(Lot.id).where(col(Lot.supplier).contains(card))).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_enterprise_and_a_household_of_two_outlive_who_leaves_them(store, clock):
    with store.write() as session:
        firm = a_party(session, clock=clock, name="福泉某厂")
        both = a_party(session, clock=clock, name="两人户", legal_form="household")
        a_colleague(session, clock=clock, of=both)
        logins = [firm.person.login, both.person.login]
        for party in (firm, both):
            erase_person(session, clock=clock, code=party.person.code, keep_days=TERM)
    after = dump(store)
    assert "福泉某厂" in after
    assert "两人户" in after
    assert [login for login in logins if login in after] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_is_not_known_is_not_erased(store, clock):
    with store.write() as session:
        with pytest.raises(NoSuchPerson):
            erase_person(session, clock=clock, code=new_code(), keep_days=TERM)
        with pytest.raises(BadCode):
            erase_person(session, clock=clock, code="NOBODY", keep_days=TERM)


def test_the_command_refuses_an_unknown_person(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REMELT_HOME", str(tmp_path / "home"))
    assert main(["init"]) == 0
    for code in ("NOBODY", new_code()):
        assert main(["people", "erase", code]) == 2
    said = capsys.readouterr()
    assert "erased" not in said.out
    assert "no-such-person" in said.err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_an_enterprise_in_the_register_may_be_named(store, clock):
    with store.write() as session:
        firm = a_party(session, clock=clock)
        forms = ("household", "natural_person")
        closed = [a_party(session, clock=clock, legal_form=form) for form in forms]
        shown = {firm.organisation.code, firm.site.code}
        hidden = {code for each in closed for code in (each.organisation.code, each.site.code)}
        hidden.add("NOTHERE")
        assert codes_of_persons(session, codes=shown | hidden) == hidden
