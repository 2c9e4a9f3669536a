"""Refusals of the public log, the passport and the regulator's desk."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "no-such-log-entry": N_("The log holds nothing at this place yet."),
}
