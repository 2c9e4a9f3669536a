"""Where a figure of a settlement comes from: what it is called, and the address that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext

from remelt.platform.market.terms_models import ContractEstimate
from remelt.platform.settlement.finals.models import SettlingAssay, SettlingWeight
from remelt.platform.settlement.finals.queries import DealView
from remelt.web import fmt
from remelt.web.deal_words import ANALYTE_WORDS, HOW_WORDS, KEY_WORDS, SIDE_WORDS


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from: what it is called, and the address that shows it."""

    text: str
    address: str


def label(key: str) -> str:
    """Return what a line is called: its word, and what it is about."""
    name, _, rest = key.partition(":")
    word = gettext(KEY_WORDS[name]) if name in KEY_WORDS else name
    parts = [rest] if name == "index" else rest.split(":")
    said = [SIDE_WORDS.get(part) or ANALYTE_WORDS.get(part) for part in parts if part]
    shown = [gettext(s) if s else p for s, p in zip(said, [p for p in parts if p], strict=True)]
    return " ".join([word, *shown])


def anchor(key: str) -> str:
    """Return the place of a line on its page."""
    return "l-" + "".join(char if char.isalnum() else "-" for char in key)


def origin(text: str, *, view: DealView, labels: Mapping[str, str]) -> Origin:
    """Return an origin as a link: a load, a result, a quote, a clause, or a line above."""
    kind, _, name = text.partition(":")
    code = view.sold.contract.code
    match kind:
        case "line":
            return Origin(labels.get(name, name), f"#{anchor(name)}")
        case "ticket":
            return _load(next(w for w in view.weights if w.code == name), view=view)
        case "assay":
            return _result(next(a for a in view.assays if a.code == name), code=code)
        case "index":
            return quote_origin(name)
    return Origin(gettext("terms"), url_for("deals.terms", code=code, _anchor="terms"))


def _load(row: SettlingWeight, *, view: DealView) -> Origin:
    """Lead to the photo of the slip, or to the ticket of one's own scale, else to the load."""
    code = view.sold.contract.code
    if row.photo_sha256:
        return Origin(row.ticket, url_for("deals.paper", code=code, sha256=row.photo_sha256))
    if row.ours and view.side == "buyer":
        return Origin(fmt.code(row.code), url_for("tickets.show", ticket=row.code))
    return Origin(row.ticket, url_for("deals.settlement", code=code, _anchor=f"w-{row.code}"))


def _result(row: SettlingAssay, *, code: str) -> Origin:
    """Lead to the photo of the certificate, else to the result."""
    side, analyte = gettext(SIDE_WORDS[row.side]), ANALYTE_WORDS.get(row.analyte)
    said = f"{gettext(analyte) if analyte else row.analyte} · {side}"
    if row.report_sha256:
        return Origin(said, url_for("deals.paper", code=code, sha256=row.report_sha256))
    return Origin(said, url_for("deals.settlement", code=code, _anchor=f"a-{row.code}"))


@dataclass(frozen=True, slots=True)
class CreditWeight:
    """What a contract weighs on its buyer's credit per tonne, how that is known, and from what."""

    price_fen_per_t: int | None
    how: str
    origins: tuple[Origin, ...]


def credit_weight(estimate: ContractEstimate) -> CreditWeight:
    """Return an estimate as the page of its contract names it."""
    return CreditWeight(
        price_fen_per_t=estimate.price_fen_per_t,
        how=gettext(HOW_WORDS[estimate.how]),
        origins=tuple(quote_origin(each) for each in estimate.basis.split()),
    )


def quote_origin(name: str) -> Origin:
    """Return a quote, `CODE@day#revision`, as a link to where it stands among its revisions."""
    code, _, rest = name.partition("@")
    day, _, revision = rest.partition("#")
    address = url_for("indices.show", code=code, until=day, _anchor=f"q-{day}-{revision}")
    said = f"{code} {fmt.day_text(date.fromisoformat(day), zh=fmt.is_chinese())}"
    if revision != "1":
        said += " · " + gettext("revision no. %(n)s", n=revision)
    return Origin(said, address)
