"""Refusals of price formulas, terms and what a settlement is worked from."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "analyte-not-in-terms": N_(
        "The terms do not ask for %(analyte)s. Choose a content that they name."
    ),
    "assay-revealed": N_(
        "Both results of %(analyte)s are open, and yours stands. Object to the settlement, or"
        " let the umpire analyse."
    ),
    "assay-twice": N_(
        "One side has two results of %(analyte)s. Replace the first instead of adding another."
    ),
    "call-outside-session": N_(
        "The price is called from %(opens)s to before %(closes)s, Beijing time."
    ),
    "call-outside-window": N_(
        "A price is called on a trading day of %(code)s from %(first)s to %(last)s, for that day."
    ),
    "called-too-much": N_(
        "%(left_kg)s kg are left to be called, at least %(least_kg)s kg at a time. Change the mass."
    ),
    "calling-missing": N_(
        "The formula takes a called price: say who calls it, and from when to when."
    ),
    "formula-divides": N_(
        "Column %(column)s: divide only by a figure above nought without a unit, or by what "
        "an index says."
    ),
    "formula-not-a-price": N_(
        "The formula comes out in %(unit)s. A price is CNY/t: give the figures their unit, or"
        " multiply by a rate."
    ),
    "formula-number": N_(
        "Column %(column)s: a figure has at most %(digits)s digits before the point and "
        "%(decimals)s after it."
    ),
    "formula-rate": N_(
        "Column %(column)s: “%(typed)s” is no rate of VAT. Write a percentage from 0 to 100 "
        "with at most two decimals."
    ),
    "formula-too-deep": N_(
        "Column %(column)s: more than %(most)s brackets stand inside each other. Take some away."
    ),
    "formula-too-long": N_("The formula has more than %(most)s characters. Write it shorter."),
    "formula-unfinished": N_(
        "Column %(column)s: something is missing here, such as %(wanted)s. Add it."
    ),
    "formula-units": N_(
        "Column %(column)s: %(left)s and %(right)s cannot be added or compared. Give both the"
        " same unit; a rate in CNY/USD turns USD into CNY."
    ),
    "formula-unknown-index": N_(
        "Column %(column)s: no index “%(typed)s” is kept. Known are: %(known)s. The operator "
        "can add one."
    ),
    "formula-unknown-name": N_(
        "Column %(column)s: “%(typed)s” is no function. Use one of: %(known)s."
    ),
    "formula-unreadable": N_(
        "Column %(column)s: “%(typed)s” has no meaning here. Take it away, or put a sign (+ −"
        " × ÷) before it."
    ),
    "index-day-twice": N_("%(typed)s stands twice for this index. Keep one line a day."),
    "index-known": N_("An index of this code is kept already. Choose another code."),
    "index-unit-differs": N_(
        "This index is quoted in %(unit)s, and the cell says %(typed)s. Change the file or "
        "the unit."
    ),
    "invoice-not-said": N_(
        "Say whether an invoice comes with the price: end the formula with “without invoice”,"
        " or with “with invoice” and the rate."
    ),
    "no-such-index": N_("There is no index of this code."),
    "no-such-terms": N_("There are no such terms of a contract of yours."),
    "not-your-call": N_("Under these terms the other party calls the price."),
    "nothing-to-say": N_(
        "There is no final settlement in its claim window to which you can say this."
    ),
    "period-turned": N_(
        "Column %(column)s: “%(typed)s” ends before it begins, or is longer than a year. Turn"
        " it round or shorten it."
    ),
    "period-unreadable": N_(
        "Column %(column)s: “%(typed)s” names no days. Write QP, M, M+1, D, D+1..D+5 or "
        "2026-03-02..2026-03-06."
    ),
    "quotation-missing": N_(
        "The formula speaks of QP: say which days the quotation period is, such as D+1..D+5."
    ),
    "settling-over": N_(
        "The final settlement is agreed. What was wrong is settled between the parties by a "
        "new contract or a payment."
    ),
    "tare-above-gross": N_(
        "Load %(load)s: the tare is not below the gross weight. Look at both tickets."
    ),
    "terms-not-signed": N_("Both parties have to sign terms that ask for this first."),
    "terms-superseded": N_("A newer version of these terms was drafted. Read and sign that one."),
    "terms-too-late": N_("The goods were taken over or refused: the terms of this contract stand."),
    "terms-twice": N_("“%(analyte)s” stands twice in the terms. Keep one."),
    "terms-unreadable": N_(
        "The terms cannot be read at “%(where)s”. Look at its name, its unit and its limits."
    ),
    "weight-twice": N_(
        "Load %(load)s has two weights of one side. Replace the first instead of adding another."
    ),
}
