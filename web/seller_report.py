"""The quarter's report of sellers as a file, with the identities that the tax office asks for."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.reporting import Quarter, SellerLine, sellers_report
from remelt.platform.settlement.reverse.models import NaturalSeller
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.models import SellerCard
from remelt.web.reverse_files import keep_opened
from remelt.web.sheets import Table
from remelt.web.tax_figures import yuan
from remelt.web.words import LEGAL


def report_table(
    session: Session, *, clock: Clock, who: Actor, quarter: Quarter, vault: Vault
) -> Table:
    """Return the report as rows, one a seller, and keep that identities were opened for it."""
    lines = sellers_report(session, quarter=quarter)
    opened = _identities(session, lines, vault=vault)
    keep_opened(
        session, clock=clock, who=who, purpose="seller-report", period=quarter.name,
        count=len(opened),
    )  # fmt: skip
    header = [
        _("Quarter"), _("Seller"), _("Legal form"), _("Code"),
        _("Business licence or identity number"), _("Number of sales"),
        _("Gross sales (CNY)"), _("Returned sales (CNY)"), _("Net sales (CNY)"),
        _("VAT inside (CNY)"),
    ]  # fmt: skip
    return header, [
        [
            quarter.name,
            line.seller.name_zh,
            _(LEGAL[line.seller.legal_form]),
            line.seller.code,
            opened.get(line.seller.key) or line.licence or "",
            line.deals,
            yuan(line.gross_fen),
            yuan(line.returned_fen),
            yuan(line.net_fen),
            yuan(line.vat_fen),
        ]
        for line in lines
    ]


def natural_persons(session: Session, lines: Sequence[SellerLine]) -> dict[int, SellerCard]:
    """Return the newest card of each seller that is a verified natural person, by its account."""
    rows = session.exec(
        select(NaturalSeller.organisation_id, SellerCard)
        .join(SellerCard, col(SellerCard.id_digest) == col(NaturalSeller.digest))
        .where(
            col(NaturalSeller.organisation_id).in_([line.seller.key for line in lines]),
            col(SellerCard.id_sealed).is_not(None),
        )
        .order_by(col(SellerCard.id))
    )
    return {account: card for account, card in rows if account is not None}


def _identities(session: Session, lines: Sequence[SellerLine], *, vault: Vault) -> dict[int, str]:
    return {
        account: vault.open(card.id_sealed)
        for account, card in natural_persons(session, lines).items()
        if card.id_sealed is not None
    }
