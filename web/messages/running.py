"""Refusals of running accounts."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "advance-limit-reached": N_(
        "Only %(left_yuan)s yuan more may be outstanding. Net deliveries first, or raise the limit."
    ),
    "no-such-advance": N_("There is no such advance of yours."),
    "no-such-partner": N_("There is no other organisation with this code."),
    "no-such-running-account": N_("There is no such running account of yours."),
    "no-such-statement": N_("There is no such statement of yours."),
    "nothing-to-net": N_("No advance is outstanding, or no delivery is open."),
    "statement-answered": N_("This statement is your own, or was answered already."),
    "statement-not-due": N_(
        "Give a month that has ended, after the last one stated, such as 2026-03."
    ),
}
