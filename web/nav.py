"""The menu of each role: what that workplace opens with, most used first.

An entry shows once its page exists and the role may open it. The first six stand in the top bar
of a desk, the first four in the bar below on a phone; all of them are behind the menu sign.
"""

from dataclasses import dataclass

from flask import current_app, request

from remelt.platform.parties.actors import Actor
from remelt.platform.parties.permissions import (
    AUDITOR,
    COLLECTOR,
    HUB,
    OPERATOR,
    REGULATOR,
    SMELTER,
)
from remelt.web.messages.marks import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in: the endpoint, what it is called, a symbol of icons.svg, what it is for."""

    endpoint: str
    label: str
    icon: str
    about: str = ""


HOME = Entry("home.show", N_("Home"), "home")
DISPATCH = Entry(
    "dispatch.show", N_("Dispatch"), "truck", N_("Plan rounds, send lots, see what was left out")
)
DRIVE = Entry("drive.show", N_("On the road"), "truck", N_("Today's stops on the phone"))
SCAN = Entry("drive.scan", N_("Scan"), "scan", N_("Load and unload by code"))
REFERENCE = Entry("reference.index", N_("Reference"), "info")
ORGANISATION = Entry(
    "organisation.show", N_("My organisation"), "people", N_("Sites, colleagues and papers")
)
ACCOUNT = Entry("account.show", N_("My account"), "person", N_("Password, devices, second factor"))
DESK = Entry("operator.index", N_("Organisations"), "people", N_("Let in, verify, end"))
COLLECT = Entry("lots.collect", N_("My day"), "home")
OFFER = Entry("lots.new", N_("Offer a lot"), "sell", N_("What it is, what you ask, a photo"))
MARKET = Entry("market.board", N_("Market"), "market", N_("Lots that take offers now."))
SALES = Entry("sales.index", N_("Combined sales"), "lot", N_("Several lots sold at once"))
AWARDS = Entry(
    "sales.watch", N_("Awards of combined sales"), "audit", N_("Each proves itself; make it again")
)
BIDS = Entry("market.bids", N_("My bids"), "bid", N_("Your last offer on each lot."))
NEEDS = Entry("needs.board", N_("Looked for"), "search", N_("What buyers need, and what fits it"))
INBOX = Entry(
    "following.inbox", N_("Inbox"), "info", N_("What you were told: fits, questions, sales")
)
WATCHING = Entry(
    "following.watch_list", N_("Watch list"), "clock", N_("Lots that you keep an eye on")
)
LOTS = Entry("lots.mine", N_("My lots"), "lot", N_("What you offered, with its state"))
SEALS = Entry(
    "kinds.seals", N_("Keys that we keep"), "audit", N_("Your half of the key of sealed bids")
)
PROPOSALS = Entry(
    "proposals.index", N_("Counter-offers"), "bid", N_("Prices named over a fixed one")
)
STANDING = Entry(
    "standing.show",
    N_("Deposits and limits"),
    "money",
    N_("What bidders lay down and stand in for"),
)
CONTRACTS = Entry("contracts.index", N_("Contracts"), "money", N_("What was sold and bought"))
BOARDS = Entry(
    "boards.index", N_("Price board"), "label", N_("What your sites pay, for everybody to see.")
)
GATE = Entry("gate.show", N_("Gate"), "scale", N_("What arrives, buying, weighing, the day's end"))
TICKETS = Entry(
    "tickets.index", N_("Tickets"), "label", N_("Every weighing, numbered without gaps")
)
MONEY = Entry("money.index", N_("Money"), "money", N_("What is owed, what was paid, what waits"))
REVERSE = Entry(
    "reverse.index", N_("Reverse invoices"), "money", N_("Sellers' ceilings, consents and invoices")
)
CASHIER = Entry(
    "cashier.index", N_("Cashier"), "money", N_("Bank statements, matching, what hangs in suspense")
)
BOOKS = Entry("books.index", N_("Books"), "chart", N_("Trial balance, accounts and entries"))
PAYOUTS = Entry(
    "payouts.index", N_("Held for others"), "money", N_("Contract money and deposits, paid out")
)
INDICES = Entry("indices.index", N_("Index prices"), "chart", N_("What metal is quoted at"))
EXPOSURE = Entry(
    "deals.exposed", N_("Exposure"), "chart", N_("Tonnes whose price is still open, by metal")
)
RUNNING = Entry(
    "running.index", N_("Running accounts"), "money", N_("Advances, netting, monthly statements")
)
OWN = Entry(
    "own.show",
    N_("My sales"),
    "money",
    N_("What you are owed, your ceiling, invoices and the year"),
)
EVIDENCE = Entry(
    "evidence.index", N_("Evidence"), "audit", N_("What proves purchases, and what is missing")
)
SHARES = Entry(
    "regulator.show", N_("Recycled shares"), "chart", N_("By metal, month, prefecture and smelter")
)
TRACE = Entry("regulator.trace", N_("Trace a lot"), "search", N_("Its family, events and masses"))
LOG = Entry("log.show", N_("The public log"), "audit", N_("Checkpoint, key and proofs"))
STOCK = Entry("stock.show", N_("Stock"), "stock", N_("What lies here, by grade and bay"))
SORT = Entry("stock.choose", N_("Sort"), "sort", N_("Sort, split or blend a lot"))
WORKS = Entry("works.show", N_("Works"), "melt", N_("Furnaces, heats, primary metal"))
CHARGES = Entry(
    "charges.show", N_("Charges"), "melt", N_("Recipes, charge plans, what lots are worth to you")
)
ENERGY = Entry("energy.show", N_("Energy"), "leaf", N_("Meters, and months to close"))
CLAIMS = Entry("claims.show", N_("Claims"), "audit", N_("Mass balance, claims and certificates"))
ALL_CLAIMS = Entry(
    "claims.whole", N_("Claims"), "audit", N_("Mass balance of every site, by period and heat")
)
TOLLING = Entry(
    "tolling.show", N_("Tolling"), "stock", N_("Metal worked for others, in kg owed and given back")
)
RETURNS = Entry("returns.show", N_("Returns"), "truck", N_("What goes back, with its cause"))
ALLOYING = Entry(
    "alloying.show", N_("Direct alloying"), "chart", N_("Liquid primary metal that becomes alloy")
)
SITING = Entry(
    "siting.show", N_("Siting"), "place", N_("Where hubs should stand, and at what cost")
)
VISITOR = (HOME, REFERENCE)
MENUS: dict[str, tuple[Entry, ...]] = {
    COLLECTOR: (
        COLLECT,
        OFFER,
        MARKET,
        INBOX,
        MONEY,
        OWN,
        NEEDS,
        CONTRACTS,
        EXPOSURE,
        INDICES,
        RUNNING,
        LOTS,
        SALES,
        WATCHING,
        PROPOSALS,
        SEALS,
        RETURNS,
        CASHIER,
        BOOKS,
        ORGANISATION,
        ACCOUNT,
    ),
    HUB: (
        HOME,
        GATE,
        SCAN,
        STOCK,
        DISPATCH,
        SORT,
        DRIVE,
        MARKET,
        NEEDS,
        INBOX,
        MONEY,
        TICKETS,
        REVERSE,
        RUNNING,
        EVIDENCE,
        BOARDS,
        RETURNS,
        TOLLING,
        CONTRACTS,
        EXPOSURE,
        INDICES,
        BIDS,
        SALES,
        WATCHING,
        PROPOSALS,
        SEALS,
        CLAIMS,
        LOTS,
        CASHIER,
        BOOKS,
        ORGANISATION,
        ACCOUNT,
    ),
    SMELTER: (
        HOME,
        MARKET,
        GATE,
        WORKS,
        STOCK,
        MONEY,
        CHARGES,
        BIDS,
        SALES,
        NEEDS,
        INBOX,
        WATCHING,
        SCAN,
        ENERGY,
        SORT,
        CONTRACTS,
        EXPOSURE,
        INDICES,
        DISPATCH,
        DRIVE,
        TICKETS,
        REVERSE,
        RUNNING,
        EVIDENCE,
        BOARDS,
        CLAIMS,
        RETURNS,
        TOLLING,
        PROPOSALS,
        SEALS,
        LOTS,
        CASHIER,
        BOOKS,
        ORGANISATION,
        ACCOUNT,
    ),
    REGULATOR: (
        HOME,
        SHARES,
        TRACE,
        SEALS,
        LOG,
        ALLOYING,
        SITING,
        ALL_CLAIMS,
        AWARDS,
        ORGANISATION,
        ACCOUNT,
    ),
    OPERATOR: (
        HOME,
        MARKET,
        DESK,
        STANDING,
        CASHIER,
        PAYOUTS,
        BOOKS,
        SITING,
        INDICES,
        ORGANISATION,
        ACCOUNT,
    ),
    AUDITOR: (HOME, SHARES, TRACE, LOG, ALLOYING, ALL_CLAIMS, AWARDS, ORGANISATION, ACCOUNT),
}
ABOVE, BELOW = 6, 4  # as many as fit the top bar of a desk, and the bar below on a phone


def menu(who: Actor | None) -> list[Entry]:
    """The entries that `who` works with, those whose page exists."""
    entries = VISITOR if who is None else MENUS.get(who.role, VISITOR)
    return [entry for entry in entries if entry.endpoint in current_app.view_functions]


def current(entries: list[Entry]) -> str:
    """The endpoint of the entry that this page belongs to: itself, or its family's first."""
    family = request.blueprint or ""
    ways = [entry.endpoint for entry in entries]
    near = [way for way in ways if way.split(".")[0] == family]
    return request.endpoint if request.endpoint in ways else (near or [""])[0]
