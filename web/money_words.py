"""What the pages of the cashier and the accountant call things."""

from typing import Final

from remelt.platform.settlement.escrow.models import PURPOSES
from remelt.platform.settlement.ledger.chart import KINDS
from remelt.platform.settlement.rails.bank.lines import BOOKABLE
from remelt.web.messages.marks import N_

ACCOUNT_WORDS: Final = {
    "opening": N_("Opening balance"),
    "cash": N_("Cash in hand"),
    "bank": N_("Bank deposits"),
    "bank_clearing": N_("Bank transfers in transit"),
    "wallet": N_("WeChat and Alipay balances"),
    "stripe_balance": N_("Stripe balance"),
    "receivable": N_("Accounts receivable"),
    "advance": N_("Paid in advance"),
    "deposit_paid": N_("Deposits laid down"),
    "held": N_("Held for us by the platform"),
    "tax_advanced": N_("Taxes paid for sellers"),
    "outside": N_("Business not kept here"),
    "purchases": N_("Materials purchased"),
    "payable": N_("Accounts payable"),
    "payment_held": N_("Payments under review"),
    "fees_due": N_("Charges owed to the platform"),
    "tax_input": N_("Input VAT"),
    "tax_output": N_("Output VAT"),
    "vat_agent": N_("VAT filed for sellers"),
    "income_tax_agent": N_("Income tax filed for sellers"),
    "escrow": N_("Held for a contract"),
    "deposit_held": N_("Deposits held"),
    "suspense": N_("Suspense"),
    "umpire": N_("Umpires to be paid"),
    "payout_due": N_("To be paid out"),
    "sales": N_("Sales"),
    "platform_fee": N_("Service fees"),
    "gain": N_("Other gains"),
    "fees": N_("Commission and umpires"),
    "charges": N_("Bank charges"),
    "rounding": N_("Rounding differences"),
    "loss": N_("Other losses"),
}
ENTRY_WORDS: Final = {
    "settled-contract": N_("Contract settled"),
    "settled-gate": N_("Gate purchase"),
    "settled-tolling": N_("Tolling fee"),
    "payment-held": N_("Payment under review"),
    "paid": N_("Payment"),
    "advance": N_("Paid in advance"),
    "deposit-held": N_("Deposit arrived"),
    "deposit-released": N_("Deposit released"),
    "deposit-forfeited": N_("Deposit forfeited"),
    "deposit-applied": N_("Deposit applied"),
    "deposit-left": N_("Rest of a deposit"),
    "charged": N_("Commission and umpires"),
    "paid-out": N_("Paid out by the platform"),
    "payout-returned": N_("Payout that came back"),
    "reverse-taxed": N_("Taxes of a reverse invoice"),
    "on-statement": N_("Line of a bank statement"),
    "matched": N_("Line matched"),
    "opening": N_("Opening balance"),
    "provider-charge": N_("Paid through Stripe"),
    "provider-refund": N_("Refunded through Stripe"),
    "provider-refund-failed": N_("Refund that came back"),
    "provider-transfer": N_("Passed on to the seller by Stripe"),
    "provider-reversal": N_("Taken back from the seller by Stripe"),
    "provider-dispute": N_("Disputed card payment"),
    "provider-payout": N_("Paid out by Stripe to the bank"),
}
WHY_WORDS: Final = {
    "reference": N_("The transfer carries the reference, and the amount is right"),
    "references": N_("The transfer carries several references, and the sum is right"),
    "amount-and-name": N_("Amount and name are right; no reference"),
    "pair": N_("Two amounts of this party make the sum; no reference"),
    "amount": N_("Only the amount is right"),
    "cent": N_("The amount differs by one cent"),
    "part": N_("The transfer carries the reference, and pays a part"),
    "more": N_("The transfer carries the reference, and brings more than is due"),
    "by-hand": N_("Chosen by hand"),
}
LINE_WORDS: Final = {
    "open": (N_("In suspense"), "warn"),
    "part": (N_("Partly matched"), "warn"),
    "waiting": (N_("Awaits review"), "copper"),
    "matched": (N_("Matched"), "good"),
}
MATCH_WORDS: Final = {
    "waiting": (N_("Awaits review"), "copper"),
    "confirmed": (N_("Counts"), "good"),
    "declined": (N_("Declined"), "bad"),
    "undone": (N_("Taken back"), ""),
}
PAYOUT_WORDS: Final = {
    "waiting": (N_("Awaits review"), "copper"),
    "confirmed": (N_("Confirmed"), "good"),
    "declined": (N_("Declined"), "bad"),
    "returned": (N_("Came back"), "bad"),
}
DUE_WORDS: Final = {
    "settlement": N_("Settlement"),
    "payment": N_("Payment"),
    "deposit": N_("Deposit"),
    "payout": N_("Payout"),
    "rounding": N_("Rounding differences"),
    "account": N_("Booked to"),
}
BOOKABLE_WORDS: Final = {
    "charges": N_("Bank charges"),
    "gain": N_("Interest and other gains"),
    "loss": N_("Other losses"),
    "cash": N_("Cash drawn or paid in"),
    "wallet": N_("From or to WeChat or Alipay"),
    "bank_clearing": N_("In transit: an advance told before, or another account of yours"),
    "tax_output": N_("VAT paid to the tax office"),
    "vat_agent": N_("VAT paid for sellers"),
    "income_tax_agent": N_("Income tax paid for sellers"),
    "outside": N_("Business that is not kept here: wages, rent, other trades"),
}
PURPOSE_WORDS: Final = {
    "price": N_("Price to the seller"),
    "back": N_("Paid too much: back to the buyer"),
    "released": N_("Deposit released"),
    "forfeited": N_("Deposit forfeited"),
    "umpire": N_("Umpire's charge"),
}
WORDS: Final = {
    "account": ACCOUNT_WORDS,
    "entry": ENTRY_WORDS,
    "why": WHY_WORDS,
    "line": LINE_WORDS,
    "match": MATCH_WORDS,
    "due": DUE_WORDS,
    "bookable": BOOKABLE_WORDS,
    "purpose": PURPOSE_WORDS,
    "payout": PAYOUT_WORDS,
}
if set(ACCOUNT_WORDS) != set(KINDS) or set(BOOKABLE_WORDS) != set(BOOKABLE):
    raise LookupError("an account has no word")
if set(PURPOSE_WORDS) != set(PURPOSES):
    raise LookupError("a purpose has no word")

MEANINGS = {
    "day": N_("Day"),
    "clock": N_("Time"),
    "income": N_("Money in"),
    "spent": N_("Money out"),
    "amount": N_("Amount, with a sign or a side"),
    "side": N_("Side: in or out"),
    "balance": N_("Balance after it"),
    "name": N_("Other party"),
    "account": N_("Other party's account"),
    "bank ref": N_("The bank's reference"),
    "text": N_("Remark"),
    "note": N_("Second remark"),
}
"""What a column of a bank's file may be."""
