"""Refusals of EPCIS capture and query: codes, and the rule that each place of a document breaks."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "bad-query": N_(
        "The query parameter %(parameter)s is unknown or has a value that it does not take. See "
        "docs/epcis.md for all of them."
    ),
    "document-refused": N_(
        "The EPCIS document breaks %(faults)s rules. Nothing was stored; each is named with its "
        "place."
    ),
    "no-such-capture": N_("There is no such capture job of your organisation."),
    "not-acceptable": N_(
        "Events are given as application/json or application/ld+json, version 2.0. Ask for one of "
        "these."
    ),
    "query-too-large": N_(
        "More than %(most)s events answer, or would have to be sorted. Narrow the query by time."
    ),
    "too-many-events": N_(
        "One capture takes up to %(most)s events, and this one has %(count)s. Send several."
    ),
    "unknown-behaviour": N_(
        "GS1-EPCIS-Capture-Error-Behaviour is rollback or proceed. Send one of these."
    ),
}

FAULTS = {
    "bad-context": N_("A context is an address, an object, or a list of these."),
    "context-too-large": N_("The context is larger than 4,096 bytes. Leave out what is not used."),
    "empty": N_("There has to be at least one entry."),
    "ends-before-it-starts": N_("The measurement ends before it starts. Correct a time."),
    "event-too-large": N_("The event is larger than 65,536 bytes. Put data behind an address."),
    "ilmd-only-when-added": N_("Data of an item or lot belong to an event with action ADD."),
    "missing": N_("This field is missing."),
    "name-too-long": N_("A name or id is longer than 500 characters. Shorten it."),
    "name-twice": N_("An object names a member twice, and readers would differ. Leave one."),
    "named-twice": N_("The same entry stands twice in this list. Leave one."),
    "not-an-address": N_("This is no web address, URN or prefixed name."),
    "not-an-offset": N_("An offset is written like +08:00, from -14:00 to +14:00."),
    "not-a-time": N_("A time is written like 2026-03-02T08:00:00.000+08:00."),
    "not-a-unit": N_("A unit is two or three capital letters or digits, like KGM."),
    "not-a-version": N_("A version is written like 2.0."),
    "not-as-the-standard-says": N_("This is not as the EPCIS 2.0 standard says."),
    "not-for-capture": N_("This is the answer to a query. Capture takes an EPCISDocument."),
    "not-hexadecimal": N_("Only hexadecimal digits stand here."),
    "not-json": N_("This is no JSON text in UTF-8, or it nests too deep."),
    "not-on-the-calendar": N_("There is no such day or hour. Correct the time."),
    "not-yet": N_("The event lies more than a day ahead. Correct the time or the clock."),
    "nothing-in": N_("Nothing goes in: name EPCs or quantities that were put in."),
    "nothing-named": N_("The event names no EPC, quantity or sensor with its place."),
    "nothing-out": N_("Nothing comes out: name EPCs or quantities that came of it."),
    "nul-character": N_("A NUL character cannot be stored. Leave it out."),
    "number-not-exact": N_("Programs read this number differently. Write it as text."),
    "quantity-not-positive": N_("A quantity is above zero. Leave it out when it is not known."),
    "reserved-name": N_("Names with the prefix remelt: are this ledger's own. Bind another."),
    "too-deep": N_("Lists and objects nest deeper than 32 levels."),
    "unknown-field": N_("The standard has no such field. An extension has a prefix."),
    "unknown-word": N_("The standard has no such word here. An extension is an address."),
    "wrong-type": N_("This is of the wrong type."),
}
