"""Drafts published once, whoever asks and how often; and a seller's list read cell by cell."""

import io
import threading
from datetime import timedelta

import pytest
from openpyxl import Workbook
from sqlmodel import func, select

from remelt.platform.kernel.sheets.errors import FileTooLarge, HeadingsMissing, ImportHasErrors
from remelt.platform.market.drafts import FixedPrice
from remelt.platform.market.errors import TooManyPhotos
from remelt.platform.market.kinds import Conditions, Descending, Sealed
from remelt.platform.market.models import Listing
from remelt.platform.market.preparing import importing, keeping
from remelt.platform.market.preparing.errors import (
    DraftIncomplete,
    DraftIsDropped,
    DraftIsPublished,
    NoSuchDraft,
    UnreadableDraft,
)
from remelt.platform.market.preparing.filerows import parse
from remelt.platform.market.preparing.models import LotDraft
from remelt.platform.market.preparing.said import draft_of, missing_of, said_of
from remelt.platform.parties.errors import NoSuchSite
from remelt.traceability import queries as ledger
from tests.market import AUCTION, FIXED, NOON, a_draft
from tests.parties import Party, a_party

SEALED = Sealed(start_fen_per_t=1_400_000, reserve_fen_per_t=1_500_000)
FALLING = Descending(
    start_fen_per_t=1_600_000, floor_fen_per_t=1_200_000, lower_by_fen_per_t=5_000,
    lower_every_s=60, step_fen_per_t=5_000,
)  # fmt: skip


@pytest.fixture
def people(store, clock) -> dict[str, Party]:
    with store.write() as session:
        return {name: a_party(session, clock=clock) for name in ("seller", "other")}


def kept(store, clock, seller: Party, **changes) -> str:
    """The code of a whole draft, kept."""
    said = said_of(a_draft(price=FIXED)) | changes
    with store.write() as session:
        return keeping.keep_draft(
            session, clock=clock, seller_id=seller.organisation.key, person_id=seller.person.key,
            site_id=seller.site.key, said={k: v for k, v in said.items() if v is not None},
        ).code  # fmt: skip


def put_out(store, clock, seller: Party, code: str) -> str:
    with store.write() as session:
        return keeping.publish_draft(
            session, clock=clock, code=code, seller_id=seller.organisation.key,
            person_id=seller.person.key,
        ).code  # fmt: skip


def listings(store) -> int:
    with store.read() as session:
        return session.exec(select(func.count()).select_from(Listing)).one()


@pytest.mark.parametrize("price", [FIXED, AUCTION, SEALED, FALLING])
def test_a_draft_is_said_and_read_back_whole(price):
    asked = Conditions(deposit_fen=500_000, reserve_open=True)
    draft = a_draft(price=price, title="旧料", closes_at=NOON + timedelta(days=1), conditions=asked)
    said = said_of(draft)
    assert draft_of(said, open_s=86_400, now=NOON) == draft
    assert missing_of(said) == ()


def test_a_retried_publish_makes_one_listing(store, clock, people):
    seller = people["seller"]
    code = kept(store, clock, seller)
    first = put_out(store, clock, seller, code)
    clock.advance(minutes=5)
    assert {put_out(store, clock, seller, code) for _again in range(3)} == {first}
    assert listings(store) == 1
    with store.read() as session:
        lot_code = session.exec(select(Listing.lot_code)).one()
        assert ledger.lot(session, code=lot_code).declared_mass_g == 2_000_000


