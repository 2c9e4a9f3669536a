"""A witness's whole work: read the log's head, check that it only grew, sign that (pure).

A witness keeps size and root of what it saw last. It reads tiles through `fetch`, from a site or
from a folder alike, so that it believes nothing but hashes and the root key it was given.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from remelt.traceability.log import merkle as log
from remelt.traceability.log.notes import BadNote, Checkpoint, Signer, open_note, read_checkpoint
from remelt.traceability.proofs.keylist import LOG, KeyList, read_list

Fetch = Callable[[str], bytes]


class Refused(Exception):
    """The witness does not sign: what it was shown is malformed, unsigned or incomplete."""


class Fork(Refused):
    """The log shows another history than before, or a shorter one: somebody rewrote it.

    note: the signed checkpoint that shows it, for others to see.
    """

    note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a witness keeps: the log it watches, and how that stood.

    root_key: fingerprint of the key that signs the log's key list. edition: of that list.
    size, root: the newest checkpoint that was cosigned; size 0 before the first.
    """

    root_key: str
    origin: str = ""
    edition: int = 0
    size: int = 0
    root: bytes = log.EMPTY_ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look gave: the new memory, and the checkpoint with the witness's signature."""

    memory: Memory
    note: str


def watch(memory: Memory, *, fetch: Fetch, signer: Signer, at_s: int) -> Seen:
    """Look at the log once and cosign its checkpoint.

    fetch: gives the content of `keys.json`, `checkpoint` and `tile/...`. at_s: POSIX time.
    Raises `Fork` when the log did not grow out of what was seen before, `Refused` when that
    cannot be told.
    """
    try:
        keys = read_list(fetch("keys.json"), root=memory.root_key)
        note = fetch("checkpoint").decode()
        stands = _opened(note, keys)
    except (BadNote, UnicodeDecodeError) as wrong:
        raise Refused(str(wrong)) from wrong
    try:
        _check_standing(memory, stands, keys)
        _check_growth(memory, stands, node_of(fetch, size=stands.size))
    except Fork as fork:
        fork.note = note
        raise
    seen = replace(
        memory, origin=stands.origin, edition=keys.edition, size=stands.size, root=stands.root
    )
    return Seen(memory=seen, note=note + signer.line(stands.text, at_s=at_s))


def node_of(fetch: Fetch, *, size: int) -> log.Node:
    """Return the reader of subtree hashes of a log of `size`, from its tiles."""
    kept: dict[log.Tile, bytes] = {}

    def node(level: int, index: int) -> bytes:
        height = level % log.TILE_HEIGHT
        first = index << height
        tile = _tile(level // log.TILE_HEIGHT, first // log.TILE_WIDTH, size=size)
        if tile not in kept:
            kept[tile] = _read_tile(fetch, tile)
        at = first % log.TILE_WIDTH * log.HASH_BYTES
        raw = kept[tile][at : at + (log.HASH_BYTES << height)]
        return log.root([raw[n : n + log.HASH_BYTES] for n in range(0, len(raw), log.HASH_BYTES)])

    return node


def _opened(note: str, keys: KeyList) -> Checkpoint:
    line = keys.current(LOG)
    if line is None:
        raise BadNote("the key list names no key of the log")
    text, _ = open_note(note, verifiers=[line.verifier])
    stands = read_checkpoint(text)
    if stands.text != text or stands.origin != line.verifier.name:
        raise BadNote("the checkpoint is not three lines under the log's own name")
    return stands


def _check_standing(memory: Memory, stands: Checkpoint, keys: KeyList) -> None:
    if memory.origin and stands.origin != memory.origin:
        raise Refused(f"this is another log: {stands.origin}, not {memory.origin}")
    if keys.edition < memory.edition:
        raise Fork(f"the key list went back from edition {memory.edition} to {keys.edition}")
    if stands.size < memory.size:
        raise Fork(f"the log went back from {memory.size} events to {stands.size}")
    if stands.size == memory.size and stands.root != memory.root:
        raise Fork(f"another root for the same {stands.size} events")


def _check_growth(memory: Memory, stands: Checkpoint, node: log.Node) -> None:
    """Check the tiles against the new root, then that the tree they make begins with the old."""
    if log.frontier_at(node, size=stands.size).root != stands.root:
        raise Refused("the tiles do not give the root of the checkpoint")
    if not memory.size:
        return
    steps = log.consistency_proof(node, old=memory.size, new=stands.size)
    grew = log.verify_consistency(
        steps, old=memory.size, old_root=memory.root, new=stands.size, new_root=stands.root
    )
    if not grew:
        raise Fork(f"the first {memory.size} events are not those seen before")


def _tile(level: int, index: int, *, size: int) -> log.Tile:
    held = size >> (log.TILE_HEIGHT * level)
    return log.Tile(
        level=level, index=index, width=min(log.TILE_WIDTH, held - index * log.TILE_WIDTH)
    )


def _read_tile(fetch: Fetch, tile: log.Tile) -> bytes:
    """Read a tile; a partial one that is gone was filled meanwhile."""
    whole = log.Tile(level=tile.level, index=tile.index, width=log.TILE_WIDTH)
    try:
        raw = fetch(log.tile_path(tile))
    except Refused:
        if tile == whole:
            raise
        raw = fetch(log.tile_path(whole))[: tile.width * log.HASH_BYTES]
    if len(raw) != tile.width * log.HASH_BYTES:
        raise Refused(f"{log.tile_path(tile)} has {len(raw)} bytes")
    return raw
