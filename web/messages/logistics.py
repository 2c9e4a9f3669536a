"""Refusals on the road: vehicles, transport orders, plans, rounds and hand-overs."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "already-loaded": N_("This lot is on the truck already."),
    "already-unloaded": N_("This lot was handed over at its destination already."),
    "bad-capacity": N_("Give a payload of more than 0 and at most %(most_t)s t."),
    "bad-consumption": N_(
        "An electric truck needs what it takes from the socket, empty and full, the latter no "
        "less; another truck takes nothing."
    ),
    "bad-emission-class": N_("Choose one of the listed emission classes."),
    "bad-plate": N_("A number plate has 1 to 12 characters."),
    "bad-rate": N_("Give a cost of 0 or more."),
    "bad-road": N_(
        "No road is like this. Give 1 m to 5,000 km for a measured road, 100 to 500 per cent for a "
        "factor, and only what the kind of road asks for."
    ),
    "bad-road-file": N_(
        "Nothing was taken in: %(count)s lines are wrong (line: rule): %(told)s. Mend them, and "
        "send the file again."
    ),
    "bad-shift": N_("The end must be after the beginning, on the same day."),
    "day-not-planned": N_("No plan was made for %(day)s. Plan the rounds of that day first."),
    "day-past": N_("Choose a day from %(today)s on, at most a year ahead."),
    "heap-stays": N_(
        "Lot %(lot)s is a heap or a furnace heel and stays. Weigh a lot off the heap, then send it."
    ),
    "left-behind": N_("This lot was left behind and waits for a new round. Plan it again."),
    "lot-not-here": N_("This lot is not on hand at this site, so it cannot be sent from here."),
    "no-hub": N_("There is no hub yet to which the lot could be brought."),
    "no-place": N_(
        "No round of that day has a place for this lot as it stands, nor has a truck at home. "
        "Add a vehicle, or plan it on another day."
    ),
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
    "plan-failed": N_(
        "The solver ended without a plan. Send the problem again; if it happens again, tell "
        "the operator."
    ),
    "point-elsewhere": N_(
        "This point lies more than 150 km from the county you chose. Check whether latitude and "
        "longitude are swapped, or choose another county."
    ),
    "point-gcj-02": N_(
        "This point lies in its county only when read as GCJ-02, as Chinese maps show it. Give "
        "WGS84, or leave it empty: the county's point is taken then."
    ),
    "problem-bad-file": N_(
        "The file is not whole or not as its format asks: %(subject)s. Compare it with "
        "docs/routes.md."
    ),
    "problem-bad-number": N_(
        "A figure is no whole number, not finite or beyond measure: %(subject)s. Give whole "
        "numbers in the units of docs/routes.md."
    ),
    "problem-bad-time": N_(
        "A time is no whole number of seconds from 0 on: %(subject)s. Give seconds of the "
        "planning day."
    ),
    "problem-closes-before-it-opens": N_(
        "A window or a shift ends before it begins: %(subject)s. Swap its ends, or give the "
        "later one."
    ),
    "problem-emission-curve-falls": N_(
        "A vehicle emits less when full than when empty, or less than nothing: %(subject)s. "
        "Check its two figures."
    ),
    "problem-gcj-02-as-wgs84": N_(
        "This point lies in its county only when read as GCJ-02, as Chinese maps show it: "
        '%(subject)s. Say "datum": "GCJ-02" to have it converted, or give WGS84; without an '
        "area code a point is taken as it is."
    ),
    "problem-named-twice": N_(
        "Two things have one key: %(subject)s. Give each stop and each vehicle a key of its own."
    ),
    "problem-negative-cost": N_("A cost or a prize is below 0: %(subject)s. Give 0 or more."),
    "problem-negative-load": N_(
        "A load is below 0 or no whole number: %(subject)s. Give kilograms from 0 on; what "
        "goes the other way is a pickup or a delivery."
    ),
    "problem-negative-service": N_(
        "A service time is below 0: %(subject)s. Give seconds from 0 on."
    ),
    "problem-negative-work": N_(
        "Hours, breaks, reloads or range of a vehicle are below 0: %(subject)s. Give 0 or more."
    ),
    "problem-no-capacity": N_(
        "A vehicle carries nothing: %(subject)s. Give it a capacity of 1 or more, or leave it out."
    ),
    "problem-no-positions": N_(
        "A place has no position on WGS84, so it cannot be drawn: %(subject)s. Ask for json "
        "or csv, or give its latitude and longitude."
    ),
    "problem-no-window": N_(
        "A stop can never be served: %(subject)s has no window. Give it one, or leave the "
        "field out."
    ),
    "problem-outside-county": N_(
        "A point lies more than 150 km from the county it names: %(subject)s. Check whether "
        "latitude and longitude are swapped, or correct the area code."
    ),
    "problem-pair-without-place": N_(
        "A stop to be loaded and unloaded needs both places, any other only one: %(subject)s."
    ),
    "problem-too-large": N_(
        "The file is too large: %(subject)s characters. Cut the day into several."
    ),
    "problem-too-many-stops": N_(
        "A problem holds at most 30,000 stops; this one has %(subject)s. Cut it by area."
    ),
    "problem-unknown-format": N_(
        "This is no format that is known here: %(subject)s. Known are our JSON and VROOM's, "
        "and on the command line CVRPLIB, Solomon and Li-Lim."
    ),
    "problem-unknown-place": N_(
        "A place is named but not given: %(subject)s. Add it to the places, or to the matrix."
    ),
    "problem-unsupported-field": N_(
        "This cannot be planned here, or is no known word: %(subject)s. Leave it out, or say "
        "it another way (docs/routes.md)."
    ),
    "plan-running": N_("A plan for this site and day is being made. Wait for its result."),
    "plate-taken": N_("A vehicle with the plate %(plate)s is in use already."),
    "round-not-today": N_("This round is planned for %(day)s. Load it on that day."),
    "round-under-way": N_("This round has begun or is over, so it cannot be taken back."),
    "same-place": N_("The lot is there already: choose another site."),
}
