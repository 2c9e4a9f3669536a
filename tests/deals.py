"""A contract on signed terms for tests: the worked example, step by step through the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.market.models import Contract
from remelt.platform.settlement.finals.drafting import draft_terms, sign_terms
from remelt.platform.settlement.finals.entering import Load, Result, enter_load, enter_result
from remelt.platform.settlement.finals.settling import resettle
from remelt.platform.settlement.finals.terms import Terms, terms_json
from remelt.platform.settlement.pricing.importing import QuoteRow, import_quotes
from remelt.platform.settlement.pricing.indices import IndexDraft, add_index
from remelt.platform.settlement.pricing.quotes import E6
from tests.finals import ASSAYS, BUYER, DELIVERED, LOADED, QP, SELLER, wheel_terms
from tests.market import a_contract, a_picture
from tests.parties import Party

FRIDAY = datetime(2026, 2, 27, 4, 0, tzinfo=UTC)
DAYS = (date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9))
Step = Callable[[Session], object]


@dataclass
class Deal:
    """Seller, buyer and their contract, with the clock of the test."""

    clock: SimulatedClock
    seller: Party
    buyer: Party
    contract: Contract
    terms_code: str = ""
    index: str = "SMM_A00"

    def by(self, side: str) -> dict[str, Any]:
        """Who acts: one of the two parties on this contract."""
        party = self.seller if side == "seller" else self.buyer
        return {
            "clock": self.clock,
            "contract_code": self.contract.code,
            "organisation_id": party.organisation.key,
            "person_id": party.person.key,
        }

    def sign(self, session: Session) -> None:
        """The seller signs what the buyer drafted."""
        who = {k: v for k, v in self.by("seller").items() if k != "contract_code"}
        sign_terms(session, **who, terms_code=self.terms_code)

    def load(self, session: Session, side: str, n: int, **changes: Any) -> None:
        """Enter one load of the example."""
        gross, tare = (SELLER if side == "seller" else BUYER)[n - 1]
        facts: dict[str, Any] = {
            "load": str(n), "ticket": f"{side}-{n}", "gross_g": gross * 1000,
            "tare_g": tare * 1000, "day": LOADED if side == "seller" else DELIVERED,
        }  # fmt: skip
        enter_load(session, **self.by(side), load=Load(**(facts | changes)))

    def result(self, session: Session, side: str, analyte: str, ppm: int, **changes: Any) -> None:
        """Enter a result of a side; the umpire's is entered by both."""
        sides = ("seller", "buyer") if side == "umpire" else (side,)
        for each in sides:
            result = Result(analyte=analyte, ppm=ppm, umpire=side == "umpire", **changes)
            enter_result(session, **self.by(each), result=result)

    def quote(self, session: Session, day: date, value: int) -> None:
        """Take in a quote and work anew what follows it."""
        rows = [QuoteRow(2, self.index, day, value * E6, None)]
        person = self.buyer.person.key
        import_quotes(session, clock=self.clock, person_id=person, rows=rows, sha256="0" * 64)
        resettle(session, clock=self.clock, codes=[self.index])

    def steps(self, values: tuple[int, ...] = QP) -> list[Step]:
        """Everything that arrives in the example, one step each."""
        steps: list[Step] = [
            lambda s, side=side, n=n: self.load(s, side, n)  # type: ignore[misc]
            for side in ("seller", "buyer")
            for n in (1, 2, 3)
        ]
        steps += [
            lambda s, a=analyte, w=side, p=ppm: self.result(s, w, a, p)  # type: ignore[misc]
            for analyte, side, ppm in ASSAYS
        ]
        steps += [
            lambda s, d=day, v=value: self.quote(s, d, v)  # type: ignore[misc]
            for day, value in zip(DAYS, values, strict=True)
        ]
        return steps


def index_smm(
    session: Session, *, clock: SimulatedClock, person_id: int, code: str = "SMM_A00",
    quoted: bool = True,
) -> None:  # fmt: skip
    """SMM A00, with its quote of the Friday of loading."""
    draft = IndexDraft(
        code=code, name_zh="SMM A00 铝", source="SMM", unit="CNY/t", calendar="SMM",
        vat_rate_bp=1300,
    )  # fmt: skip
    add_index(session, draft, clock=clock, person_id=person_id)
    if not quoted:
        return
    rows = [QuoteRow(2, code, LOADED, 20_650 * E6, None)]
    import_quotes(session, clock=clock, person_id=person_id, rows=rows, sha256="0" * 64)


def a_deal(
    session: Session, *, clock: SimulatedClock, seller: Party, buyer: Party,
    terms: Terms | None = None, signed: bool = True, index: str = "SMM_A00",
) -> Deal:  # fmt: skip
    """A contract whose terms both signed."""
    contract = a_contract(session, clock=clock, seller=seller, buyer=buyer)
    deal = Deal(clock, seller, buyer, contract, index=index)
    row = draft_terms(session, **deal.by("buyer"), said=terms_json(terms or wheel_terms()))
    deal.terms_code = row.code
    if signed:
        deal.sign(session)
    return deal


def deal_objects(world: Any, session: Session) -> None:
    """A contract on signed terms with a photographed load and a newer draft; an index."""
    sha256 = world.app.extensions["remelt"].files.put(a_picture())
    operator = world.own["operator"].person.key
    index_smm(session, clock=world.clock, person_id=operator)
    world.give("indices.code", own="SMM_A00", other="NOT_KEPT")
    world.give("price_index", own="SMM_A00", other="NOT_KEPT")
    world.give("api_deals.revision", own="1", other="1")
    world.give("deals.sha256", own=sha256, other="0" * 64)
    terms = Terms(formula="15000 CNY/t without invoice", claim_days=5)
    for walker in world.own:
        codes, versions = [], []
        buyer = world.other["hub" if walker == "smelter" else "smelter"]
        for seller in (world.own[walker], world.other[walker]):
            deal = a_deal(session, clock=world.clock, seller=seller, buyer=buyer, terms=terms)
            deal.load(session, "seller", 1, photo_sha256=sha256)
            deal.load(session, "buyer", 1)
            newer = terms_json(terms.model_copy(update={"claim_days": 6}))
            versions.append(draft_terms(session, **deal.by("buyer"), said=newer).code)
            codes.append(deal.contract.code)
        for name in ("deals.code", "api_deals.contract"):
            world.give(name, own=codes[0], other=codes[1], walker=walker)
        for name in ("deals.version", "api_deals.version"):
            world.give(name, own=versions[0], other=versions[1], walker=walker)
