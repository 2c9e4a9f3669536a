"""Refusals on the road: vehicles, transport orders, plans, rounds and hand-overs."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "already-loaded": N_("This lot is on the truck already."),
    "already-unloaded": N_("This lot was handed over at its destination already."),
    "bad-capacity": N_("Give a payload of more than 0 and at most %(most_t)s t."),
    "bad-emission-class": N_("Choose one of the listed emission classes."),
    "bad-plate": N_("A number plate has 1 to 12 characters."),
    "bad-rate": N_("Give a cost of 0 or more."),
    "bad-shift": N_("The end must be after the beginning, on the same day."),
    "day-past": N_("Choose a day from %(today)s on, at most a year ahead."),
    "heap-stays": N_(
        "Lot %(lot)s is a heap or a furnace heel and stays. Weigh a lot off the heap, then send it."
    ),
    "left-behind": N_("This lot was left behind and waits for a new round. Plan it again."),
    "lot-not-here": N_("This lot is not on hand at this site, so it cannot be sent from here."),
    "no-hub": N_("There is no hub yet to which the lot could be brought."),
    "no-such-order": N_(
        "No transport order of yours has this code. Check the label, or ask the dispatcher."
    ),
    "no-such-plan": N_("There is no such plan, or you may not see it."),
    "no-such-round": N_("There is no such round, or you may not see it."),
    "no-such-vehicle": N_("There is no such vehicle, or you may not see it."),
    "not-loaded-yet": N_("This lot was not loaded yet: scan it as loaded first."),
    "not-on-a-round": N_("This lot is ordered but on no round yet. Ask the dispatcher to plan it."),
    "nothing-to-move": N_("There is nothing to move: the lot has no mass, or more than 1,000 t."),
    "nothing-to-plan": N_("No open order waits here for %(day)s."),
    "order-not-open": N_("This order is on a round, under way or over, so it stays."),
    "order-stands": N_("This lot already has a transport order that is not finished."),
    "plan-running": N_("A plan for this site and day is being made. Wait for its result."),
    "plate-taken": N_("A vehicle with the plate %(plate)s is in use already."),
    "round-not-today": N_("This round is planned for %(day)s. Load it on that day."),
    "round-under-way": N_("This round has begun or is over, so it cannot be taken back."),
    "same-place": N_("The lot is there already: choose another site."),
}
