"""Refusals of siting."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "bad-scenario": N_("%(subject)s: the rule is: %(rule)s. What to do: %(remedy)s."),
    "no-estimate": N_(
        "The reference data has no points, people or factors to estimate this province from "
        "(%(province)s). Bring figures of your own by the API."
    ),
    "no-such-scenario": N_("There is no such scenario."),
    "scenario-not-solved": N_("This scenario has no answer: wait for it, or loosen its terms."),
    "too-many-scenarios": N_("%(waiting)s scenarios of yours wait. Wait for one to end."),
}
