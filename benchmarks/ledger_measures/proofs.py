"""Passports and the log: reference vectors, checking without a network, turned bits, and time."""

import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baselines.ed25519_verify import seconds_each
from frame import Row
from ledger_measures.passport_bits import BASE, PARTS, Papers, handed_out, settings_in, spoilt

from remelt.migrations.upgrade import upgrade
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.store import Store
from remelt.traceability import ledger
from remelt.traceability.ledger import LotSpec, SiteRef
from remelt.traceability.passports.certifying import issue
from remelt.traceability.proofs.verifier import Bad, verify
from remelt.web.wiring import new_store

SEED = 20_260_302
SITE = SiteRef(code="HUB1", adcode="520102")
CANS = LotSpec(
    metal="Al", grade_system="ReMA", grade_code="Talc", form="cans", origin="post_consumer",
    metal_bp=9_000, track="520102",
)  # fmt: skip


def passports(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's signature
    """Check passports with every socket refused, time one, and turn single bits in them."""
    count, bits = (100, 1_400) if quick else (1_000, 10_000)
    with _issued(count) as papers, _no_network():
        start = time.perf_counter()
        valid = sum(_holds(each) for each in papers)
        each_s = (time.perf_counter() - start) / count
        yield Row(
            what="passports verified with the network cut",
            ours=valid,
            unit="valid",
            peer=count,
            peer_name="of",
            reach="1,000 of 1,000",
            met=valid == count,
        )
        bare_s = seconds_each(1_000)
        yield Row(
            what="checking one passport, key list included",
            ours=each_s * 1_000,
            unit="ms",
            peer=bare_s * 1_000,
            peer_name="one bare Ed25519 verification",
            ratio=each_s / bare_s,
            note="three signatures (root, log, issuer), four canonical forms, the path to the root",
        )
        missed: list[str] = []
        for n, (part, bent) in enumerate(spoilt(papers[0], seed=SEED, count=bits)):
            if _holds(bent):
                missed.append(f"{part} {n}")
        yield Row(
            what="single-bit changes refused",
            ours=bits - len(missed),
            unit="refused",
            peer=bits,
            peer_name="of",
            reach="every one of 10,000",
            met=not missed,
            note=f"seed {SEED}; in turn in {', '.join(PARTS)}; passed: {missed[:3] or 'none'}",
        )


def _holds(papers: Papers) -> bool:
    try:
        verify(papers.passport, keys=papers.keys, root=papers.root)
    except Bad:
        return False
    return True


@contextmanager
def _issued(count: int) -> Iterator[list[Papers]]:
    """Give the papers of `count` passports of distinct lots, in one log."""
    with tempfile.TemporaryDirectory() as folder:
        clock = SimulatedClock(datetime(2026, 3, 2, 4, tzinfo=UTC))
        store: Store = new_store(f"sqlite:///{folder}/ledger.db", clock=clock)
        upgrade(store.engine, province=52)
        settings = settings_in(Path(folder) / "home")
        with store.write() as session:
            made = []
            for n in range(count):
                clock.advance(seconds=1)
                said: dict[str, Any] = {"clock": clock, "site": SITE, "actor": "person:ZHAO"}
                lot = ledger.bring_in(
                    session,
                    lot_code=new_code(),
                    spec=CANS,
                    mass_g=1_000_000 + n,
                    owner="ORG1",
                    custodian="ORG1",
                    **said,
                )
                made.append(issue(session, lot_code=lot.code, base_url=BASE, **said).certificate)
        with store.read() as session:
            papers = [handed_out(session, clock, settings, each) for each in made]
        store.close()
        yield papers


@contextmanager
def _no_network() -> Iterator[None]:
    """Refuse every socket that anybody opens."""

    def refuse(*_args: object, **_named: object) -> None:
        raise OSError("the network is cut")

    kept: Any = socket.socket
    socket.socket = refuse  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        socket.socket = kept  # type: ignore[misc]
