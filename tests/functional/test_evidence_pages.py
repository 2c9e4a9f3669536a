"""What proves a purchase: what is missing is named, cash is, and the file holds it all by hash."""

import hashlib
import io
import json
import re
import zipfile

import pytest
from PIL import Image
from sqlmodel import select

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.settlement.models import Settlement
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.functional.test_reverse_pages import SALE
from tests.parties import PASSWORD, a_party
from tests.yard import hang_out

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SMALL = SALE | {"lines-0-gross_kg": "2000"}  # below what a second person has to confirm


@pytest.fixture
def buyer(app, clock):
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        load_package_data(session)
        party = a_party(session, clock=clock, role="hub", login="buyer", password_hash=secret)
        hang_out(session, clock=clock, hub=party)
        a_party(session, clock=clock, role="hub", login="stranger", password_hash=secret)
    browser = signed_in(app, "buyer")
    bank = SMALL | {"method": "bank", "reference": "20260302-7"}
    for sale in (SMALL, bank | {"seller_name": "赵六", "id_number": "", "consent": ""}):
        assert browser.post("/gate/buy", **sale).status_code == 303
    return browser


def photo():
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "grey").save(out, format="PNG")
    return io.BytesIO(out.getvalue()), "photo.png"


def bought(app):
    with app.extensions["remelt"].store.read() as session:
        return [row.subject_code for row in session.exec(select(Settlement))]


def test_what_is_missing_is_named_and_costs(app, buyer):
    page = buyer.get("/evidence").text
    assert "12,800.00" in page
    assert "100.0%" in page
    cash, bank = bought(app)
    assert cash[:4] not in buyer.get("/evidence?lacking=identity").text.split("<tbody>")[1]
    at = f"/evidence/{bank}"
    assert buyer.post(f"{at}/papers", on=at, paper="payment", photos=photo()).status_code == 303
    assert buyer.post(f"{at}/papers", on=at, paper="invoice", number="123456").status_code == 303
    assert "50.0%" in buyer.get("/evidence").text
    assert buyer.post(f"{at}/papers", on=at, paper="photo").status_code == 422
    proof = {"paper": "payment", "photos": photo()}  # cash stays missing, whatever is added
    assert (
        buyer.post(f"/evidence/{cash}/papers", on=f"/evidence/{cash}", **proof).status_code == 303
    )
    lacking = buyer.get("/evidence?lacking=payment").text.split("<tbody>")[1]
    assert cash[:4] in lacking
    assert bank[:4] not in lacking


def test_the_file_holds_every_part_under_its_hash_and_is_the_same_twice(app, buyer):
    cash, _bank = bought(app)
    at = f"/evidence/{cash}"
    buyer.post(f"{at}/papers", on=at, paper="photo", photos=photo())
    answer = buyer.get(f"{at}/file")
    assert answer.data == buyer.get(f"{at}/file").data
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        manifest = json.loads(package.read("manifest.json"))
        assert {name.split("/")[1] for name in manifest} == {"purchase.json", "ticket.json",
                                                              "photos"}  # fmt: skip
        for name, sha256 in manifest.items():
            assert hashlib.sha256(package.read(name)).hexdigest() == sha256
        said = json.loads(package.read(f"{cash}/purchase.json"))
        assert said["settlement"]["amount_fen"] == 640_000
        assert said["evidence"]["payment"] == "missing"
        ticket = package.read(f"{cash}/ticket.json").decode()
    assert "11010519491231002X" not in ticket
    assert "11**************2X" in ticket
    whole = buyer.get("/evidence/file?month=2026-03").data
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        assert len(package.namelist()) == 6


def test_completeness_and_the_ratio_of_each_month_come_as_files(app, buyer):
    _cash, bank = bought(app)
    at = f"/evidence/{bank}"
    buyer.post(f"{at}/papers", on=at, paper="invoice", number="123456")
    lines = buyer.get("/evidence/months?first=2026-02&last=2026-03").text.splitlines()
    assert lines[1].split(",") == ["2026-02", "0", "0.00", "0.00", "", "0", "0.00", ""]
    assert lines[2].split(",") == [
        "2026-03", "2", "12800.00", "6400.00", "50.00", "2", "12800.00", "0.00",
    ]  # fmt: skip
    assert lines[3].split(",")[1:5] == ["2", "12800.00", "6400.00", "50.00"]
    assert len(buyer.get("/evidence/months?last=2026-03").text.splitlines()) == 14
    for bad in ("first=2026-04&last=2026-03", "first=2019-01&last=2026-03", "last=x"):
        assert buyer.get(f"/evidence/months?{bad}").status_code == 422, bad
    rows = buyer.get("/evidence/purchases?month=2026-03").text.splitlines()
    assert [row.split(",")[0] for row in rows[1:3]] == [bank, _cash]
    assert rows[3].split(",")[4:] == ["12800.00", "0", "2", "1", "2", "2", "1"]
    assert buyer.get("/evidence/purchases?shape=xlsx").data[:2] == b"PK"
    told = buyer.get("/api/v1/evidence?month=2026-03").get_json()
    assert (told["cost_fen"], told["uninvoiced_fen"], told["incomplete"]) == (1_280_000, 640_000, 2)
    one = buyer.get(f"/api/v1/evidence/{bank}").get_json()
    assert (one["items"]["invoice"], one["items"]["payment"]) == ("present", "missing")


def test_another_buyer_finds_nothing(app, buyer):
    cash, bank = bought(app)
    at = f"/evidence/{cash}"
    buyer.post(f"{at}/papers", on=at, paper="photo", photos=photo())
    (picture,) = re.findall(rf'href="({at}/papers/\w+)"', buyer.get(at).text)
    assert buyer.get(picture).mimetype == "image/jpeg"
    for moved in (picture.replace(cash, bank), f"{at}/papers/{'0' * 64}"):
        assert buyer.get(moved).status_code == 404
    stranger = signed_in(app, "stranger")
    assert stranger.get(picture).status_code == 404
    for address in (f"/evidence/{cash}", f"/evidence/{cash}/file"):
        assert stranger.get(address).status_code == 404
    for no_month in ("2026-13", "2026-1", "0001-01", "9999-12"):
        assert stranger.get(f"/evidence?month={no_month}").status_code == 422, no_month
