"""Refusals of the till."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "layout-incomplete": N_(
        "Say which column is the day and which holds the amounts, and each meaning once."
    ),
    "amount-not-positive": N_("Give an amount above zero."),
    "bad-account-number": N_("Give the account number: 6 to 34 letters and digits."),
    "bad-quarter": N_("Give a quarter such as 2026-Q1."),
    "bank-account-known": N_("This account number is kept here already."),
    "cell-no-amount": N_("A line moves money in or out: give one amount, not both, not none."),
    "cell-not-a-day": N_("“%(typed)s” is no day."),
    "deducted-too-much": N_("More is deducted than was weighed."),
    "entry-key-reused": N_("This was entered in the book before, with other amounts."),
    "entry-reversed": N_("This entry was taken back already."),
    "entry-unbalanced": N_("Debit and credit of an entry differ: nothing was entered."),
    "laboratory-missing": N_("Say which laboratory is paid."),
    "no-such-contract-held": N_("There is no such contract."),
    "no-such-payout": N_("There is no such payout."),
    "nothing-to-pay-out": N_("Nothing of this is held any more, or it is being paid out already."),
    "paid-on": N_("The money was paid on to the seller: take that back first."),
    "payout-not-waiting": N_("This payout waits for nobody: it is confirmed or declined."),
    "match-differs": N_("A payment or deposit that was told is matched by its whole amount."),
    "match-not-waiting": N_("Nothing of this line waits for a second person."),
    "match-nothing": N_("Choose what the line is for, and an amount above zero."),
    "match-stands": N_("This match cannot be taken back."),
    "match-too-much": N_("That is %(over_yuan)s yuan more than the line has left."),
    "no-such-bank-account": N_("There is no such bank account of yours."),
    "no-such-match": N_("There is no such match of yours."),
    "no-such-money-account": N_("There is no such account in your book."),
    "no-such-money-entry": N_("There is no such entry in your book."),
    "no-such-movement": N_("There is no such line on your statements."),
    "no-such-payment": N_("There is no such payment of yours."),
    "no-such-settlement": N_("There is no such settlement of yours."),
    "not-due-here": N_("This is not due to move here, or not that much of it."),
    "nothing-weighed": N_("There is no weight to settle yet."),
    "paid-in-the-future": N_("Give the day of payment: today or earlier."),
    "payment-not-waiting": N_("This payment waits for nobody: it is confirmed or declined."),
    "payment-same-person": N_(
        "You recorded this payment, or were let in by who did: somebody else has to confirm it."
    ),
    "pays-too-much": N_("Only %(open_yuan)s yuan are open. Give that or less."),
    "rail-refused": N_("The payment service declined: %(reason)s."),
    "reason-missing": N_("Say why."),
    "settlement-superseded": N_("This settlement was worked out again. Open the newest one."),
    "unknown-payment-method": N_("Say how it was paid: bank, cash, WeChat or Alipay."),
}
