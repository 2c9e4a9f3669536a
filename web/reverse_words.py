"""What the pages call the words of reverse invoicing."""

from remelt.web.messages.marks import N_

WORDS = {
    "state": {"free": N_("room left"), "near": N_("near the ceiling"), "full": N_("full")},
    "colour": {"free": "good", "near": "warn", "full": "bad"},
    "kind": {"special": N_("special VAT invoice"), "ordinary": N_("ordinary invoice")},
    "method": {"general": N_("General method"), "simple": N_("Simple method")},
    "trait": {
        "bank_card": N_("the same bank card"),
        "phone": N_("the same telephone"),
        "address": N_("the same address"),
        "plate": N_("the same plate"),
    },
    "why": {
        "bank_card": N_("Money for several sellers goes to one account. Ask who owns it."),
        "phone": N_("Families share a telephone; so does who sends others to sell."),
        "address": N_("Households and villages share an address. Look at the sum together."),
        "plate": N_("Neighbours share a truck, and hauliers drive for many. A weak sign alone."),
    },
}
