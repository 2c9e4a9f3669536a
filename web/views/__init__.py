"""Pages, one blueprint per family."""

from flask import Blueprint

from remelt.web.views.account import bp as account
from remelt.web.views.alloying import bp as alloying
from remelt.web.views.amending import bp as amending
from remelt.web.views.assays import bp as assays
from remelt.web.views.assets import bp as assets
from remelt.web.views.auction import bp as auction
from remelt.web.views.auth import bp as auth
from remelt.web.views.boards import bp as boards
from remelt.web.views.books import bp as books
from remelt.web.views.cashier import bp as cashier
from remelt.web.views.certificates import bp as certificates
from remelt.web.views.changes import bp as changes
from remelt.web.views.charges import bp as charges
from remelt.web.views.claims import bp as claims
from remelt.web.views.contracts import bp as contracts
from remelt.web.views.deals import bp as deals
from remelt.web.views.dispatch import bp as dispatch
from remelt.web.views.drafts import bp as drafts
from remelt.web.views.drive import bp as drive
from remelt.web.views.energy import bp as energy
from remelt.web.views.evidence import bp as evidence
from remelt.web.views.fleet import bp as fleet
from remelt.web.views.following import bp as following
from remelt.web.views.furnaces import bp as furnaces
from remelt.web.views.gate import bp as gate
from remelt.web.views.home import bp as home
from remelt.web.views.indices import bp as indices
from remelt.web.views.kinds import bp as kinds
from remelt.web.views.labels import bp as labels
from remelt.web.views.ladles import bp as ladles
from remelt.web.views.lines import bp as lines
from remelt.web.views.log import bp as log
from remelt.web.views.lots import bp as lots
from remelt.web.views.market import bp as market
from remelt.web.views.money import bp as money
from remelt.web.views.movements import bp as movements
from remelt.web.views.needs import bp as needs
from remelt.web.views.online import bp as online
from remelt.web.views.operator import bp as operator
from remelt.web.views.operator_closing import bp as operator_closing
from remelt.web.views.operator_people import bp as operator_people
from remelt.web.views.operator_rails import bp as operator_rails
from remelt.web.views.organisation import bp as organisation
from remelt.web.views.own_sales import bp as own_sales
from remelt.web.views.passport import bp as passport
from remelt.web.views.payouts import bp as payouts
from remelt.web.views.preferences import bp as preferences
from remelt.web.views.proposals import bp as proposals
from remelt.web.views.reference import bp as reference
from remelt.web.views.register import bp as register
from remelt.web.views.regulator import bp as regulator
from remelt.web.views.resolver import bp as resolver
from remelt.web.views.returns import bp as returns
from remelt.web.views.reverse import bp as reverse
from remelt.web.views.roads import bp as roads
from remelt.web.views.rounds import bp as rounds
from remelt.web.views.running import bp as running
from remelt.web.views.sales import bp as sales
from remelt.web.views.scores import bp as scores
from remelt.web.views.seller_report import bp as seller_report
from remelt.web.views.selling import bp as selling
from remelt.web.views.short import bp as short
from remelt.web.views.shred import bp as shred
from remelt.web.views.siting import bp as siting
from remelt.web.views.standing import bp as standing
from remelt.web.views.stock import bp as stock
from remelt.web.views.style import bp as style
from remelt.web.views.tenders import bp as tenders
from remelt.web.views.tickets import bp as tickets
from remelt.web.views.tickets_import import bp as tickets_import
from remelt.web.views.tolling import bp as tolling
from remelt.web.views.weigh import bp as weigh
from remelt.web.views.works import bp as works
from remelt.web.views.yields import bp as yields

BLUEPRINTS: tuple[Blueprint, ...] = (
    account,
    assets,
    auction,
    auth,
    boards,
    charges,
    certificates,
    claims,
    contracts,
    deals,
    indices,
    dispatch,
    changes,
    drafts,
    drive,
    energy,
    evidence,
    fleet,
    following,
    furnaces,
    gate,
    home,
    kinds,
    labels,
    lines,
    log,
    lots,
    market,
    money,
    needs,
    online,
    operator,
    operator_people,
    operator_rails,
    organisation,
    own_sales,
    passport,
    preferences,
    proposals,
    reference,
    register,
    regulator,
    resolver,
    reverse,
    roads,
    rounds,
    running,
    sales,
    scores,
    seller_report,
    selling,
    short,
    shred,
    siting,
    standing,
    stock,
    style,
    tenders,
    tickets,
    tickets_import,
    weigh,
    works,
    yields,
    alloying,
    amending,
    assays,
    ladles,
    returns,
    tolling,
    cashier,
    movements,
    books,
    payouts,
    operator_closing,
)
