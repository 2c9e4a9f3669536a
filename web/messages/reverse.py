"""Refusals of reverse invoices."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "no-such-purchase": N_("There is no such purchase of yours."),
    "paper-empty": N_("Add a photo, or give the paper's number."),
    "account-tied": N_("This account is tied to a person already. Untie it first."),
    "already-invoiced": N_("A reverse invoice stands for this purchase."),
    "bad-consent-day": N_("Give the day of the consent: today or earlier."),
    "bad-invoice-number": N_("Give the invoice's number: 8 to 20 digits."),
    "bad-month": N_("Give one of the last twelve months, such as 2026-03."),
    "invoice-not-standing": N_("This invoice was taken back, or is a red one."),
    "invoice-number-taken": N_("This number stands on another invoice, or the invoice has one."),
    "issues-own-invoices": N_(
        "Household businesses and enterprises issue invoices of their own: nobody draws them up"
        " for them."
    ),
    "no-such-reverse-invoice": N_("There is no such reverse invoice of yours."),
    "no-such-seller-purchase": N_(
        "There is no such purchase of yours from a person whose identity is known."
    ),
    "nothing-to-invoice": N_("Nothing was paid for this purchase, or it was taken back."),
    "proof-missing": N_("Add a photo of the proof."),
    "reverse-ceiling-reached": N_(
        "The seller may be invoiced for %(left_yuan)s yuan more at most in these"
        " twelve months. Have the seller get the invoice from the tax office."
    ),
    "reverse-consent-missing": N_("The seller's consent to your reverse invoices is not on file."),
    "reverse-not-set-up": N_("Say first how your organisation pays VAT."),
    "seller-unidentified": N_(
        "The seller's identity number is not known, so nobody can count what was invoiced."
    ),
    "tie-refused": N_(
        "Code and identity number do not fit, or the code is used or too old. Ask at the counter"
        " for a new one."
    ),
}
