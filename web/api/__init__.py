"""The JSON API, one blueprint per family."""

from apiflask import APIBlueprint

from remelt.web.api.amending import bp as amending
from remelt.web.api.banking import bp as banking
from remelt.web.api.books import bp as books
from remelt.web.api.catalogue import bp as catalogue
from remelt.web.api.charges import bp as charges
from remelt.web.api.claims import bp as claims
from remelt.web.api.deals import bp as deals
from remelt.web.api.declared import bp as declared
from remelt.web.api.envelopes import bp as envelopes
from remelt.web.api.epcis import bp as epcis
from remelt.web.api.evidence import bp as evidence
from remelt.web.api.flows import bp as flows
from remelt.web.api.following import bp as following
from remelt.web.api.indices import bp as indices
from remelt.web.api.kinds import bp as kinds
from remelt.web.api.log import bp as log
from remelt.web.api.logistics import bp as logistics
from remelt.web.api.logistics_changes import bp as logistics_changes
from remelt.web.api.market import bp as market
from remelt.web.api.needs import bp as needs
from remelt.web.api.online import bp as online
from remelt.web.api.parties import bp as parties
from remelt.web.api.passports import bp as passports
from remelt.web.api.payouts import bp as payouts
from remelt.web.api.places import bp as places
from remelt.web.api.preparing import bp as preparing
from remelt.web.api.proposals import bp as proposals
from remelt.web.api.providers import bp as providers
from remelt.web.api.recipes import bp as recipes
from remelt.web.api.regulation import bp as regulation
from remelt.web.api.reverse import bp as reverse
from remelt.web.api.roads import bp as roads
from remelt.web.api.routes import bp as routes
from remelt.web.api.running import bp as running
from remelt.web.api.sales import bp as sales
from remelt.web.api.scores import bp as scores
from remelt.web.api.seller_report import bp as seller_report
from remelt.web.api.settlement import bp as settlement
from remelt.web.api.siting import bp as siting
from remelt.web.api.standing import bp as standing
from remelt.web.api.tenders import bp as tenders
from remelt.web.api.works import bp as works
from remelt.web.api.works_lines import bp as works_lines
from remelt.web.api.works_setup import bp as works_setup
from remelt.web.api.works_yields import bp as works_yields
from remelt.web.api.yard import bp as yard

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    amending,
    catalogue,
    claims,
    deals,
    declared,
    log,
    envelopes,
    epcis,
    flows,
    following,
    logistics,
    logistics_changes,
    indices,
    kinds,
    market,
    needs,
    online,
    parties,
    passports,
    places,
    proposals,
    preparing,
    recipes,
    providers,
    regulation,
    reverse,
    running,
    evidence,
    roads,
    routes,
    sales,
    scores,
    seller_report,
    payouts,
    settlement,
    siting,
    standing,
    tenders,
    works,
    works_lines,
    works_setup,
    works_yields,
    charges,
    yard,
    banking,
    books,
)
