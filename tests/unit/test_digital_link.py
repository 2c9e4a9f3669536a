"""Addresses of lots and loads are what GS1 Digital Link allows, and nothing else."""

import random
import re

import pytest

from remelt.platform.kernel.codes import fits_gs1, gs1_check_digit
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.traceability.labels.digital_link import (
    BadDigitalLink,
    DigitalLink,
    Link,
    linkset,
    read_link,
    relation_of,
)
from tests.shared import needs, shared

GTIN = "06900000000007"
SSCC = "069000000000000014"
GS1 = "conformance/gs1-digital-link"


def test_a_lot_and_a_load_are_read():
    assert read_link(["01", GTIN, "10", "ABC"]) == DigitalLink(
        key="01", value=GTIN, qualifiers=(("10", "ABC"),)
    )
    assert read_link(["00", SSCC]).value == SSCC


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("01/06900000000008/10/A", "check digit"),
        ("01/6900000000007/10/A", "14 digits"),
        ("00/06900000000000001", "18 digits"),
        ("00/069000000000000012", "check digit"),
        (f"01/{GTIN}/10", "one value"),
        (f"01/{GTIN}/21/S/10/L", "another order"),
        (f"01/{GTIN}/10/L/10/L", "another order"),
        (f"01/{GTIN}/10/L/235/T", "together"),
        (f"01/{GTIN}/99/L", "together"),
        (f"01/{GTIN}/10/" + "L" * 21, "too long"),
        (f"01/{GTIN}/10/批", "wrong letter"),
        (f"00/{SSCC}/10/L", "together"),
        ("414/4012345000009", "no key"),
    ],
)
def test_a_wrong_address_names_its_rule(path, rule):
    with pytest.raises(BadDigitalLink) as refused:
        read_link(path.split("/"))
    assert rule in refused.value.facts["rule"]


def test_a_check_digit_finds_every_wrong_digit():
    for place, digit in enumerate(SSCC):
        for other in set("0123456789") - {digit}:
            assert not fits_gs1(SSCC[:place] + other + SSCC[place + 1 :])
    assert gs1_check_digit("629104150021") == "3"  # the example of the General Specifications


class Dictionary:
    """GS1's Barcode Syntax Dictionary, read from its own file: an opinion apart from ours."""

    def __init__(self, path):
        self.rules = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.match(r"([0-9]{2,4})\s+([*?!\"]*)\s+(\S.*?)\s*#", line)
            if found:
                self.rules[found[1]] = found[3].split()

    def fits(self, ai, value):
        spec, *linters = self.rules[ai][0].split(",")
        kind, most = re.fullmatch(r"([NX])(\.\.)?(\d+)", spec)[1], int(re.search(r"\d+$", spec)[0])
        letters = "[0-9]" if kind == "N" else r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
        count = f"{{1,{most}}}" if ".." in spec else f"{{{most}}}"
        if not re.fullmatch(letters + count, value):
            return False
        total = (
            sum(int(c) * (3 if n % 2 else 1) for n, c in enumerate(reversed(value)))
            if ("csum" in linters)
            else 0
        )
        return total % 10 == 0

    def allows(self, path):
        """Whether the dictionary allows a path that begins with a key we resolve."""
        if len(path) < 2 or len(path) % 2 or path[0] not in {"00", "01"}:
            return False
        pairs = list(zip(path[::2], path[1::2], strict=True))
        (word,) = [w for w in self.rules[path[0]] if w.startswith("dlpkey")]
        orders = [order.split(",") for order in word.partition("=")[2].split("|")]
        named = [ai for ai, _ in pairs[1:]]
        ordered = not named or any(named == [ai for ai in order if ai in named] for order in orders)
        return ordered and all(ai in self.rules and self.fits(ai, v) for ai, v in pairs)


@needs(GS1)
def test_our_verdict_is_the_dictionarys():
    folder = shared(GS1)
    assert folder is not None
    dictionary = Dictionary(folder / "gs1-syntax-dictionary.txt")
    assert dictionary.rules["01"][0] == "N14,csum,gcppos2"
    dice, said = random.Random(14), {True: 0, False: 0}
    for _ in range(6_000):
        path = a_path(dice)
        try:
            read_link(path)
            ours = True
        except BadDigitalLink:
            ours = False
        assert ours == dictionary.allows(path), path
        said[ours] += 1
    assert min(said.values()) > 1_000


def a_path(dice):
    key = dice.choice(["01", "00"])
    body = "".join(dice.choices("0123456789", k=13 if key == "01" else 17))
    value = body + gs1_check_digit(body)
    path = [key, value]
    if key == "01":
        for ai in dice.choice(
            [["10"], ["22", "10"], ["10", "21"], ["22", "10", "21"], ["235"], []]
        ):
            path += [ai, "".join(dice.choices("ABCxyz0189-_.!%+", k=dice.randint(1, 20)))]
    return bent(path, dice) if dice.random() < 0.6 else path


def bent(path, dice):
    place = dice.randrange(len(path))
    before, part, after = path[:place], path[place], path[place + 1 :]
    more = dice.choice("0A批 ^#~" + "x" * 3) * dice.randint(1, 25)
    other = dice.choice(["10", "21", "", "00", "01", path[1]])
    return dice.choice(
        [
            [*before, *after],
            [*before, part + more, *after],
            [*before, part[:-1], *after],
            [*path, dice.choice(["10", "21", "235", "99", "414"]), "L1"],
            [*before, other, *after],
            dice.sample(path, len(path)),
        ]
    )


def test_a_linkset_says_each_link_once_and_the_first_as_default():
    links = [
        Link(relation="pip", path="/l/A", title="Passport", media="text/html", languages=("zh",)),
        Link(relation="traceability", path="/api/A", title="Chain", media="application/json"),
    ]
    (said,) = linkset("https://r.example/l/A", links, root="https://r.example")["linkset"]
    assert said["anchor"] == "https://r.example/l/A"
    assert said["https://gs1.org/voc/defaultLink"] == said["https://gs1.org/voc/pip"]
    assert said["https://gs1.org/voc/traceability"] == [
        {"href": "https://r.example/api/A", "title": "Chain", "type": "application/json"}
    ]
    assert said["https://gs1.org/voc/pip"][0]["hreflang"] == ["zh"]


def test_a_link_type_may_be_written_in_three_ways():
    spoken = ("gs1:pip", "https://gs1.org/voc/pip", "https://ref.gs1.org/voc/pip")
    assert {relation_of(each) for each in spoken} == {"pip"}


@pytest.mark.parametrize(
    "given", [{"REMELT_GTIN": "06900000000008"}, {"REMELT_GTIN": "1"}, {"REMELT_GS1_PREFIX": "69x"}]
)
def test_a_wrong_key_stops_the_start(given):
    with pytest.raises(BadSetting, match="REMELT_G"):
        Settings.from_env(given)
