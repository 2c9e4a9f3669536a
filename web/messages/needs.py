"""Refusals around what is looked for, followed and asked."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "cell-ambiguous-grade": N_(
        "“%(typed)s” may mean several grades: %(choices)s. Write the system and code."
    ),
    "cell-not-checked": N_(
        "Write “yes” (是) once you have looked: no hazardous waste, no radiation, no sealed "
        "vessels."
    ),
    "cell-number-taken": N_("The number %(number)s stands twice. Give each lot its own."),
    "cell-unknown-grade": N_(
        "No grade is called “%(typed)s”. Write a name from the list of grades, or its code."
    ),
    "draft-incomplete": N_("This is still missing: %(missing)s. Fill it in, then publish."),
    "draft-is-dropped": N_("This draft was dropped."),
    "draft-is-published": N_("This draft is on the market already: change the listing instead."),
    "no-board-answer": N_(
        "None of your price boards has a price for this lot: hang one out first, with or without "
        "invoice as the lot is offered. It answers small lots at a fixed price."
    ),
    "no-such-draft": N_("There is no such draft of yours."),
    "too-many-drafts": N_("You keep %(most)s drafts, as many as one may. Publish or drop some."),
    "cell-merged": N_("Split this merged cell: each row says its own."),
    "word-of-no-grade": N_(
        "“%(typed)s” is no grade that we know. Try another word for it, or choose from the list."
    ),
    "word-of-several-grades": N_("“%(typed)s” may mean several grades. Choose one below."),
    "unreadable-draft": N_("This field is none that a listing has."),
    "already-answered": N_("This question has its answer already."),
    "contact-in-words": N_(
        "Leave out telephone numbers, mail addresses and messengers: buyers and sellers get to "
        "know each other once the lot is sold."
    ),
    "lots-too-large": N_(
        "The smallest lot cannot be larger than all that you look for (%(all_mass_g)s)."
    ),
    "need-is-over": N_("This need has ended."),
    "no-such-need": N_("There is no need %(need)s. It may have ended."),
    "no-such-question": N_("There is no such question about this listing."),
    "no-such-search": N_("There is no such saved search of yours."),
    "own-question": N_("This is your own listing: say what you know in its description."),
    "question-unreadable": N_("Write something, of at most %(most)s characters."),
    "search-unnamed": N_("Give the search a name of at most 60 characters."),
    "too-many-needs": N_("You have %(most)s open needs, as many as one may have. End one first."),
    "too-many-questions": N_(
        "%(most)s of your questions about this lot wait for an answer. Wait for the seller."
    ),
    "too-much-followed": N_("You follow %(most)s already, as many as one may. Take one off first."),
}
