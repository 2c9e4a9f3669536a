"""Roads from OSRM and Valhalla over HTTP, kept by rounded pair, with geodesic to fall back on."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.logistics.road_cache import Cached
from remelt.platform.logistics.road_engines import Address, Osrm, Valhalla, engine_of
from remelt.platform.logistics.solving import roads_of
from remelt.routing.book import Book, NoAnswer
from remelt.routing.field import globe
from remelt.routing.matrix import Known, Place, by_geodesic
from remelt.web.cli import main
from tests.day_files import a_day, text
from tests.road_peer import Peer, a_peer, road

KINDS = {"osrm": Osrm, "valhalla": Valhalla}
PLACES = [Place(f"p{n}", 26_500_000 + 7_000 * n, 106_400_000 + 5_000 * n) for n in range(8)]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with a_peer() as made:
        yield made


def a_book(peer: Peer, kind: str = "osrm", *, most: int = 100, timeout_s: float = 5.0) -> Book:
    engine = KINDS[kind](Address(peer.url, timeout_s=timeout_s))
    engine.most = most
    return Book(globe(PLACES), engine)


def a_point(place: Place) -> tuple[float, float]:
    return place.lat_e6 / 1e6, place.lon_e6 / 1e6


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("most", [100, 6, 2])
def test_an_engine_tells_every_pair_in_its_own_bounds(peer: Peer, kind: str, most: int):
    book = a_book(peer, kind, most=most)
    table = book.table()
    for start in PLACES:
        for end in PLACES:
            if start is end:
                assert table.metres(start.key, end.key) == 0
                continue
            metres, seconds = road(a_point(start), a_point(end))
            assert abs(table.metres(start.key, end.key) - metres) <= 1
            assert abs(table.seconds(start.key, end.key) - seconds) <= 1
            assert table.source(start.key, end.key) == kind
    assert book.failures == []
    blocks = -(-len(PLACES) // max(1, most // 2))
    assert len(peer.asked) <= blocks**2
    assert book.metres("p1", "p2") != book.metres("p2", "p1")


def test_parts_of_a_map_are_asked_once_each(peer: Peer):
    book = a_book(peer)
    cell = book.part(["p0", "p1", "p2"])
    assert len(peer.asked) == 1
    assert book.sources_along(["p0", "p1", "p2"]) == ["osrm", "osrm"]
    assert book.source("p0", "p7") == "geodesic x 1.45, no osrm"
    again = book.part(["p1", "p2"])
    assert len(peer.asked) == 1
    assert again.metres("p1", "p2") == cell.metres("p1", "p2") == book.metres("p1", "p2")


def test_concise_answers_of_valhalla_are_read_too(peer: Peer):
    def concise(told: dict[str, Any]) -> dict[str, Any]:
        rows = told["sources_to_targets"]
        tables = {
            "distances": [[each["distance"] for each in row] for row in rows],
            "durations": [[each["time"] for each in row] for row in rows],
        }
        return {"sources_to_targets": tables}

    long = a_book(peer, "valhalla").table().metres("p0", "p5")
    peer.bend = concise
    assert a_book(peer, "valhalla").table().metres("p0", "p5") == long


def osrm_without(told: dict[str, Any]) -> dict[str, Any]:
    told["durations"][0][3] = None
    return told


def valhalla_without(told: dict[str, Any]) -> dict[str, Any]:
    told["sources_to_targets"][0][3] |= {"time": None, "distance": None}
    return told


@pytest.mark.parametrize(("kind", "bend"), [("osrm", osrm_without), ("valhalla", valhalla_without)])
def test_a_pair_that_the_engine_does_not_know_is_geodesic_and_says_so(
    peer: Peer, kind: str, bend: Any
):
    peer.bend = bend
    table = a_book(peer, kind).table()
    plain = by_geodesic(PLACES)
    assert table.metres("p0", "p3") == plain.metres("p0", "p3")
    assert table.source("p0", "p3") == f"geodesic x 1.45, no {kind}"
    assert table.source("p3", "p0") == kind


BROKEN = {
    "too large": lambda _told: b'{"code": "Ok", "x": "' + b"x" * (17 * 2**20) + b'"}',
    "no JSON": lambda _told: b"<html>",
    "no object": lambda _told: b"[1]",
    "deep": lambda _told: b"[" * 200_000,
    "another code": lambda told: told | {"code": "NoTable"},
    "another size": lambda told: told | {"distances": [[1]]},
    "no table": lambda _told: {"code": "Ok"},
    "no numbers": lambda told: told | {"distances": [["far"] * 8] * 8},
    "negative": lambda told: told | {"distances": [[-5] * 8] * 8},
    "endless": lambda told: json.dumps(told).replace("0.0", "1e999").encode(),
}


@pytest.mark.parametrize("how", sorted(BROKEN))
def test_a_broken_answer_leaves_geodesic_distances(peer: Peer, how: str):
    peer.bend = BROKEN[how]
    book = a_book(peer)
    table = book.table()
    assert table.metres("p0", "p3") == by_geodesic(PLACES).metres("p0", "p3")
    assert "no osrm" in table.source("p0", "p3")
    assert len(book.failures) == 1


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_engine_that_refuses_is_not_asked_for_ever(peer: Peer, status: int):
    peer.status = status
    book = a_book(peer, most=2)
    table = book.table()
    assert book.failures == [f"HTTP {status}"] * 2
    assert len(peer.asked) == 2
    assert table.metres("p0", "p3") == by_geodesic(PLACES).metres("p0", "p3")


def test_a_redirect_is_not_followed(peer: Peer):
    with a_peer() as elsewhere:
        peer.status, peer.headers = 302, {"Location": f"{elsewhere.url}/table/v1/driving/1.0,1.0"}
        book = a_book(peer)
        book.table()
        assert elsewhere.asked == []
        assert book.failures == ["HTTP 302"]


def test_a_silent_engine_costs_no_more_than_its_time(peer: Peer):
    peer.wait = lambda: time.sleep(1.0)
    book = a_book(peer, most=2, timeout_s=0.1)
    began = time.monotonic()
    table = book.table()
    assert time.monotonic() - began < 1.0
    assert [each[:12] for each in book.failures] == ["TimeoutError"] * 2
    assert table.metres("p0", "p3") == by_geodesic(PLACES).metres("p0", "p3")
    late = Book(globe(PLACES), a_book(peer).engine, until=time.monotonic() - 1)
    late.table()
    assert late.failures == []


def test_nobody_listens_and_the_plan_goes_on():
    engine = Osrm(Address("http://127.0.0.1:9"))
    book = Book(globe(PLACES), engine)
    assert book.table().metres("p0", "p3") == by_geodesic(PLACES).metres("p0", "p3")
    with pytest.raises(NoAnswer):
        engine.table([(26.5, 106.4)], [(26.6, 106.5)])


@pytest.mark.parametrize("url", ["ftp://h/", "http://", "file:///etc/passwd", "x", "http://h?a=b"])
def test_only_an_address_of_http_is_an_engine(url: str):
    with pytest.raises(BadSetting):
        Address(url)


def test_what_the_engine_said_is_kept_by_rounded_pair_and_edition(peer: Peer, tmp_path: Path):
    def ask(edition: str, places: list[Place]) -> Book:
        chosen = Settings(home=tmp_path, roads_url=peer.url, roads_edition=edition)
        book = Book(globe(places), engine_of(chosen))
        book.table()
        return book

    first = ask("2026-10", PLACES)
    assert len(peer.asked) == 1
    assert first.source("p0", "p1") == "osrm 2026-10"
    near = [Place(each.key, each.lat_e6 + 3, each.lon_e6) for each in PLACES]
    again = ask("2026-10", near)
    assert len(peer.asked) == 1
    assert again.metres("p0", "p5") == first.metres("p0", "p5")
    assert ask("2026-11", PLACES).source("p0", "p1") == "osrm 2026-11"
    assert len(peer.asked) == 2


def test_the_kept_pairs_are_bounded_and_a_spoilt_file_is_done_without(peer: Peer, tmp_path: Path):
    path = tmp_path / "roads.db"
    engine = Cached(Osrm(Address(peer.url)), path, most_rows=10)
    points = [a_point(place) for place in PLACES[:4]]
    engine.table(points, points)
    with sqlite3.connect(path) as rows:
        assert rows.execute("SELECT count(*) FROM pair").fetchone() == (10,)
    rows.close()
    path.write_bytes(b"this is no database" * 100)
    assert engine.table(points, points)[0][1] is not None
    blocked = Cached(Osrm(Address(peer.url)), tmp_path / "roads.db" / "below")
    assert blocked.table(points, points)[0][1] is not None


def test_what_a_dispatcher_knows_stands_above_the_engine(peer: Peer):
    known = [
        {"from": "p0", "to": "p1", "distance_m": 9_000, "duration_s": 600, "detour_pct": None},
        {"from": "p1", "to": "p2", "distance_m": None, "duration_s": None, "detour_pct": 200},
        {"from": "p2", "to": "p3", "distance_m": None, "duration_s": None, "detour_pct": None},
        {"from": "p2", "to": "gone", "distance_m": 1, "duration_s": None, "detour_pct": None},
    ]
    rows = [{**each, "source": "by-hand"} for each in known]
    for engine in (None, a_book(peer).engine):
        table = roads_of(PLACES, rows, engine=engine).table()
        assert (table.metres("p0", "p1"), table.seconds("p0", "p1")) == (9_000, 600)
        straight = by_geodesic(PLACES).metres("p1", "p2") / 1.45
        assert abs(table.metres("p1", "p2") - 2 * straight) <= 2
        assert table.metres("p2", "p3") is None
        assert table.source("p0", "p1") == table.source("p2", "p3") == "by-hand"
    assert table.source("p1", "p0") == "osrm"


def test_a_large_map_keeps_what_is_known_in_its_parts():
    many = [Place(f"m{n}", 26_000_000 + 500 * n, 106_000_000) for n in range(1_700)]
    book = Book(globe(many))
    book.learn({("m5", "m9"): Known(77_000, 7_000), ("m1", "m2"): Known(None)})
    book.learn({("m5", "m9"): Known(66_000, 6_000)})
    assert book.metres("m5", "m9") == 66_000
    keys = [place.key for place in many[1:]]
    half = book.part(keys)
    assert isinstance(half, Book)
    assert (half.metres("m5", "m9"), half.metres("m1", "m2")) == (66_000, None)
    assert half.source("m5", "m9") == "by-hand"
    assert half.metres("m9", "m5") == globe(many).metres("m9", "m5")


def test_a_file_is_planned_on_the_operators_roads(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("REMELT_HOME", str(tmp_path))
    monkeypatch.setenv("REMELT_ROADS_URL", peer.url)
    monkeypatch.setenv("REMELT_ROADS_EDITION", "2026-11")
    file = tmp_path / "day.json"
    file.write_text(text(a_day()))
    assert main(["routes", "solve", str(file), "--deadline", "5", "--effort", "50"]) == 0
    legs = json.loads(capsys.readouterr().out)["rounds"][0]["legs"]
    assert {leg["source"] for leg in legs} == {"osrm 2026-11"}
    own = a_day(pairs=[{"from": "hub", "to": "p0", "distance_m": 5_000}])
    file.write_text(text(own))
    assert main(["routes", "solve", str(file), "--deadline", "5", "--effort", "50"]) == 0
    legs = json.loads(capsys.readouterr().out)["rounds"][0]["legs"]
    assert not any("osrm" in leg["source"] for leg in legs)
