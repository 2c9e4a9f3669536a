"""Steps 9 and 10 of the loop: anybody reads a lot's passport, the regulator the share."""

import csv
from pathlib import Path

from .play import Play, figures, follow, reads, row, same, zh

SECRETS = ("花溪收购户", "清镇集散", "播州再生", "29,697", "15,150", "520115")


def read_the_passport(play: Play) -> None:
    """Anybody sees what the cast metal is made of, its footprint and what is missing from it.

    Of 1,800 kg cast 1,628.637 kg are post-consumer: 90.48 %. The known burden is 777 kg: 33 kg
    per tonne of collection, 141 of transport, 258 of the metered heat.
    """
    page = play.visit()
    page.goto(f"/l/{play.cast.replace('-', '')}")
    same(figures(page), ["1.80 t", "90.5%", "432 kgCO₂e/t"])
    reads(page, play.cast, "= (1,628.637 kg + 0 kg) / 1,800 kg = 90.48%".replace(" k", "\xa0k"))
    for stage, known in (
        (zh("Collection"), "33"),
        (zh("Transport"), "141"),
        (zh("Melting energy"), "258"),
    ):
        line = page.locator("main dl > div", has=page.get_by_text(stage, exact=True))
        reads(line, f"{known}\xa0kgCO₂e/t")
    gaps = page.locator("main .plain-list .missing").all_inner_texts()
    same(len(gaps), 5)  # of the heat: gas, dross, primary; of the road: the fuel's way, twice
    said = page.content()
    same([secret for secret in SECRETS if secret in said], [])
    page.context.close()


def read_the_share(play: Play) -> None:
    """The share says what over what, leads down to the heat, and its CSV says the same to the mg.

    1,980 kg x 96 % = 1,900.8 kg recycled, over that and 200 kg x 99.7 %: 2,100.2 kg; 90.51 %.
    """
    page = play.at("guan")
    page.goto("/regulator")
    same(figures(page)[:3], ["90.51%", "1.90 t", "2.10 t"])
    reads(page, zh("platform sample"))
    with page.expect_download() as told:
        page.locator("main a[download]").first.click()
    [line] = _csv(told.value.path())
    same(line["recycled metal used (mg)"], "1900800000")
    same(line["all metal used (mg)"], "2100200000")
    same(line["share (%)"], "90.51")
    follow(page, zh("%(count)s heats", count=1))
    same(row(page, zh("Sum"))[1:6], ["1.90 t", "0.00 t", "0.00 t", "0.20 t", "90.51%"])
    page.locator("main table tbody th a").first.click()
    reads(page, play.tag, play.cast, "1,980\xa0kg", "1,800\xa0kg")
    follow(page, play.cast)
    same(row(page, play.tag)[1][:5], "1,628")  # as much of the lot is in the cast metal


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
