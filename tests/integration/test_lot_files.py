"""A seller's list of lots as strict readers send it: merged cells, long words, many rows."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.outbox import OutboxRow
from remelt.platform.kernel.sheets.errors import TooManyRows
from remelt.platform.market.models import Listing
from remelt.platform.market.preparing import importing, keeping
from remelt.platform.market.preparing.errors import TooManyDrafts
from remelt.platform.market.preparing.filerows import parse
from remelt.platform.market.search import BoardFilter, open_listings
from remelt.traceability.models import Lot
from tests.counting import Counting
from tests.market import NOON
from tests.parties import Party, a_party

HEAD = ("品名", "重量(kg)", "单价(元/吨)", "安全检查", "备注")


@pytest.fixture
def seller(store, clock) -> Party:
    with store.write() as session:
        load_package_data(session)
        return a_party(session, clock=clock)


def workbook(*rows: tuple, merged: tuple[str, ...] = ()) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (HEAD, *rows):
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(out)
    return out.getvalue()


def take(store, clock, seller: Party, content: bytes, *, publish: bool = False):
    with store.write() as session:
        return importing.import_lots(
            session, clock=clock, seller_id=seller.organisation.key,
            person_id=seller.person.key, site_id=seller.site.key,
            parsed=parse(content, filename="f"), publish=publish,
        )  # fmt: skip


def test_a_cell_merged_over_rows_is_refused_in_each_of_them():
    rows = [("旧型材", 600, 12900, "是", ""), *[(None, None, None, None, None)] * 2]
    rows[1] = ("易拉罐", None, 9000, None, "干")
    rows[2] = ("易拉罐", 80, 9000, "是", None)
    found = parse(workbook(*rows, merged=("B2:B3", "D2:D3", "E3:E4")), filename="f.xlsx")
    assert [(each.cell, each.refusal.code) for each in found.problems] == [
        ("B3", "cell-merged"), ("D3", "cell-merged"), ("E4", "cell-merged"),
    ]  # fmt: skip
    assert [row.row for row in found.rows] == [2]


def test_cells_merged_beside_each_other_or_beyond_the_columns_hurt_nobody():
    found = parse(
        workbook(("旧型材", 600, 12900, "是", ""), merged=("A3:E9", "G1:H40", "E2:F2")),
        filename="f.xlsx",
    )
    assert (len(found.rows), found.problems) == (1, ())


def test_a_workbook_merged_all_over_is_refused_not_worked_at():
    areas = [f"A{n}:CV{n + 4000}" for n in range(2, 60)]
    book = io.BytesIO(workbook(("旧型材", 600, 12900, "是", ""), merged=tuple(areas[:1])))
    patched = _with_merges(book.getvalue(), areas)
    began = time.process_time()
    with pytest.raises(TooManyRows):
        parse(patched, filename="f.xlsx")
    assert time.process_time() - began < 5


def _with_merges(content: bytes, areas: list[str]) -> bytes:
    """The workbook with merged areas that its library would refuse to write."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                cells = "".join(f'<mergeCell ref="{each}"/>' for each in areas).encode()
                part = part.replace(b"</mergeCells>", cells + b"</mergeCells>")
            new.writestr(name, part)
    return out.getvalue()


def test_a_long_description_is_kept_whole_or_refused_never_cut(store, clock, seller):
    take(store, clock, seller, workbook(("旧型材", 600, 12900, "是", "长" * 1_999)), publish=True)
    with store.read() as session:
        assert session.exec(select(Listing)).one().description == "长" * 1_999
    found = parse(workbook(("旧型材", 600, 12900, "是", "长" * 2_001)), filename="f.xlsx")
    assert [(each.cell, each.refusal.code) for each in found.problems] == [("E2", "cell-too-long")]


def test_a_formula_counts_by_its_saved_value_and_words_that_begin_like_one_stay_words():
    text = ",".join(HEAD) + '\n旧型材,６００,"１２,９００",是,=HYPERLINK(0)\n'
    found = parse(text.encode(), filename="f.csv")
    assert (found.rows[0].mass_g, found.rows[0].price_fen_per_t) == (600_000, 1_290_000)
    assert found.rows[0].description == "=HYPERLINK(0)"
    unsaved = parse(workbook(("旧型材", "=3*200", 12900, "是", "")), filename="f.xlsx")
    assert [(each.cell, each.refusal.code) for each in unsaved.problems] == [("B2", "cell-empty")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ten_thousand_rows_are_refused_at_once_and_drafts_have_their_end(
    store, clock, seller, monkeypatch
):
    line = "旧型材,600,12900,是,\n"
    with pytest.raises(TooManyRows) as refused:
        parse((",".join(HEAD) + "\n" + line * 10_000).encode(), filename="f.csv")
    assert refused.value.facts["limit_rows"] == 5_000
    with pytest.raises(TooManyRows) as refused:
        take(store, clock, seller, (",".join(HEAD) + "\n" + line * 501).encode())
    assert refused.value.facts["limit_rows"] == importing.MOST_ROWS
    monkeypatch.setattr(importing, "MOST", 3)
    with pytest.raises(TooManyDrafts):
        take(store, clock, seller, (",".join(HEAD) + "\n" + line * 4).encode())
    with store.read() as session:
        assert keeping.waiting(session, seller_id=seller.organisation.key) == 0
    taken = take(store, clock, seller, (",".join(HEAD) + "\n" + line * 3).encode())
    assert len(taken.drafts) == 3
    assert taken.drafts[0].kept_at == NOON


def a_list(lots: int, *, first: int = 0) -> bytes:
    rows = [(("旧型材", "易拉罐")[n % 2], 600 + n, 12900, "是", f"第{n}批") for n in range(lots)]
    return workbook(*[(*row[:4], f"{first} {row[4]}") for row in rows])


def test_a_lot_of_a_list_costs_a_dozen_statements_however_many_there_are(store, clock, seller):
    asked, dry = [], []
    take(store, clock, seller, a_list(1), publish=True)
    for first, lots in ((1, 5), (2, 25)):
        content = a_list(lots, first=first)
        with Counting(store) as counted, store.read() as session:
            importing.dry_run(
                session, clock=clock, seller_id=seller.organisation.key,
                site_id=seller.site.key, parsed=parse(content, filename="f"),
            )  # fmt: skip
        dry.append(counted.statements)
        with Counting(store) as counted:
            take(store, clock, seller, content, publish=True)
        asked.append(counted.statements)
    assert dry[0] == dry[1] <= 10
    assert asked[1] - asked[0] <= 20 * 12


def test_lots_of_a_list_are_announced_found_and_registered_in_their_order(store, clock, seller):
    made = take(store, clock, seller, a_list(12), publish=True).listings
    with store.read() as session:
        told = session.exec(
            select(OutboxRow.body)
            .where(OutboxRow.name == "listing-published")
            .order_by(OutboxRow.id)
        ).all()
        registered = session.exec(select(Lot.code).order_by(Lot.id)).all()
        wanted = BoardFilter(words="易拉罐")
        found = open_listings(session, now=clock.now(), wanted=wanted)
    assert [listing.description for listing in made] == [f"0 第{n}批" for n in range(12)]
    assert [body["listing_code"] for body in told] == [listing.code for listing in made]
    assert list(registered) == [listing.lot_code for listing in made]
    assert found.total == 6
