"""Steps 2b, 5 and 6 of the loop: the hub buys at the gate, weighs what arrives, and sorts."""

from playwright.sync_api import expect

from .play import Play, fill, follow, press, reads, row, same, zh

GATE = {"gross": "5,640", "tare": "3,200", "deduct": "1.5%", "price": "13000"}


def buy_at_the_gate(play: Play) -> None:
    """A walk-in load is bought at a price over the board's, paid in cash, and its slip printed.

    5,640 - 3,200 = 2,440 kg; less 1.5 % dirt (36.6 kg) 2,403.4 kg; x 13,000 yuan/t = 31,244.20.
    """
    page = play.at("zhan")
    page.goto("/gate")
    page.locator("main a[href*='/gate/buy']").click()
    fill(
        page, seller_name="老周", plate="贵A·54321", mode="platform", method="cash",
        lines__0__grade="熟铝", lines__0__gross_kg=GATE["gross"], lines__0__tare_kg=GATE["tare"],
        lines__0__deduct=GATE["deduct"], lines__0__deduct_kind="dirt",
        lines__0__price_yuan_per_t=GATE["price"], lines__0__reason="老客户",
    )  # fmt: skip
    reads(page.locator("[data-net]").first, "2,440")  # the page reckons while one types
    press(page, zh("Buy and print the slip"))
    reads(page, "2026-00001", "¥31,244.20", "老周")
    line = row(page, "熟铝")
    same(line[1:6], ["5,640 kg", "3,200 kg", "2,440 kg", "36.6 kg", "2,403.4 kg"])
    assert "老客户" in line[6]
    assert "¥12,800/吨" in line[6]
    follow(page, zh("Slip"))
    reads(page.locator(".slip"), "2026-00001", "2,403.4 kg", "¥31,244.20", zh("Cash"))
    assert page.pdf().startswith(b"%PDF")


def weigh_the_lot(play: Play) -> None:
    """The first weighing makes the lot's mass; its difference to the declared one is shown.

    11,620 - 9,640 = 1,980 kg, 20 kg under what was declared; 1 % dirt leaves 1,960.2 kg to pay.
    """
    page = play.at("zhan")
    page.goto("/gate")
    reads(page.locator("main tr", has_text=play.tag), "2.00 t", zh("at the gate"))
    page.locator("main tr", has_text=play.tag).get_by_role("link").click()
    fill(
        page, gross_kg="11620", tare_kg="9640", plate="贵A·12345", kind="receipt",
        deductions__0__kind="dirt", deductions__0__deduct="1%", deductions__0__accepted="yes",
    )  # fmt: skip
    reads(page.locator("[data-scale-net]"), "1,980")
    press(page, zh("Write the ticket"))
    reads(page, "2026-00002", "−20 kg")
    same(row(page, "生铝")[1:6], ["11,620 kg", "9,640 kg", "1,980 kg", "19.8 kg", "1,960.2 kg"])


def sort_the_heap(play: Play) -> None:
    """The heap of the gate becomes clean metal, an off-grade part and dirt, to the gram."""
    page = play.at("zhan")
    page.goto("/sort")
    page.locator("main tr", has_text="CN-shulv").get_by_role("link").last.click()
    whole = page.locator("[data-balance]")
    reads(whole, "2,440 kg")  # what was deducted is in the heap too: it was weighed
    fill(page, kind="sort", parts__0__mass_kg="2250", parts__0__bay="A1", dirt_kg="70")
    reads(whole, "120 kg")  # what is still to be accounted for
    fill(page, parts__1__mass_kg="120", parts__1__grade="CN-trade|CN-shenglv", electricity_kwh="40")
    expect(whole).to_have_class("meter good")
    press(page, zh("Record it"))
    same(row(page, zh("Difference"))[3], "0 kg")
    same(row(page, "CN-shenglv")[3], "120 kg")
    expect(page.locator("main a[href$='/label']")).to_have_count(2)  # each new lot has its tag
