"""The terms of contracts, and contracts as documents, as programs read them."""

from datetime import datetime
from typing import Any, Self

from remelt.platform.settlement.finals.models import ContractTerms
from remelt.platform.settlement.finals.queries import TermsView
from remelt.platform.settlement.finals.terms import Terms, terms_sha256
from remelt.web.deal_page import sentences
from remelt.web.inputs import ApiOut


class VersionOut(ApiOut):
    """A version of terms as one side drafted it; it binds once both have signed."""

    code: str
    revision: int
    sha256: str
    signed_by_us: bool
    drafted_at: datetime

    @classmethod
    def of(cls, row: ContractTerms, *, ours: bool) -> Self:
        """Return a version."""
        return cls(
            code=row.code, revision=row.revision, sha256=row.sha256, signed_by_us=ours,
            drafted_at=row.drafted_at,
        )  # fmt: skip


class ContractTermsOut(ApiOut):
    """The terms in force, as awarded or signed by both, and the newest draft where it waits."""

    contract: str
    side: str
    signed: bool
    terms: Terms
    sha256: str
    price_zh: str
    price_en: str
    draft: VersionOut | None
    draft_terms: Terms | None

    @classmethod
    def of(cls, view: TermsView) -> Self:
        """Return the terms of a contract to one of its sides."""
        zh, en = sentences(view.terms)
        draft = view.draft
        return cls(
            contract=view.sold.contract.code, side=view.side, signed=view.signed is not None,
            terms=view.terms, sha256=terms_sha256(view.terms), price_zh=zh, price_en=en,
            draft=None if draft is None else VersionOut.of(draft, ours=view.signed_by_us),
            draft_terms=view.draft_terms,
        )  # fmt: skip


class DocumentOut(ApiOut):
    """A contract as a document; sha256 is over its canonical JSON (sorted keys, no blanks)."""

    sha256: str
    document: dict[str, Any]
