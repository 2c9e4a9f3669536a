"""Refusals of the works: sorting, furnaces, heats, energy."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "no-such-recipe": N_("You have no recipe of that name in use. Choose one from the list."),
    "no-such-material": N_("You have no such material in use."),
    "no-such-charge-plan": N_("There is no such charge plan."),
    "alloy-incomplete": N_(
        "Not every limit of %(alloy)s is in the reference data, so no plan could promise to keep "
        "it. Choose another standard of it, or have the operator supply the limits."
    ),
    "limits-cross": N_(
        "For %(element)s nothing is left between the least and the most. Check your limits "
        "against those of the alloy."
    ),
    "contents-beyond-whole": N_("The elements come to more than the whole. Check the contents."),
    "nothing-to-charge": N_(
        "Nothing can be planned with: choose a recipe, and write down what your materials bring."
    ),
    "charge-plan-running": N_("A plan of this site is being made. Wait for it, then ask again."),
    "metals-differ": N_(
        "A plan is of one metal; these recipes are of %(metals)s. Plan them apart."
    ),
    "certificate-retired": N_(
        "Certificate %(serial)s was retired already. Each counts once; look at its number."
    ),
    "already-corrected": N_("This reading was corrected before. Correct the newer one."),
    "difference-not-named": N_(
        "What came in and what went out differ by %(difference_kg)s kg, more than scales show. "
        "Weigh again, or say where the difference comes from: it is recorded and blocks claims."
    ),
    "furnace-name-taken": N_("This site has a furnace named %(name)s. Choose another name."),
    "furnace-overfilled": N_(
        "%(total_kg)s kg do not go into a furnace of %(capacity_kg)s kg. Check the unit: kg."
    ),
    "heel-without-method": N_("Say how the closing heel was found: by level or weighed."),
    "mass-not-given": N_("Give a mass above zero."),
    "month-closed": N_("The energy of %(month)s is final: the month is closed."),
    "month-not-over": N_("%(month)s is not over yet. Close it when all meters are read."),
    "no-electricity-factor": N_(
        "The reference data holds no life-cycle factor of electricity. The operator must load one."
    ),
    "no-such-alloy": N_("There is no alloy %(alloy)s of this standard. Choose one from the list."),
    "no-such-entry": N_("There is no such reading, or you may not see it."),
    "bought-incomplete": N_("Bought metal needs its name, its element and its price."),
    "heel-left": N_("Lot %(lot_code)s lies in the furnace. Melt or drain it first."),
    "heel-would-not-fit": N_("A heel of %(heel_kg)s kg lies in the furnace: it holds that much."),
    "no-such-furnace": N_("There is no such furnace, or you may not see it."),
    "no-such-heat": N_("There is no such heat, or you may not see it."),
    "no-such-sorting": N_("There is no such sorting, or you may not see it."),
    "heel-stays": N_(
        "Lot %(lot_code)s is the heel of a furnace. It goes into the next heat of that furnace."
    ),
    "lot-offered": N_(
        "Lot %(lot_code)s is on offer, or sold and not handed over: it stays as it is. "
        "To work it, take the listing back first."
    ),
    "mixed-owners": N_("These lots have several owners. Work the metal of one owner at a time."),
    "not-run-around": N_(
        "Lot %(lot_code)s was not melted by your organisation, so it is no run-around scrap. "
        "Charge it as bought."
    ),
    "not-your-metal": N_(
        "Lot %(lot_code)s belongs to another organisation. Buy it first, then melt it."
    ),
    "recovery-out-of-range": N_("The metal expected back is above 0 and at most 100 per cent."),
    "lot-not-in-custody": N_("There is no lot %(lot_code)s in your custody at this site."),
    "nothing-to-close": N_("%(month)s has no heats, or no energy to share over them."),
    "nothing-to-work": N_("Say what goes in and what comes out."),
    "period-out-of-order": N_(
        "The period must end on or after its first day, at the latest today."
    ),
    "purity-out-of-range": N_("The metal content is above 0 and at most 100 per cent."),
    "site-cannot": N_("This site is not set up for this work. Choose another site."),
    "unknown-factor": N_(
        "%(factor)s is no factor that can be counted with here. Choose one from the list."
    ),
    "factor-without-value": N_(
        "%(factor)s has no value: the reference data names no source for it. "
        "An operator has to supply one."
    ),
    "no-heats-then": N_("No heat was tapped here in %(month)s."),
    "yield-trued-up": N_(
        "%(month)s is brought to its yield already, and nothing has changed since."
    ),
    "wrong-metal": N_("Lots of %(metal)s cannot become this. Blend lots of one metal only."),
    "no-such-line": N_("There is no such continuous line, or you may not see it."),
    "no-such-period": N_("There is no such period, or you may not see it."),
    "line-name-taken": N_("This site has a line named %(name)s. Choose another name."),
    "period-gap": N_(
        "The next period of this line begins on %(since)s: no day is left out or counted twice."
    ),
    "closing-stock-unclear": N_(
        "A drained line holds nothing. Give the stock in process, or say that the line was drained."
    ),
    "not-liquid": N_("Lot %(lot_code)s is not liquid metal. Only liquid metal goes by ladle."),
    "ladle-weight-wrong": N_(
        "Check the ladle: the tare is below the gross, and liquid metal has 200 to 2,000 °C."
    ),
    "no-such-note": N_("There is no such unmatched ladle note, or you may not match it."),
    "notes-do-not-match": N_(
        "These notes are not of one ladle: one is the sender's to you, the other is yours."
    ),
    "no-such-account": N_("There is no such metal account, or you may not see it."),
    "account-not-open": N_("The metal account is not accepted by the owner yet, or has ended."),
    "bad-tolling-terms": N_(
        "These terms cannot be: another firm owns the metal, dross stays own metal, the yield"
        " is above 0 and at most 100 per cent."
    ),
    "not-of-account": N_(
        "Lot %(lot_code)s does not belong to this account: another metal or owner, or no "
        "dross of the owner."
    ),
    "tolled-already": N_(
        "Lot %(lot_code)s, or what it is made of, is booked in already. Give it back first."
    ),
    "not-drained": N_("Metal of another owner is melted in a drained furnace, and no heel stays."),
    "no-assay": N_("Give at least one element, the method and the sample."),
}
