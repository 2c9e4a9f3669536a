"""Steps 2 and 3 of the loop: a lot is listed, found, bid for and sold."""

from io import BytesIO
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from .play import HAND, Play, fill, follow, press, reads, zh


def list_a_lot(play: Play) -> None:
    """The collector offers two tonnes of cast aluminium on the phone; full-width digits do."""
    page = play.at("shou", device=HAND)
    page.goto("/collect")
    page.locator("main a[href='/lots/new']").first.click()
    play.untouched = _offer(page, mass="500", price_mode="fixed", price="14,000")
    page.goto("/lots/new")
    play.lot = _offer(page, mass="２０００", price_mode="auction", price="14500")
    assert play.lot != play.untouched
    assert page.locator(".photos img").evaluate("i => i.decode().then(() => i.naturalWidth)") > 0
    _tag_leads_to(page, play.lot)
    follow(page, zh("Print the tag"))
    reads(page, "生铝", "2.00 t")
    assert page.locator(".tag svg").count() == 1


def only_registered(play: Play, code: str) -> None:
    """Before the first hand-over anybody is told that the lot is registered, and no more."""
    page = play.visit()
    page.goto(f"/l/{code}")
    reads(page, zh("This lot is registered"), f"{code[:4]}-{code[4:8]}")
    said = page.locator("main").inner_text()
    assert not any(secret in said for secret in ("生铝", "2.00", "kgCO₂e", "%", "花溪"))
    page.context.close()


def bid_and_win(play: Play) -> None:
    """Two smelters bid against each other, each seeing the other's step without a reload."""
    buyer, rival = play.at("lian"), play.at("dui")
    for page in (buyer, rival):
        _find(page, "生铝")
        expect(page.locator("[data-live=on]")).to_be_visible()
    _bid(buyer, "14600")
    reads(buyer, zh("Your offer leads."))
    reads(rival, "¥14,600/吨", "¥14,650/吨")  # the leading offer, and the least that beats it
    _bid(rival, "14900")
    reads(buyer, zh("You are outbid."), "¥14,900/吨")
    _bid(buyer, "14920")
    expect(buyer.locator("#price_yuan_per_t-error")).to_contain_text("14,950")
    _bid(buyer, "15150")
    reads(rival, zh("You are outbid."), "¥15,150/吨")
    assert _ladder(rival) == ["¥15,150/吨", "¥14,900/吨", "¥14,600/吨"]


def close_and_contract(play: Play) -> None:
    """The auction closes by the clock; the highest offer becomes a contract by itself."""
    play.clock.advance(hours=6, minutes=1)
    play.work()
    expect(play.pages["dui"].locator("main")).to_contain_text(zh("bidding has ended"))
    page = play.at("lian")
    page.goto("/contracts")
    follow(page, "-")
    reads(page, "花溪收购户", "播州再生铝厂", "2.00 t", "¥15,150/吨")
    play.pages.pop("dui").context.close()


def _offer(page: Page, *, mass: str, price_mode: str, price: str) -> str:
    fill(
        page, grade="CN-trade|CN-shenglv", mass=mass, mass_unit="kg", form="solids",
        origin="post_consumer", evidence="declared", productive="no", track="in_province",
        hazard_free="yes", radiation_checked="yes", no_sealed_vessels="yes",
        price_mode=price_mode, price_yuan_per_t=price, open_hours="6",
    )  # fmt: skip
    page.locator("[name=photos]").set_input_files(a_photo())
    press(page, zh("Check it"))
    reads(page, "生铝", zh("Nothing is published yet. Is all of it right?"))
    press(page, zh("Publish the lot"))
    reads(page, zh("The lot is published."))
    return page.locator(".qr .code").inner_text().replace("-", "").strip()


def a_photo() -> FilePayload:
    """A small photo of a heap, as a phone would make it."""
    picture = Image.new("RGB", (800, 600), "#7a8188")
    ink = ImageDraw.Draw(picture)
    for at in range(0, 800, 40):
        ink.ellipse((at, 200 + at % 120, at + 90, 300 + at % 160), fill=(150 + at % 100, 155, 160))
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def _tag_leads_to(page: Page, code: str) -> None:
    """What a camera reads in the QR code is the address of the lot's page, and nothing else."""
    with Image.open(BytesIO(page.locator(".qr > svg").screenshot())) as picture:
        found = zxingcpp.read_barcodes(picture.convert("RGB"))
    assert [urlsplit(each.text).path.upper() for each in found] == [f"/L/{code}"]


def _find(page: Page, word: str) -> None:
    page.goto("/market")
    fill(page, q=word)
    press(page, zh("Search"))
    cards = page.locator("main .card.lot", has_text="2.00")
    assert cards.count() == 1
    with page.expect_navigation():
        cards.get_by_role("link").click()


def _bid(page: Page, yuan: str) -> None:
    fill(page, price_yuan_per_t=yuan)
    press(page, zh("Place the bid"))


def _ladder(page: Page) -> list[str]:
    return page.locator("main table tbody tr td.num").all_inner_texts()