def test_many_who_publish_one_draft_at_once_make_one_listing(store, clock, people):
    seller = people["seller"]
    code = kept(store, clock, seller)
    start, made = threading.Barrier(6), []

    def publish() -> None:
        start.wait()
        made.append(put_out(store, clock, seller, code))

    threads = [threading.Thread(target=publish) for _each in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == 6
    assert len(set(made)) == 1
    assert listings(store) == 1


def test_a_draft_may_lack_anything_and_says_what(store, clock, people):
    seller = people["seller"]
    code = kept(store, clock, seller, declared_mass_g=None, price=None)
    with pytest.raises(DraftIncomplete) as refused:
        put_out(store, clock, seller, code)
    assert refused.value.field == "declared_mass_g"
    with store.write() as session:
        keeping.change_draft(
            session, clock=clock, code=code, seller_id=seller.organisation.key,
            said=said_of(a_draft(price=FIXED)),
        )  # fmt: skip
    with pytest.raises(DraftIncomplete) as refused:
        put_out(store, clock, seller, code)
    assert refused.value.field == "site"
    assert listings(store) == 0


def test_a_draft_is_its_sellers_alone_and_ends_once(store, clock, people):
    seller, other = people["seller"], people["other"]
    code = kept(store, clock, seller)
    with pytest.raises(NoSuchDraft):
        put_out(store, clock, other, code)
    with store.write() as session:
        keeping.drop_draft(session, clock=clock, code=code, seller_id=seller.organisation.key)
        keeping.drop_draft(session, clock=clock, code=code, seller_id=seller.organisation.key)
    with pytest.raises(DraftIsDropped):
        put_out(store, clock, seller, code)
    out = kept(store, clock, seller)
    put_out(store, clock, seller, out)
    own = {"code": out, "seller_id": seller.organisation.key, "clock": clock}
    with pytest.raises(DraftIsPublished), store.write() as session:
        keeping.drop_draft(session, **own)
    with pytest.raises(DraftIsPublished), store.write() as session:
        keeping.change_draft(session, **own, said={})


@pytest.mark.parametrize(
    "said",
    [
        {"colour": "red"},
        {"title": "长" * 2_001},
        {"price": {"mode": "swap"}},
        {"price": {"mode": "fixed", "start_fen_per_t": 1}},
        {"price": 5},
        {"price": {"mode": ["fixed"]}},
        {"price": {"mode": "fixed", "price_fen_per_t": "5"}},
        {"price": {"mode": "fixed", "price_fen_per_t": True}},
        {"declared_mass_g": "640"},
        {"declared_mass_g": 640.5},
        {"productive": 1},
        {"conditions": {"deposit_fen": "5"}},
        {"conditions": []},
        {"closes_at": "2026"},
    ],
)
def test_what_no_listing_has_is_not_kept(store, clock, people, said):
    with pytest.raises(UnreadableDraft):
        kept(store, clock, people["seller"], **said)


def test_a_draft_takes_as_many_photos_as_a_listing(store, clock, people):
    with pytest.raises(TooManyPhotos), store.write() as session:
        keeping.keep_draft(
            session, clock=clock, seller_id=people["seller"].organisation.key,
            person_id=people["seller"].person.key, said={}, photos=[None] * 13,  # type: ignore[list-item]
        )  # fmt: skip


GOOD = """我的货
编号,品名,重量(公斤),单价(元/斤),方式,底价(元/吨),形态,来源,含税,税率,安全检查,天数,备注
A1,旧型材,640,6.45,一口价,,散装,旧料,否,,是,3,干净
A2,易拉罐,"12,500",5.5,竞价,11500,打包,旧料,是,13%,是,,
合计,,13140,,,,,,,,,,
"""


def dry(session, clock, seller: Party, text: str, **units):
    parsed = parse(text.encode(), filename="f.csv", **units)
    return importing.dry_run(
        session, clock=clock, seller_id=seller.organisation.key, site_id=seller.site.key,
        parsed=parsed,
    )  # fmt: skip


def take(store, clock, seller: Party, content: bytes, *, publish: bool = True):
    with store.write() as session:
        return importing.import_lots(
            session, clock=clock, seller_id=seller.organisation.key,
            person_id=seller.person.key, site_id=seller.site.key,
            parsed=parse(content, filename="f"), publish=publish,
        )  # fmt: skip


def test_a_list_of_lots_is_published_whole_and_once(store, clock, people):
    seller = people["seller"]
    with store.read() as session:
        preview = dry(session, clock, seller, GOOD)
        assert preview.problems == ()
        one, two = preview.lots
        assert (one.grade.code, one.draft.declared_mass_g) == ("Tutu", 640_000)
        assert one.draft.price == FixedPrice(price_fen_per_t=1_290_000)
        assert one.draft.closes_at == NOON + timedelta(days=3)
        assert (two.draft.form, two.draft.vat_rate_bp, two.draft.tax_included) == (
            "bale",
            1300,
            True,
        )
        assert two.draft.price.reserve_fen_per_t == 1_150_000
    done = take(store, clock, seller, GOOD.encode())
    assert [row.from_row for row in done.drafts] == [3, 4]
    assert len(done.listings) == listings(store) == 2
    again = take(store, clock, seller, GOOD.encode())
    assert (again.drafts, again.known, listings(store)) == ((), 2, 2)


def test_a_workbook_is_read_like_its_text_and_kept_as_drafts(store, clock, people):
    book, out = Workbook(), io.BytesIO()
    for line in GOOD.splitlines():
        book.active.append(
            [cell.strip('"') for cell in line.replace('"12,500"', "12500").split(",")]
        )
    book.save(out)
    done = take(store, clock, people["seller"], out.getvalue(), publish=False)
    assert (len(done.drafts), done.listings, listings(store)) == (2, (), 0)
    assert done.drafts[1].said["price"]["start_fen_per_t"] == 1_100_000


HEAD = "品名,重量(kg),单价(元/吨),安全检查,编号,方式,产地,生产性,证明编号,天数\n"


@pytest.mark.parametrize(
    ("row", "cell", "rule"),
    [
        (",640,12900,是", "A2", "cell-empty"),
        ("没有这种,640,12900,是", "A2", "cell-unknown-grade"),
        ("机件生铝,,12900,是", "B2", "cell-empty"),
        ("旧型材,六百,12900,是", "B2", "cell-not-a-number"),
        ("旧型材,0.5,12900,是", "B2", "mass-out-of-bounds"),
        ("旧型材,640,-5,是", "C2", "cell-not-a-number"),
        ("旧型材,640,0,是", "C2", "price-out-of-bounds"),
        ("旧型材,640,12900,", "D2", "cell-not-checked"),
        ("旧型材,640,12900,否", "D2", "cell-not-checked"),
        ("旧型材,640,12900,也许", "D2", "cell-unknown-word"),
        ("旧型材,640,12900,是,,竞价", "B2", "too-small-for-auction"),
        ("旧型材,640,12900,是,,送人", "F2", "cell-unknown-word"),
        ("旧型材,640,12900,是,,,52", "G2", "bad-track"),
        ("旧型材,640,12900,是,,,,是", "I2", "certificate-missing"),
        ("旧型材,640,12900,是,,,,,,31", "J2", "cell-unknown-word"),
        ("旧型材,640,12900,是,A1\n易拉罐,5,9000,是,A1", "E2", "cell-number-taken"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_mistake_is_named_by_its_cell(store, clock, people, row, cell, rule):
    with store.read() as session:
        found = dry(session, clock, people["seller"], HEAD + row + "\n").problems
    assert (found[0].cell, found[0].refusal.code) == (cell, rule)
    with pytest.raises(ImportHasErrors):
        take(store, clock, people["seller"], (HEAD + row + "\n").encode())
    assert listings(store) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_word_of_several_grades_is_asked_back_and_a_code_is_not(store, clock, people):
    with store.read() as session:
        found = dry(session, clock, people["seller"], HEAD + "Shredded electric motors,5,1,是\n")
        assert found.problems[0].refusal.code == "cell-ambiguous-grade"
        coded = dry(session, clock, people["seller"], HEAD + "ReMA Tutu,5,1,是\n")
        assert coded.lots[0].grade.code == "Tutu"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_a_list_is_refused_whole(store, clock, people):
    with pytest.raises(HeadingsMissing):
        parse("甲,乙\n1,2\n".encode(), filename="f.csv")
    many = HEAD + "旧型材,5,1,是\n" * 501
    with pytest.raises(FileTooLarge), store.read() as session:
        dry(session, clock, people["seller"], many)
    with pytest.raises(NoSuchSite), store.read() as session:
        importing.dry_run(
            session, clock=clock, seller_id=people["seller"].organisation.key,
            site_id=people["other"].site.key, parsed=parse(GOOD.encode(), filename="f.csv"),
        )  # fmt: skip


def test_own_numbers_are_given_once(store, clock, people):
    seller = people["seller"]
    take(store, clock, seller, (HEAD + "旧型材,640,12900,是,A1\n").encode(), publish=False)
    with pytest.raises(ImportHasErrors):
        take(store, clock, seller, (HEAD + "易拉罐,5,9000,是,A1\n").encode())
    take(store, clock, people["other"], (HEAD + "易拉罐,5,9000,是,A1\n").encode())
    with store.read() as session:
        assert session.exec(select(func.count()).select_from(LotDraft)).one() == 2
