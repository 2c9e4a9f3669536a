"""The log proves that an event stands in it and that nothing before it was changed."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remelt.traceability.log import merkle as log

VECTORS = Path(__file__).parents[1] / "vectors" / "log"


def lines(name):
    return [json.loads(line) for line in (VECTORS / name).read_text().splitlines()]


def hashes(texts):
    return [base64.b64decode(text) for text in texts or []]


def a_tree(size):
    """Leaf hashes, and every complete subtree as the ledger would store it."""
    leaves = [log.leaf_hash(b"event %d" % n) for n in range(size)]
    frontier, kept = log.Frontier(), {}
    for leaf in leaves:
        frontier, made = log.append(frontier, leaf=leaf)
        kept |= {(node.level, node.index): node.hash for node in made}
    return leaves, frontier, lambda level, index: kept[level, index]


def by_definition(leaves):
    """RFC 6962's own recursive words."""
    if len(leaves) < 2:
        return leaves[0] if leaves else log.EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return log.node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def test_roots_of_the_reference_tree():
    known = json.loads((VECTORS / "merkle_roots.json").read_text())
    leaves = [log.leaf_hash(bytes.fromhex(text)) for text in known["leaves_hex"]]
    assert log.root([]).hex() == known["empty_root"]
    for size, expected in enumerate(known["roots_hex"], start=1):
        assert log.root(leaves[:size]).hex() == expected


@pytest.mark.parametrize("case", lines("merkle_inclusion.jsonl"), ids=lambda case: case["file"])
def test_inclusion_as_the_reference_judges(case):
    verdict = log.verify_inclusion(
        hashes(case["proof"]),
        leaf=base64.b64decode(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        root=base64.b64decode(case["root"]),
    )
    assert verdict is not case["wantErr"]


@pytest.mark.parametrize("case", lines("merkle_consistency.jsonl"), ids=lambda case: case["file"])
def test_consistency_as_the_reference_judges(case):
    verdict = log.verify_consistency(
        hashes(case["proof"]),
        old=case["size1"],
        old_root=base64.b64decode(case["root1"]),
        new=case["size2"],
        new_root=base64.b64decode(case["root2"]),
    )
    assert verdict is not case["wantErr"]


@pytest.mark.parametrize("case", lines("rekor_inclusion_real.jsonl"), ids=lambda case: case["file"])
def test_proofs_of_a_real_log(case):
    assert log.verify_inclusion(
        hashes(case["proof"]),
        leaf=log.leaf_hash(base64.b64decode(case["leaf"])),
        index=case["leafIdx"],
        size=case["treeSize"],
        root=base64.b64decode(case["root"]),
    )


@pytest.mark.parametrize("size", [*range(20), 255, 256, 257, 1000])
def test_appending_gives_the_root_of_the_definition(size):
    leaves, frontier, node = a_tree(size)
    assert frontier.root == by_definition(leaves) == log.root(leaves)
    assert log.frontier_at(node, size=size) == frontier


@given(st.data())
def test_every_proof_that_is_made_is_believed_and_no_other(data):
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    leaves, frontier, node = a_tree(size)
    proof = log.inclusion_proof(node, index=index, size=size)
    told = {"leaf": leaves[index], "index": index, "size": size, "root": frontier.root}
    assert log.verify_inclusion(proof, **told)
    assert not log.verify_inclusion(proof, **(told | {"leaf": log.leaf_hash(b"forged")}))
    assert not log.verify_inclusion([*proof, leaves[0]], **told)
    steps = log.consistency_proof(node, old=old, new=size)
    roots = {"old_root": log.root(leaves[:old]), "new_root": frontier.root}
    assert log.verify_consistency(steps, old=old, new=size, **roots)
    forged = {**roots, "old_root": log.leaf_hash(b"forged")}
    assert not log.verify_consistency(steps, old=old, new=size, **forged)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_inclusion_outside_the_tree(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        log.inclusion_proof(lambda *_: b"", index=index, size=size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5)])
def test_no_consistency_backwards_or_from_nothing(old, new):
    with pytest.raises(ValueError, match="no consistency"):
        log.consistency_proof(lambda *_: b"", old=old, new=new)


def test_tiles_lie_where_the_standard_puts_them():
    known = json.loads((VECTORS / "tlog_tiles_and_proof.json").read_text())
    for index, path in known["tile_path"]:
        assert log.tile_path(log.Tile(level=0, index=index, width=256)) == f"tile/0/{path}"
    laid = [(tile.level, tile.width) for tile in log.tiles(70_000)]
    assert laid.count((0, 256)) == known["tiles_for_70000"]["level0_full"]
    partial = {level: width for level, width in laid if width < 256}
    assert partial == {0: 112, 1: 17, 2: 1}
    assert [(tile.level, tile.width) for tile in log.tiles(256)] == [(0, 256), (1, 1)]


def test_a_tile_holds_its_hashes_in_order():
    leaves, _, node = a_tree(600)
    for tile in log.tiles(600):
        assert log.read_tile_path(log.tile_path(tile), size=600) == tile
    first, *_ = log.tiles(600)
    assert log.tile_bytes(node, tile=first) == b"".join(leaves[:256])
    above = log.Tile(level=1, index=0, width=2)
    halves = [log.root(leaves[:256]), log.root(leaves[256:512])]
    assert log.tile_bytes(node, tile=above) == b"".join(halves)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/002",
        "tile/0/0",
        "tile/0/002.p/89",
        "tile/0/002.p/0",
        "tile/00/000",
        "tile/1/000",
        "tile/entries/000",
        "tile/0/000.p/256",
        "tile/0/../000",
        "tile/0",
        "tile/0/x000/000",
        "tile/９/000",
        "tile/99999999999999999999/000",
        "tile/0/" + "x000/" * 40 + "000",
    ],
)
def test_no_tile_by_another_spelling_or_beyond_the_log(path):
    assert log.read_tile_path(path, size=600) is None


def test_a_partial_tile_stays_readable_after_it_was_filled():
    assert log.read_tile_path("tile/0/000.p/7", size=600) == log.Tile(0, 0, 7)
