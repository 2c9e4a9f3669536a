"""Steps 7 and 8 of the loop: the smelter receives, weighs and melts; the buyer pays."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from .play import HAND, Play, figures, fill, follow, press, reads, row, same, zh


def receive(play: Play) -> None:
    """The works' own scale shows 1,980 kg too, so the lot's mass stays."""
    page = play.at("lian")
    page.goto(f"/weigh?lot={play.tag}")
    fill(page, gross_kg="15,660", tare_kg="13,680", kind="receipt")
    press(page, zh("Write the ticket"))
    reads(page, "2026-00001", "1,980 kg")


def melt(play: Play) -> None:
    """A heat of the lot and 200 kg of primary metal, metered: 2,180 kg in, 2,180 kg out.

    1,980 + 200 = 1,800 cast + 300 closing heel + 60 dross + 20 burnt off.
    """
    page = play.at("lian")
    _set_up_a_furnace(page)
    follow(page, zh("New heat"))
    fill(
        page, alloy="JIS H 2118 (ingot)|AD12.1", charges__0__lot=play.lot,
        charges__0__recovery_pct="96", additions__0__name="原生铝锭", additions__0__metal="Al",
        additions__0__mass_kg="200", additions__0__purity_pct="99.7", casts__0__mass_kg="1800",
        dross_kg="60", burn_off_kg="20", heel_kg="200", heel_method="weighed",
        electricity_kwh="450", natural_gas_nm3="130",
    )  # fmt: skip
    account = page.locator("[data-balance]")
    reads(account, "2,080", "2,180", "100 kg")  # the heel was typed 100 kg too light
    fill(page, heel_kg="300")
    expect(account).to_have_class("meter good")
    press(page, zh("Record the heat"))
    _read_the_heat(play, page)


def settle(play: Play) -> None:
    """1,960.2 kg x 15,150 yuan/t = 29,697.03 yuan; paid by one person, confirmed by another."""
    page = play.at("lian")
    page.goto("/money")
    page.locator("main table tbody th a").last.click()
    reads(page, "¥29,697.03", "1,960.2 kg", "¥15,150/吨")
    assert page.locator("[name=amount_yuan]").input_value() == "29697.03"
    fill(page, reference="回单 0303")
    press(page, zh("Record"))
    expect(page.get_by_role("button", name=zh("Confirm the payment"))).to_have_count(
        0
    )  # not by oneself
    second = play.at("cai")
    second.goto(urlsplit(page.url).path)
    press(second, zh("Confirm the payment"))
    same(figures(second)[:3], ["¥29,697.03", "¥29,697.03", "¥0.00"])
    paid = play.at("shou", device=HAND)
    paid.goto("/money")
    reads(paid.locator("main tbody tr").first, zh("you get"), "¥29,697.03", zh("Paid"))


def _set_up_a_furnace(page: Page) -> None:
    page.goto("/works")
    page.locator("main a[href='/works/furnaces/new']").first.click()
    fill(page, name="1#炉", kind="tilting", metal="Al", capacity_kg="10,000", has_meter="yes")
    press(page, zh("Set it up"))


def _read_the_heat(play: Play, page: Page) -> None:
    lines = page.locator("main table").first
    reads(lines, play.tag, "1,980 kg", "200 kg", "1,800 kg", "300 kg", "60 kg", "20 kg")
    same(row(page, zh("Difference"))[-1], "0 kg")
    same(figures(page)[:3], ["1.80 t", "90.5%", "432 kgCO₂e/t"])
    # 1,980 kg x 96 % recovered over that and 200 kg x 99.7 %
    same(
        row(page, zh("Element recycled content, %(metal)s only, first melting only", metal="Al"))[
            1:
        ],
        ["1,900.8 kg", "2,100.2 kg", "90.5%"],
    )
    same(row(page, "450 kWh")[-1], "260 kgCO₂e")  # 450 kWh x 0.5777
    same(row(page, zh("Natural gas, burnt here"))[-1], "281 kgCO₂e")  # 130 Nm3 x 2.16
    gaps = (zh("Natural gas, way to the burner"), zh("Treatment of the dross"), "原生铝锭")
    for gap in gaps:  # no factor, so no figure
        expect(page.locator("main tr", has_text=gap).last.locator(".missing")).to_have_count(2)
    play.cast = lines.locator("tr", has_text="1,800 kg").locator("a .code").inner_text()
