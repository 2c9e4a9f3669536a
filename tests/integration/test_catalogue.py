"""Reference data on both databases: the package's tables, and an operator's editions."""

from datetime import date

import pytest
from sqlmodel import func, select

from remelt.platform.catalogue import loading, queries
from remelt.platform.catalogue.carbon import co2e_g
from remelt.platform.catalogue.errors import (
    BadEdition,
    BadFile,
    EditionTaken,
    NoSuchFactor,
    NoSuchGrade,
    NoSuchPlace,
)
from remelt.platform.catalogue.kinds import KINDS

FACTORS = "id,kind,category,activity,value,unit,scope,region,year,source,confidence,note"
GUIZHOU = (
    "grid_guizhou_2023,factor,electricity,Provincial average CO2 factor,{value},kgCO2/kWh,"
    '"consumption, CO2 only",Guizhou,2023,MEE table,{confidence},'
)


def a_factor_file(value: str = "0.48", confidence: str = "sourced") -> bytes:
    return f"{FACTORS}\n{GUIZHOU.format(value=value, confidence=confidence)}\n".encode()


def import_it(store, clock, content: bytes, edition: str = "省厅 2026-03"):
    with store.write() as session:
        return loading.import_file(
            session, clock=clock, name="factors.csv", content=content, edition=edition
        )


def count(store) -> int:
    with store.read() as session:
        return sum(session.exec(select(func.count()).select_from(k.table)).one() for k in KINDS)


def test_the_package_loads_once(store):
    before = count(store)
    assert before > 1000
    with store.write() as session:
        assert loading.load_package_data(session) == []
    assert count(store) == before
    with store.read() as session:
        assert {load.kind for load in queries.editions(session)} == {kind.name for kind in KINDS}


def test_every_row_says_source_edition_and_confidence(store):
    with store.read() as session:
        for kind in KINDS:
            for row in session.exec(select(kind.table)):
                assert row.source
                assert row.edition.startswith("package-")
                assert row.confidence in {"sourced", "partly sourced", "unverified", "missing"}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Tense", "Tense"),
        ("tense", "Tense"),
        ("ＴＥＮＳＥ", "Tense"),
        ("ReMA Tense", "Tense"),
        (" 光亮铜 ", "CN-guangliang"),
        ("熟铝", "CN-shulv"),
        ("clean aluminium lithographic sheet", "Tablet"),
        ("破碎电机", None),
        ("金条", None),
        ("", None),
        ("\0", None),
        ("x" * 1_000_000, None),
    ],
)
def test_a_yards_word_finds_its_grade(store, word, code):
    with store.read() as session:
        found = queries.find_grade(session, word)
    assert (found.code if found else None) == code


def test_a_word_of_two_grades_lets_the_person_choose(store):
    with store.read() as session:
        assert {g.code for g in queries.grades_named(session, "破碎电机")} == {"Shelmo", "Sheema"}


def test_standards_are_no_choice_in_a_picker(store):
    with store.read() as session:
        assert all(row.kind == "grade" for row in queries.grades(session))
        assert len(queries.grades(session, standards=True)) == 154
        assert {row.metal for row in queries.grades(session, metal="Cu")} == {"Cu"}
        assert queries.grade(session, system="ReMA", code="Dream").metal_nominal_bp == 9200
        with pytest.raises(NoSuchGrade):
            queries.grade(session, system="ReMA", code="Gold")


def test_places_stand_in_guizhou(store):
    with store.read() as session:
        assert len(queries.places(session, level="prefecture")) == 9
        assert len(queries.places(session, level="county")) == 88
        assert len(queries.places(session, parent="520300")) == 14
        qingzhen = queries.place(session, "520181")
        assert (qingzhen.name_zh, qingzhen.lat_e6, qingzhen.lon_e6) == (
            "清镇市",
            26_559_480,
            106_466_940,
        )
        with pytest.raises(NoSuchPlace):
            queries.place(session, "999999")


def test_alloys_say_whether_their_limits_are_complete(store):
    with store.read() as session:
        alloys = {(alloy.alloy, alloy.standard): alloy for alloy in queries.alloys(session)}
    cast = alloys["ADC12", "JIS H 5302 (castings)"]
    assert not cast.complete
    assert {(lim.element, lim.min_ppm, lim.max_ppm) for lim in cast.limits} >= {
        ("Si", 96_000, 120_000),
        ("Fe", None, 13_000),
    }
    assert len(alloys) == 34


