"""Refusals of the scale and the gate."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "already-voided": N_("This ticket has a counter ticket already."),
    "bad-deduction": N_(
        "A deduction is moisture, oil, attachments, fines, packaging or dirt, given either in"
        " kg or in per cent; packaging in kg."
    ),
    "bad-id-number": N_("This identity number has a typing mistake: check its 18 characters."),
    "bad-inspection": N_(
        "Check item, method and value of the inspection. A radiation reading needs background"
        " and device."
    ),
    "business-number": N_(
        "This is the credit code of a household business or enterprise: it issues invoices of its"
        " own. Give a person's identity number."
    ),
    "cell-amount-differs": N_(
        "The file says %(amount_yuan)s yuan; payable mass times price makes "
        "%(computed_yuan)s. Correct mass, price or amount."
    ),
    "cell-empty": N_("Fill in this cell."),
    "cell-net-differs": N_(
        "This does not fit: gross less tare and deductions leaves %(net_kg)s kg. Correct one "
        "of the weights."
    ),
    "cell-not-a-number": N_(
        "“%(typed)s” is no plain number in range. Write digits such as 1250.5 and check the unit."
    ),
    "cell-not-a-time": N_("“%(typed)s” is no date of the past. Write 2026-03-02 12:30."),
    "cell-ticket-differs": N_(
        "Ticket %(number)s stands here or in the books with other content. Correct its "
        "number, or void the earlier ticket."
    ),
    "cell-too-long": N_("Use at most %(most)s characters here."),
    "cell-unknown-word": N_("“%(typed)s” is not known in this column."),
    "consent-needed": N_(
        "An identity number is kept only with the seller's consent. Ask, then tick the box."
    ),
    "counter-ticket": N_("A counter ticket cannot be voided. Write a new ticket."),
    "deduction-too-large": N_("More would be deducted than was weighed. Check the deductions."),
    "file-too-large": N_("The file is larger than 8 MB, or 64 MB unpacked. Split it."),
    "file-unreadable": N_(
        "This is no readable CSV or XLSX. Save it as .xlsx or as CSV, then send it again."
    ),
    "headings-missing": N_("No row of the file names these columns: %(missing)s."),
    "import-has-errors": N_(
        "%(count)s cells need correction, the first is %(cell)s. Nothing was taken in."
    ),
    "lot-not-at-scale": N_(
        "Lot %(lot_code)s is not at this scale. Receive it first, or check the code."
    ),
    "moved-on": N_(
        "Lot %(lot_code)s has been moved, sold or worked since; the ticket cannot be taken back."
    ),
    "no-board-price": N_(
        "The price board has no price for this grade. Give a price, or set the board first."
    ),
    "no-such-seller": N_("There is no such seller card here."),
    "no-such-ticket": N_("There is no such ticket of yours."),
    "not-a-yard": N_(
        "This site neither buys at the gate nor weighs. Choose another site, or add the capability."
    ),
    "nothing-to-confirm": N_("This payment waits for nobody."),
    "override-needs-reason": N_(
        "The board says %(board_yuan)s yuan per tonne. Give a reason for another price."
    ),
    "price-out-of-range": N_("Give a price from 0.01 to 1,000,000 yuan per tonne. Check the unit."),
    "radiation-alarm": N_(
        "The load radiates %(nsv_h)s nSv/h at a background of %(background_nsv_h)s. Do not "
        "unload or buy it: hold the vehicle and record the hold."
    ),
    "rounding-too-large": N_("Less than one yuan may be rounded off."),
    "same-hand": N_("You paid this, or were let in by who did: somebody else has to confirm it."),
    "seller-needed": N_("Name the seller."),
    "successive-broken": N_(
        "In successive weighing this gross has to be the tare of the line before."
    ),
    "tare-not-below-gross": N_("Tare has to be below gross. Check both readings."),
    "ticket-empty": N_("Weigh at least one material."),
    "too-many-rows": N_(
        "The file has more than %(limit_rows)s rows below its headings. Split it, and send the "
        "parts one after the other."
    ),
    "too-many-lines": N_("A ticket holds at most %(limit)s materials."),
    "unit-missing": N_(
        "The heading “%(heading)s” gives no unit. Choose the unit below, or write it into the"
        " heading, such as 毛重(kg)."
    ),
    "unknown-method": N_("Say how it was paid: cash, WeChat, Alipay or bank."),
    "void-needs-reason": N_("Say why the ticket is voided."),
    "weight-out-of-range": N_("A road scale shows 0 to 200 t. Check the unit."),
    "held-by-yourself": N_(
        "You held lot %(lot_code)s, so a second person of your organisation releases it."
    ),
    "no-such-return": N_("There is no such return on its way to you."),
    "burden-not-yours": N_(
        "Only who bears the CO2e of the way states it: leave the figure empty. Until they do it is "
        "missing by name."
    ),
    "burden-stated": N_("The CO2e of this way back was stated before: it stays as it was."),
    "not-returnable": N_(
        "Lot %(lot_code)s cannot go back: say whose it was, or check that your organisation "
        "sent it out."
    ),
}
