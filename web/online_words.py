"""What the pages call payments through a provider, and why they came to nothing."""

from collections.abc import Iterable
from typing import Final

from flask_babel import gettext

from remelt.platform.settlement.rails.provider_models import STATES
from remelt.platform.settlement.rails.provider_paying import ONLINE
from remelt.web.messages.marks import N_

METHOD_WORDS: Final = {
    "card": N_("Card"),
    "alipay": N_("Alipay"),
    "wechat_pay": N_("WeChat Pay"),
}
STATE_WORDS: Final = {
    "stored": (N_("being prepared"), "copper"),
    "waiting": (N_("waits for you"), "copper"),
    "held": (N_("held on the card"), "good"),
    "done": (N_("paid"), "good"),
    "refused": (N_("not paid"), "bad"),
    "cancelled": (N_("given up"), "info"),
}
REASON_WORDS: Final = {
    "not-paid-in-time": N_("Nobody paid on the page within 24 hours."),
    "generic_decline": N_("The bank of the card refused, and does not say why."),
    "card_declined": N_("The bank of the card refused, and does not say why."),
    "insufficient_funds": N_("The card has not enough money."),
    "expired_card": N_("The card has expired."),
    "no-method": N_("The payment was broken off at the wallet."),
    "insufficient_capabilities_for_transfer": N_("The seller's account may not be paid now."),
    "balance_insufficient": N_("Stripe does not hold enough of ours that is free."),
    "resource_missing": N_("Stripe does not know the seller's account or the payment."),
    "payment_intent_authentication_failure": N_("The payment was broken off at the wallet."),
}
# a dispute's states, as the bank's words for them go
DISPUTE_WORDS: Final = {
    "warning_needs_response": (N_("the bank asks; an answer is due"), "copper"),
    "warning_under_review": (N_("the bank looks at the answer"), "copper"),
    "warning_closed": (N_("the bank asks no further"), "good"),
    "needs_response": (N_("an answer is due"), "bad"),
    "under_review": (N_("the bank looks at the answer"), "copper"),
    "won": (N_("won: the money is back"), "good"),
    "lost": (N_("lost: the buyer owes it"), "bad"),
}
TRANSFER_WORDS: Final = {
    "": (N_("being opened"), "copper"),
    "inactive": (N_("details are missing"), "warn"),
    "pending": (N_("Stripe checks the details"), "copper"),
    "active": (N_("can be paid"), "good"),
}
# what Stripe still asks of a seller, by the first part of its name for it
WANTED_WORDS: Final = {
    "business_profile": N_("what the business does"),
    "business_type": N_("whether you are a person or a company"),
    "company": N_("details of the company"),
    "external_account": N_("the bank account that is paid to"),
    "individual": N_("who you are"),
    "owners": N_("who owns the company"),
    "person": N_("who acts for the company"),
    "representative": N_("who acts for the company"),
    "tos_acceptance": N_("consent to Stripe's terms"),
}


def wanted(names: Iterable[str]) -> str:
    """Return what Stripe still asks for in the words of the page, each once."""
    firsts = (name.split(".")[0] for name in names)
    heads = ("person" if first.startswith("person_") else first for first in firsts)
    said = (gettext(WANTED_WORDS[head]) if head in WANTED_WORDS else head for head in heads)
    return ", ".join(dict.fromkeys(said))


WORDS: Final = {
    "method": METHOD_WORDS,
    "state": STATE_WORDS,
    "reason": REASON_WORDS,
    "dispute": DISPUTE_WORDS,
    "transfers": TRANSFER_WORDS,
}
if set(STATE_WORDS) != set(STATES) or set(METHOD_WORDS) != set(ONLINE):
    raise LookupError("a payment has no word")
