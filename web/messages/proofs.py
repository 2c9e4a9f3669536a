"""Refusals of the public log, the passport and the regulator's desk."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "no-such-log-entry": N_("The log holds nothing at this place yet."),
    "no-passport-in-force": N_(
        "This lot has no passport in force: its owner has issued none, or it was superseded."
    ),
    "no-consistency": N_(
        "Name two sizes of this log, the smaller first: it holds %(size)s events."
    ),
    "log-went-back": N_(
        "A log of %(published)s events was published, and this database holds %(held)s or others: "
        "nothing is signed or recorded. Restore a newer database, as docs/operating.md says."
    ),
    "checkpoint-spoilt": N_(
        "The published log/checkpoint cannot be read: nothing is signed or recorded. "
        "Bring it back from a mirror, as docs/operating.md says."
    ),
    "bad-cosignature": N_(
        "This is no checkpoint of this log with the signature of a listed witness."
    ),
    "cosigned-another-log": N_(
        "A witness signed another history than ours at %(size)s events. Keep the checkpoint and "
        "tell the operator and the other witnesses: somebody was shown a fork."
    ),
}
