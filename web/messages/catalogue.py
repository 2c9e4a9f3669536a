"""Refusals of the catalogue, and the reasons why a cell of a reference file cannot be taken."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "definition-unclear": N_(
        "A definition needs its words in both languages and the reason for the change."
    ),
    "bad-edition": N_(
        "Give the edition a name of 1 to 80 characters that does not start with “package-”."
    ),
    "bad-reference-file": N_(
        "%(file)s was not loaded: %(count)s things need to be corrected. Nothing was changed."
    ),
    "edition-taken": N_(
        "Edition %(edition)s already holds other %(kind)s. Give this file an edition of its own."
    ),
    "factor-does-not-fit": N_(
        "The factor %(factor)s does not count emissions of an activity in %(unit)s."
    ),
    "factor-missing": N_(
        "The factor %(factor)s has no value yet: the operator must supply it with its source."
    ),
    "no-such-factor": N_("There is no factor %(factor)s in the reference data."),
    "no-such-grade": N_("There is no grade %(grade)s in %(system)s. Choose one from the list."),
    "no-such-place": N_("There is no place with the code %(adcode)s. Choose one from the list."),
    "no-such-reference": N_("There is no such table of reference data."),
}

REASONS = {
    "above-the-maximum": N_("the minimum is above the maximum"),
    "before-valid-from": N_("valid_to is before valid_from"),
    "cells-missing": N_("this row has fewer cells than the header"),
    "cells-too-many": N_("this row has more cells than the header"),
    "column-missing": N_("this column is missing"),
    "column-twice": N_("this column stands twice in the header"),
    "column-unknown": N_("this column is not known; remove it"),
    "control-character": N_("the cell holds a character that cannot be stored"),
    "empty": N_("the cell is empty"),
    "empty-but-not-missing": N_("a row without a value says “missing” as its confidence"),
    "file-too-large": N_("the file is larger than 5 MB or 100,000 rows"),
    "kind-unknown": N_("the header is none of the known reference tables"),
    "missing-but-not-empty": N_("a row with a value is not “missing”"),
    "no-rows": N_("the file has no rows below its header"),
    "not-a-date": N_("give a date as 2026-03-31"),
    "not-a-number": N_("give a number such as 0.5777, digits only"),
    "not-an-adcode": N_("give the six digits of the administrative division"),
    "not-csv": N_("the file is not CSV: a quotation mark is never closed"),
    "not-in-the-catalogue": N_("the catalogue does not know this; load it first"),
    "not-one-of-the-words": N_("this is not one of the words that this column takes"),
    "not-utf-8": N_("save the file as CSV in UTF-8"),
    "not-wgs84": N_("points must be WGS84: Chinese map services give GCJ-02, half a kilometre off"),
    "out-of-range": N_("the number is out of range: check the unit"),
    "row-twice": N_("the same key stands in an earlier row of this file"),
    "too-long": N_("the text is too long"),
    "too-many-decimals": N_("the number has more decimals than are kept"),
}
