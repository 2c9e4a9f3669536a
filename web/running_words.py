"""What the pages call the words of running accounts."""

from remelt.web.messages.marks import N_

FACT_WORDS = {
    "settlement": N_("Delivery"),
    "payment": N_("Payment"),
    "advance": N_("Advance"),
}
WORDS = {
    "fact": FACT_WORDS,
    "purpose": {"prepayment": N_("Prepayment"), "advance": N_("Advance to buy with")},
    "verdict": {"confirmed": N_("confirmed"), "disputed": N_("disputed")},
    "age": (
        N_("up to 30 days"),
        N_("31 to 60 days"),
        N_("61 to 90 days"),
        N_("more than 90 days"),
    ),
}
