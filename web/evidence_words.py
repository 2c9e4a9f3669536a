"""What the pages call the words of evidence."""

from remelt.web.messages.marks import N_

WORDS = {
    "item": {
        "ticket": N_("Ticket"),
        "photos": N_("Photos"),
        "identity": N_("Identity"),
        "consent": N_("Consent"),
        "payment": N_("Payment proof"),
        "invoice": N_("Invoice"),
    },
    "state": {
        "present": N_("there"),
        "missing": N_("missing"),
        "unneeded": N_("not needed"),
    },
    "colour": {"present": "good", "missing": "bad", "unneeded": ""},
    "paper": {
        "photo": N_("Photo of the goods"),
        "payment": N_("Proof of payment"),
        "invoice": N_("The seller's invoice"),
    },
}