def test_a_missing_factor_says_what_the_operator_must_supply(store):
    with store.read() as session:
        missing = queries.factor(session, "grid_guizhou_2023")
        asked = queries.needed(missing)
        assert queries.needed(queries.factor(session, "elec_pcf_cn_2024")) is None
        with pytest.raises(NoSuchFactor):
            queries.factor(session, "nothing")
    assert missing.value is None
    assert (asked.unit, asked.region, asked.year) == ("kgCO2/kWh", "Guizhou", 2023)
    assert asked.hint == "must be filled by an operator"


def test_the_two_electricity_factors_are_different_gases(store):
    with store.read() as session:
        life = queries.factor(session, "elec_pcf_cn_2024")
        grid = queries.factor(session, "grid_guizhou_2022")
    assert (life.gas, life.value, life.printed) == ("CO2e", (5777, 4), "0.5777")
    assert grid.gas == "CO2"
    assert co2e_g(1_000_000, life, unit="Wh") == 577_700


def test_an_edition_supersedes_and_history_is_kept(store, clock):
    load = import_it(store, clock, a_factor_file())
    assert (load.kind, load.rows) == ("factors", 1)
    with store.read() as session:
        now = queries.factor(session, "grid_guizhou_2023")
        assert (now.printed, now.edition, now.valid_from) == (
            "0.48",
            "省厅 2026-03",
            date(2026, 3, 2),
        )
        assert queries.factor(session, now.factor_id, on=date(2026, 3, 1)).value is None
        old = next(e.name for e in queries.editions(session) if e.name.startswith("package-"))
        assert queries.factor(session, now.factor_id, edition=old).value is None
    with store.write() as session:  # a later start does not bring the package's row back
        loading.load_package_data(session)
    with store.read() as session:
        assert queries.factor(session, "grid_guizhou_2023").printed == "0.48"


def test_a_row_that_has_ended_is_not_in_force(store, clock):
    content = a_factor_file().decode().splitlines()
    ended = f"{content[0]},valid_from,valid_to\n{content[1]},2026-01-01,2026-01-31\n"
    import_it(store, clock, ended.encode())
    with store.read() as session:
        at = [
            queries.factor(session, "grid_guizhou_2023", on=day).printed
            for day in (date(2025, 12, 31), date(2026, 1, 31))
        ]
        with pytest.raises(NoSuchFactor):
            queries.factor(session, "grid_guizhou_2023", on=date(2026, 2, 1))
    assert at == ["", "0.48"]


def test_the_same_edition_again_changes_nothing(store, clock):
    import_it(store, clock, a_factor_file())
    before = count(store)
    import_it(store, clock, a_factor_file())
    assert count(store) == before
    with pytest.raises(EditionTaken):
        import_it(store, clock, a_factor_file("0.47"))
    assert count(store) == before


@pytest.mark.parametrize("edition", ["", "  ", "package-9", "x" * 81, "a\0b"])
def test_an_edition_needs_a_name_of_its_own(store, clock, edition):
    with pytest.raises(BadEdition):
        import_it(store, clock, a_factor_file(), edition)


def test_a_bad_file_changes_nothing_and_names_every_cell(store, clock):
    before = count(store)
    good = GUIZHOU.format(value="0.48", confidence="sourced")
    bad = good.replace("0.48", "half").replace("_2023", "_2024").replace(",2023,", ",soon,")
    content = f"{FACTORS}\n{good}\n{bad}\n".encode()
    with pytest.raises(BadFile) as refused:
        import_it(store, clock, content)
    assert [(p.row, p.column, p.reason) for p in refused.value.facts["problems"]] == [
        (3, "value", "not-a-number"),
        (3, "year", "not-a-number"),
    ]
    assert count(store) == before


def test_an_alias_of_an_unknown_grade_is_refused(store, clock):
    content = "alias,lang,system,code\n白料,zh,CN-trade,CN-6063-bai\n金条,zh,ReMA,Gold\n".encode()
    with pytest.raises(BadFile) as refused:
        import_it(store, clock, content)
    assert [(p.row, p.column, p.reason) for p in refused.value.facts["problems"]] == [
        (3, "code", "not-in-the-catalogue")
    ]
    import_it(store, clock, content.rsplit(b"\n", 2)[0])
    with store.read() as session:
        assert queries.find_grade(session, "白料").code == "CN-6063-bai"
