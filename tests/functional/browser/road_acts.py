"""Steps 4 and 5 of the loop: rounds are planned and driven, lots handed over by their tags."""

from playwright.sync_api import Page, expect

from .play import HAND, NBSP, Play, figures, fill, follow, press, reads, row, same, zh

KM, KGCO2E = 20, 5  # no round of this play is shorter, or cleaner


def plan_tomorrow(play: Play) -> None:
    """The dispatcher has tomorrow planned and sees the round on the map and as a sheet."""
    page = play.at("zhan")
    page.goto("/dispatch")
    reads(page, play.tag)
    press(page, zh("Plan the rounds"))
    play.work()
    expect(page.locator("main .map .leaflet-marker-icon")).to_have_count(2, timeout=30_000)
    rounds, road, burden, left_out = figures(page)
    same((rounds, left_out), ("1", "0"))
    assert _number(road) > KM, f"{road} there and back"
    assert _number(burden) > KGCO2E, f"{burden} of the truck"
    follow(page, "贵A·12345")
    expect(page.locator("main .map .leaflet-marker-icon")).to_have_count(2)
    follow(page, zh("Driver's sheet"))
    reads(page.locator(".sheet"), "贵A·12345", play.tag, road.replace(" ", NBSP))
    assert page.locator(".sheet .qr svg").count() == 1


def drive(play: Play, *, mass: str) -> None:
    """The driver loads and unloads by the typed code; one that is wrong in a letter is told."""
    page = play.at("zhan", device=HAND)
    page.goto("/drive")
    reads(page, play.tag, mass)
    page.locator("main .card").first.get_by_role("link", name=zh("Load")).click()
    _scan(page, play.lot[:-1] + ("A" if play.lot[-1] != "A" else "B"), do="load")
    expect(page.locator("#code-error")).to_be_visible()
    _scan(page, play.lot.lower(), do="load")
    reads(page.locator(".note.good"), play.tag, mass)
    play.clock.advance(minutes=95)
    _scan(page, play.tag.replace("-", " "), do="unload")
    reads(page.locator(".note.good"), play.tag)
    page.goto("/drive")
    expect(page.locator("main .card .badge.good")).to_have_count(2)


def release(play: Play, *, to: str) -> None:
    """The hub releases the sold lot for delivery to its buyer."""
    page = play.at("zhan")
    page.goto("/dispatch/deliveries")
    fill(page, lot_code=play.lot, to_site=to)
    press(page, zh("Release"))
    same(row(page, play.tag)[3], "1.98 t")


def _scan(page: Page, code: str, *, do: str) -> None:
    fill(page, code=code)
    with page.expect_navigation():
        page.locator(f"main button[name=do][value={do}]").click()


def _number(text: str) -> float:
    return float(text.split(maxsplit=1)[0].replace(",", ""))
