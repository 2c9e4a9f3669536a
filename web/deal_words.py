"""What the pages call the figures, rules and clauses of a settlement."""

from remelt.web.messages.marks import N_

KEY_WORDS = {
    "load": N_("Truckload"),
    "net": N_("Net of all loads"),
    "weights-apart": N_("Difference of both weights"),
    "weights-apart-share": N_("Difference, of the first weight"),
    "packing": N_("Packing"),
    "ticket-deductions": N_("Taken off at the scale"),
    "base": N_("Weight that governs"),
    "provisional-weight": N_("Provisional weight"),
    "settled": N_("Content that settles"),
    "index": N_("Index"),
    "price": N_("Price by the formula"),
    "excess": N_("Deducted for"),
    "settlement-weight": N_("Settlement weight"),
    "payable": N_("To be paid for"),
    "steps": N_("Full steps above the limit"),
    "penalty": N_("Penalty"),
    "final-price": N_("Final price"),
    "value": N_("Value of the goods"),
    "due": N_("Due now"),
    "net-of-vat": N_("Without VAT"),
    "vat": N_("VAT inside"),
    "income-tax": N_("Income tax paid for the seller"),
    "umpire": N_("Umpire's fee"),
    "commission": N_("Commission"),
}
RULE_WORDS = {
    "net": N_("gross − tare"),
    "sum": N_("sum of the loads"),
    "tolerance": N_("compared with the tolerance"),
    "packing": N_("as agreed"),
    "tickets": N_("as on the tickets"),
    "weight-of-seller": N_("the seller's weight governs"),
    "weight-of-buyer": N_("the buyer's weight governs"),
    "split": N_("middle of both results"),
    "umpire": N_("the umpire's result, between both"),
    "nearer-to-umpire": N_("the result nearer to the umpire's"),
    "result-of-seller": N_("the seller's result"),
    "result-of-buyer": N_("the buyer's result"),
    "index-avg": N_("average of the quoted days"),
    "index-last": N_("quote of the last day"),
    "index-called": N_("called price, by tonnage"),
    "formula": N_("price formula, rounded half up to 0.01 CNY/t"),
    "excess": N_("what is above the free limit, one to one"),
    "base-less-excess": N_("governing weight − deductions"),
    "metal-inside": N_("weight × content that is paid"),
    "full-steps": N_("only whole steps count"),
    "penalty": N_("steps × penalty"),
    "price-less-penalties": N_("price − penalties"),
    "weight-times-price": N_("weight × price, half a fen rounded up"),
    "provisional-share": N_("agreed share of the value"),
    "net-of-vat": N_("value ÷ (1 + rate)"),
    "vat-inside": N_("value − net"),
    "income-tax": N_("of the net"),
    "umpire-pays": N_("the party further off pays"),
    "commission": N_("of the value"),
}
HOW_WORDS = {
    "agreed": N_("as the terms fix it"),
    "quoted": N_("estimated at the latest quotes"),
    "awaited": N_("nothing is quoted yet: the award's price"),
    "settled": N_("as settled"),
}
REST_WORDS = {
    "avg": N_("the average of the window"),
    "last": N_("the last quote of the window"),
}
SIDE_WORDS = {"seller": N_("Seller"), "buyer": N_("Buyer"), "umpire": N_("Umpire")}
ANALYTE_WORDS = {"moisture": N_("Moisture"), "oil": N_("Oil"), "impurity": N_("Impurities")}
STANDING_WORDS = {
    "plain": (N_("settled"), "good"),
    "provisional": (N_("provisional"), "info"),
    "claim-window": (N_("claim window open"), "warn"),
    "disputed": (N_("objected to"), "bad"),
    "agreed": (N_("agreed"), "good"),
}
WANTED_WORDS = {
    "weight": N_("a weight"),
    "assay": N_("a result"),
    "umpire": N_("the umpire's result, entered by both"),
    "quote": N_("a quote"),
    "call": N_("the price to be called"),
    "price": N_("a price above nought"),
}
ABOUT_WORDS = {
    "weight": N_("the weight"),
    "quality": N_("the quality"),
    "price": N_("the price"),
    "other": N_("something else"),
}
WORD_WORDS = {"agree": N_("agrees"), "object": N_("objects"), "withdraw": N_("withdraws the claim")}
WORDS = {
    "key": KEY_WORDS,
    "rule": RULE_WORDS,
    "side": SIDE_WORDS,
    "analyte": ANALYTE_WORDS,
    "standing": STANDING_WORDS,
    "wanted": WANTED_WORDS,
    "about": ABOUT_WORDS,
    "word": WORD_WORDS,
}
