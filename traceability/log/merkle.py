"""The Merkle log over the ledger's events: RFC 6962 hashes and proofs, C2SP tile paths (pure).

A leaf is the hash of one event's public body. `node(level, index)` stands for the stored hash of
the complete subtree over leaves `index << level` up to, not including, `(index + 1) << level`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

Node = Callable[[int, int], bytes]
HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: all that is needed to append to it.

    size: leaves so far. hashes: roots of its complete subtrees, largest first, one for each
    bit that is set in `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root hash of the tree of this size."""
        return _fold(self.hashes)


@dataclass(frozen=True, slots=True)
class StoredNode:
    """The hash of a subtree that is complete, and so never changes again."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Tile:
    """Up to 256 neighbouring hashes of one tile level (tree level 8 x `level`)."""

    level: int
    index: int
    width: int


def leaf_hash(body: bytes) -> bytes:
    """Return SHA-256(0x00 || body), the leaf of an event with this public body."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), the hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, in order; `EMPTY_ROOT` when there is none."""
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = append(frontier, leaf=leaf)
    return frontier.root


def append(frontier: Frontier, *, leaf: bytes) -> tuple[Frontier, list[StoredNode]]:
    """Add one leaf hash at the right edge.

    Returns the new frontier and the subtrees that this leaf completes, the leaf first, for the
    caller to store; later proofs are made of them.
    """
    made = [StoredNode(level=0, index=frontier.size, hash=leaf)]
    kept = list(frontier.hashes)
    rest = frontier.size
    while rest & 1:
        below = made[-1]
        joined = node_hash(kept.pop(), below.hash)
        made.append(StoredNode(level=below.level + 1, index=below.index >> 1, hash=joined))
        rest >>= 1
    return Frontier(size=frontier.size + 1, hashes=(*kept, made[-1].hash)), made


def frontier_at(node: Node, *, size: int) -> Frontier:
    """Return the right edge of the tree as it stood at `size` leaves (>= 0)."""
    return Frontier(size=size, hashes=tuple(node(*at) for at in _complete(0, size)))


def inclusion_proof(node: Node, *, index: int, size: int) -> list[bytes]:
    """Return the hashes that lead from leaf `index` to the root of the tree of `size` leaves.

    Raises `ValueError` unless 0 <= index < size.
    Source: RFC 6962, 2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _largest_power_below(high - low)
        if index < middle:
            path.append(_subtree(node, low=middle, high=high))
            high = middle
        else:
            path.append(_subtree(node, low=low, high=middle))
            low = middle
    return path[::-1]


def consistency_proof(node: Node, *, old: int, new: int) -> list[bytes]:
    """Return the hashes that show that the tree of `new` leaves begins with that of `old`.

    Empty when the sizes are equal. Raises `ValueError` unless 1 <= old <= new.
    Source: RFC 6962, 2.1.2.
    """
    if not 1 <= old <= new:
        raise ValueError(f"no consistency from {old} to {new} leaves")
    path: list[bytes] = []
    low, high = 0, new
    while old != high:
        middle = low + _largest_power_below(high - low)
        if old <= middle:
            path.append(_subtree(node, low=middle, high=high))
            high = middle
        else:
            path.append(_subtree(node, low=low, high=middle))
            low = middle
    if low > 0:
        path.append(_subtree(node, low=low, high=high))
    return path[::-1]


def verify_inclusion(
    proof: Sequence[bytes], *, leaf: bytes, index: int, size: int, root: bytes
) -> bool:
    """Say whether `proof` leads from the leaf hash at `index` to the `root` of `size` leaves.

    Never raises: hashes of a wrong length and an index outside the tree are simply untrue.
    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        return False
    inner, border = _path_shape(index, size - 1)
    if len(proof) != inner + border:
        return False
    return _climb(leaf, proof[:inner], at=index, border=proof[inner:]) == root


