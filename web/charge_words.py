"""What the pages of charge planning call things, and say of what a lot is worth."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from remelt.platform.works.charge_queries import Advice
from remelt.platform.works.charging.problem import WHOLE_BP
from remelt.web.fmt import is_chinese, price
from remelt.web.messages.marks import N_

FALLS = {
    "4": N_("Everything may enter"),
    "3": N_("Wrought scrap may enter cast alloys"),
    "2": N_("Only scrap of the same family, wrought or cast"),
    "1": N_("Only scrap of the same alloy series"),
    "0": N_("Only scrap of the same alloy"),
}
HOW = {
    "measured": N_("measured"),
    "reckoned": N_("your figures of the grade"),
    "assumed": N_("assumed from the limits of its alloys"),
}
LEFT_OUT = {
    "contents": N_("what it is made of is not known"),
    "price": N_("what it costs is not known"),
}
STATES = {
    "waiting": N_("waiting"),
    "running": N_("being made"),
    "done": N_("done"),
    "lacking": N_("not possible"),
    "failed": N_("failed"),
    "cancelled": N_("cancelled"),
}
KINDS = {"grade": N_("A grade of scrap"), "bought": N_("Bought metal or alloying")}
MOST_REASONS = 3


def because(found: Advice) -> str:
    """Say in one sentence why a lot is worth what it is, the weightiest parts first.

    The metal itself comes first; then what the lot eases, brings, uses up or costs.
    """
    parts = [_part(*each) for each in found.reasons if each[0] != "metal"][:MOST_REASONS]
    metal = sum(fen for what, _side, fen in found.reasons if what == "metal")
    whole = gettext("its metal counts %(price)s", price=price(metal, zh=is_chinese()))
    return str(gettext("; ")).join([str(whole), *parts])


def _part(what: str, side: str, fen: int) -> str:
    said = price(abs(fen), zh=is_chinese())
    if what == "carbon":
        return str(gettext("its carbon costs %(price)s", price=said))
    if what == "fall":
        return str(gettext("its fall of alloy class costs %(price)s", price=said))
    sentences = {
        ("max", True): gettext("it dilutes %(element)s, +%(price)s", element=what, price=said),
        ("max", False): gettext(
            "it uses up room for %(element)s, −%(price)s", element=what, price=said
        ),
        ("min", True): gettext("it brings %(element)s, +%(price)s", element=what, price=said),
        ("min", False): gettext("it lacks %(element)s, −%(price)s", element=what, price=said),
    }
    return str(sentences[side, fen > 0])


def lacking_words(each: Mapping[str, Any], charges: Mapping[str, Any]) -> str:
    """Say what nothing at hand can give a charge, and which charge that is."""
    said = _lacking(each)
    asked = charges.get(each["charge"])
    return f"{asked['recipe']} · {said}" if asked else said


def _lacking(each: Mapping[str, Any]) -> str:
    kilograms = f"{each['mass_g'] / 1000:,.1f}"
    if each["side"] == "metal":
        return str(gettext("Metal: %(kg)s kg too little is at hand.", kg=kilograms))
    if each["side"] == "whole":
        return str(gettext("No choice of whole lots was found in time: let lots be cut."))
    if each["side"] == "min":
        return str(
            gettext(
                "%(element)s: %(kg)s kg are missing. Write down what you alloy with.",
                element=each["element"],
                kg=kilograms,
            )
        )
    return str(
        gettext(
            "%(element)s: %(kg)s kg too much in everything at hand. Cleaner metal is needed.",
            element=each["element"],
            kg=kilograms,
        )
    )


def share_bp(part: int, whole: int) -> int:
    """Return a share in 1/10,000, nought of nothing."""
    return part * WHOLE_BP // whole if whole else 0
