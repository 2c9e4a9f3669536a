"""The contract of tolling, or of a swap of scrap for ingot, as a document; see metal accounts."""

from typing import Any

from flask_babel import gettext

from remelt.platform.parties.models import Site
from remelt.platform.works.flow_models import TollingAccount
from remelt.platform.works.tolling_queries import AccountCard
from remelt.platform.works.tolling_terms import owed_of
from remelt.web import fmt
from remelt.web.deeds import Deed, in_both, party_json, party_name
from remelt.web.flow_words import MATERIAL_WORDS, TERM_WORDS
from remelt.web.messages.marks import N_

TITLES = {
    "own_metal": "来料加工合同 Contract of tolling",
    "equivalent": "来料加工合同 Contract of tolling",
    "swap": "废料换锭合同 Contract of swap, scrap for ingot",
}
TITLE_WORDS = {
    "own_metal": N_("It stays the owner's from first to last; what is made of it goes back."),
    "equivalent": N_("Title passes to the processor at receipt; equivalent metal goes back."),
    "swap": N_("Title passes to the processor at receipt; ingot of its own goes back."),
}
KEPT = N_(
    "In kg, to the gram: received mass times the agreed yield is owed, what was given back comes"
    " off, and the balance stays owed."
)
RUN_AROUND = N_(
    "Dross sent out and its metal stay run-around scrap: they are no recycled inflow of the owner."
)
PER_G = 1_000_000


def metal_deed(card: AccountCard, *, owner_site: Site) -> Deed:
    """Return the contract of a metal account."""
    account = card.account
    return Deed(
        code=account.code, title=TITLES[account.terms], made_at=account.opened_at,
        said=_said(card, owner_site=owner_site), rows=_rows(card, owner_site=owner_site),
        signers=("货主 Owner", "加工方 Processor"),
    )  # fmt: skip


def metal_clauses(account: TollingAccount) -> list[tuple[str, str]]:
    """Return what owner and processor agreed on, in the language of the page."""
    zh = fmt.is_chinese()
    comes = f"{account.metal} · {gettext(MATERIAL_WORDS[account.material])}"
    rows = [
        (gettext("Terms"), gettext(TERM_WORDS[account.terms])),
        (gettext("What comes in"), comes),
        (gettext("What goes back"), account.product),
        (gettext("Whose metal it is"), gettext(TITLE_WORDS[account.terms])),
        (gettext("Agreed yield"), _yield(account)),
        (gettext("Metal account"), gettext(KEPT)),
        (gettext("Fee"), _fee(account, zh=zh)),
    ]
    if account.material == "dross":
        rows.append((gettext(MATERIAL_WORDS["dross"]), gettext(RUN_AROUND)))
    return rows


def _yield(account: TollingAccount) -> str:
    said: str = gettext(
        "%(share)s, rounded down: %(owed)s for %(received)s received",
        share=fmt.percent(account.yield_bp, digits=2),
        owed=fmt.kilograms(owed_of(account, mass_g=PER_G)), received=fmt.kilograms(PER_G),
    )  # fmt: skip
    return said


def _fee(account: TollingAccount, *, zh: bool) -> str:
    if not account.fee_fen_per_t:
        none: str = gettext("none")
        return none
    said: str = gettext(
        "%(price)s of what is given back, without invoice",
        price=fmt.price(account.fee_fen_per_t, zh=zh),
    )  # fmt: skip
    return said


def _said(card: AccountCard, *, owner_site: Site) -> dict[str, Any]:
    account = card.account
    return {
        "version": 1,
        "kind": "swap" if account.terms == "swap" else "tolling",
        "code": account.code,
        "made_at": fmt.stamp(account.opened_at),
        "accepted_at": None if account.accepted_at is None else fmt.stamp(account.accepted_at),
        "owner": party_json(card.owner),
        "processor": party_json(card.processor),
        "owner_site": owner_site.code,
        "site": card.site.code,
        "metal": account.metal,
        "material": account.material,
        "product": account.product,
        "terms": account.terms,
        "yield_bp": account.yield_bp,
        "owed": "received_g * yield_bp // 10000",
        "fee_fen_per_t": account.fee_fen_per_t,
        "fee_with_invoice": False,
        "signed": account.accepted_at is not None,
    }


def _rows(card: AccountCard, *, owner_site: Site) -> list[tuple[str, str]]:
    account = card.account
    accepted = account.accepted_at
    return [
        ("合同编号 No.", fmt.code(account.code)),
        ("日期 Date", fmt.beijing(account.opened_at).date().isoformat()),
        ("货主 Owner", f"{party_name(card.owner)} · {party_name(owner_site)}"),
        ("加工方 Processor", f"{party_name(card.processor)} · {party_name(card.site)}"),
        *in_both(lambda: metal_clauses(account)),
        (
            "状态 State",
            "待货主接受 awaits the owner"
            if accepted is None
            else f"货主已接受 accepted by the owner {fmt.beijing(accepted).date().isoformat()}",
        ),
    ]