def verify_consistency(
    proof: Sequence[bytes], *, old: int, old_root: bytes, new: int, new_root: bytes
) -> bool:
    """Say whether `proof` shows that the tree `new_root` was grown from `old_root` by adding only.

    Never raises. Source: RFC 9162, 2.1.4.2.
    """
    if not 1 <= old <= new or not _hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    whole = (old & -old).bit_length() - 1  # level of the last complete subtree of the old tree
    steps = [old_root, *proof] if old == 1 << whole else list(proof)
    inner, border = _path_shape(old - 1, new - 1)
    inner -= whole
    if len(steps) != 1 + inner + border:
        return False
    seed, within, beyond, at = steps[0], steps[1 : 1 + inner], steps[1 + inner :], old - 1 >> whole
    lefts = [step for level, step in enumerate(within) if at >> level & 1]
    was = _climb(seed, (), at=0, border=[*lefts, *beyond])
    now = _climb(seed, within, at=at, border=beyond)
    return was == old_root and now == new_root


def tiles(size: int) -> Iterator[Tile]:
    """Give every tile of a tree of `size` leaves, full ones first on each level.

    The last of a level may be partial (width 1 to 255). Source: C2SP tlog-tiles.
    """
    level, count = 0, size
    while count:
        for index in range(count // TILE_WIDTH):
            yield Tile(level=level, index=index, width=TILE_WIDTH)
        if count % TILE_WIDTH:
            yield Tile(level=level, index=count // TILE_WIDTH, width=count % TILE_WIDTH)
        level, count = level + 1, count // TILE_WIDTH


def tile_path(tile: Tile) -> str:
    """Return where a tile is published, below the log's address.

    >>> tile_path(Tile(level=0, index=1_234_067, width=256))
    'tile/0/x001/x234/067'
    >>> tile_path(Tile(level=1, index=0, width=17))
    'tile/1/000.p/17'
    """
    thousands = [f"{tile.index % 1000:03}"]
    rest = tile.index // 1000
    while rest:
        thousands.insert(0, f"x{rest % 1000:03}")
        rest //= 1000
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{tile.level}/{'/'.join(thousands)}{partial}"


def read_tile_path(path: str, *, size: int) -> Tile | None:
    """Return the tile that `path` names in a tree of `size` leaves, or None when it has none.

    Only the one canonical spelling is known, and only tiles whose hashes all exist.
    """
    parts = path.split("/")
    partial = len(parts) > 3 and parts[-2].endswith(".p")  # noqa: PLR2004 - tile/level/index.p/width
    width = parts[-1] if partial else str(TILE_WIDTH)
    names = [*parts[2:-2], parts[-2][:-2]] if partial else parts[2:]
    digits = "".join(name.removeprefix("x") for name in names)
    if len(path) > 60 or len(parts) < 3 or not all(map(_plain, (parts[1], digits, width))):  # noqa: PLR2004
        return None
    tile = Tile(level=int(parts[1]), index=int(digits), width=int(width))
    held = size >> (TILE_HEIGHT * min(tile.level, 8))
    fits = 1 <= tile.width <= TILE_WIDTH and tile.index * TILE_WIDTH + tile.width <= held
    return tile if fits and tile_path(tile) == path else None


def tile_bytes(node: Node, *, tile: Tile) -> bytes:
    """Return the hashes of a tile, one after another: what the published file holds."""
    level, first = tile.level * TILE_HEIGHT, tile.index * TILE_WIDTH
    return b"".join(node(level, first + step) for step in range(tile.width))


def _plain(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _path_shape(index: int, last: int) -> tuple[int, int]:
    """Return how many steps of the path from leaf `index` run inside, and along the right edge.

    Inside, a neighbour may stand on either side; from the subtree on that also holds the `last`
    leaf, only left neighbours are left.
    """
    inner = (index ^ last).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(found: bytes, inner: Sequence[bytes], *, at: int, border: Sequence[bytes]) -> bytes:
    for level, step in enumerate(inner):
        found = node_hash(step, found) if at >> level & 1 else node_hash(found, step)
    for step in border:
        found = node_hash(step, found)
    return found


def _largest_power_below(count: int) -> int:
    """Return the largest power of two under `count` (>= 2)."""
    return 1 << (count - 1).bit_length() - 1


def _complete(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give (level, index) of the complete subtrees that cover leaves low to high, largest first."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _subtree(node: Node, *, low: int, high: int) -> bytes:
    return _fold(tuple(node(*at) for at in _complete(low, high)))


def _fold(hashes: tuple[bytes, ...]) -> bytes:
    """Join the roots of complete subtrees, right to left."""
    if not hashes:
        return EMPTY_ROOT
    joined = hashes[-1]
    for left in hashes[-2::-1]:
        joined = node_hash(left, joined)
    return joined
