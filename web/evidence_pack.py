"""The evidence file: a zip of what proves purchases, each file under its hash in a manifest.

The same purchases with the same papers give the same bytes.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import orjson
from sqlmodel import Session

from remelt.platform.kernel.files import FileStore, NoSuchFile
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.evidence.queries import Purchase, purchase
from remelt.platform.settlement.queries import lines_of
from remelt.platform.yard import queries as yard
from remelt.platform.yard.errors import NoSuchTicket

DAY_ONE = (1980, 1, 1, 0, 0, 0)
DESTROYED = "destroyed"


def evidence_chunks(
    codes: Iterable[str], *, store: Store, organisation_id: int, files: FileStore
) -> Iterator[bytes]:
    """Give the evidence of purchases as a zip with `manifest.json` (path -> SHA-256), in pieces.

    One purchase is read at a time, in a session of its own: no month is too big for the memory,
    and no session stays open while somebody downloads. A paper that was destroyed with its
    person stands in the manifest as such.
    """
    sink = _Sink()
    manifest: dict[str, str] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for code in codes:
            with store.read() as session:
                one = purchase(session, organisation_id=organisation_id, subject_code=code)
                said = list(_said(session, one))
            for path, content in (*said, *_papers(one, files=files)):
                name = f"{code}/{path}"
                if name in manifest:
                    continue
                if content is None:
                    manifest[name] = DESTROYED
                    continue
                _put(package, name, content)
                manifest[name] = hashlib.sha256(content).hexdigest()
                yield sink.taken()
        _put(package, "manifest.json", _canonical(manifest))
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What a zip is written to and taken from, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since it was last asked."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _said(session: Session, one: Purchase) -> Iterator[tuple[str, bytes]]:
    owed = one.settlement
    yield "purchase.json", _canonical(_purchase(session, one))
    with suppress(NoSuchTicket):  # a ticket of the seller's own yard is not the buyer's to hand on
        ticket = _ticket(session, owed.ticket_code, organisation_id=owed.payer_id)
        yield "ticket.json", _canonical(ticket)


def _papers(one: Purchase, *, files: FileStore) -> Iterator[tuple[str, bytes | None]]:
    named = [("photos", sha256) for sha256 in one.photos]
    named += [
        (paper.paper, paper.sha256)
        for paper in one.papers
        if paper.sha256 and paper.paper != "photo"
    ]
    if one.consent is not None and one.consent.proof_sha256:
        named.append(("consent", one.consent.proof_sha256))
    for folder, sha256 in named:
        content = None
        with suppress(NoSuchFile):
            content = files.get(sha256)
        yield f"{folder}/{sha256[:16]}.jpg", content


def _purchase(session: Session, one: Purchase) -> dict[str, Any]:
    owed = one.settlement
    return {
        "settlement": owed.model_dump(mode="json", exclude={"id", "site_id", "payer_id",
                                      "payee_id", "supersedes_id"}),
        "lines": [line.model_dump(mode="json", exclude={"id", "settlement_id"})
                  for line in lines_of(session, owed)],
        "evidence": dict(one.items),
        "payments": [
            payment.model_dump(mode="json", include={"code", "amount_fen", "method", "reference",
                               "paid_on", "recorded_at", "confirmed_at", "declined_at"})
            for payment in one.payments
        ],
        "papers": [
            paper.model_dump(mode="json", include={"paper", "number", "sha256", "added_at"})
            for paper in one.papers
        ],
        "consent": None if one.consent is None else one.consent.model_dump(
            mode="json", include={"given_on", "text", "proof_sha256"}),
        "reverse_invoice": None if one.invoice is None else one.invoice.model_dump(
            mode="json", exclude={"id", "purchase_id", "natural_seller_id", "buyer_id",
                                  "settlement_id", "counters_id", "person_id"}),
        "invoice_number": one.number,
    }  # fmt: skip


def _ticket(session: Session, code: str, *, organisation_id: int) -> dict[str, Any]:
    view = yard.ticket(session, code=code, organisation_id=organisation_id)
    ticket, seller = view.ticket, view.seller
    hidden = {"id", "site_id", "person_id", "seller_id", "voids_id", "ticket_id"}
    return {
        "ticket": ticket.model_dump(mode="json", exclude=hidden),
        "site": view.site.code,
        "lines": [line.model_dump(mode="json", exclude=hidden) for line in view.lines],
        "readings": [line.model_dump(mode="json", exclude=hidden) for line in view.readings],
        "seller": None if seller is None else {"name": seller.name, "identity": seller.id_masked},
    }


def _canonical(said: Any) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def _put(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=DAY_ONE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(entry, content)
