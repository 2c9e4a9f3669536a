"""Who is told what happens in the market: inboxes are filled as it is recorded."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.outbox import Answer, Event, Together
from remelt.platform.market.amending import before, bidders_of
from remelt.platform.market.answering import board_offers, is_small
from remelt.platform.market.auction_models import Award
from remelt.platform.market.combined import queries as sales
from remelt.platform.market.combined.events import (
    CombinedSaleDecided,
    CombinedSaleEnded,
    CombinedSaleStuck,
)
from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.events import (
    ListingPublished,
    ListingWithdrawn,
    LotAwarded,
    NeedStated,
    QuestionAnswered,
    QuestionAsked,
    TermsChanged,
)
from remelt.platform.market.following.models import Question
from remelt.platform.market.following.searches import searches_for
from remelt.platform.market.following.watching import move, watchers, watches_of
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.needs.matching import Means, NeedFit, lots_for, means, needs_for
from remelt.platform.market.needs.stating import need_by_code
from remelt.platform.market.offerings import Offering, offering
from remelt.platform.market.proposals.events import ProposalMade
from remelt.platform.market.proposals.models import Proposal
from remelt.platform.parties.notices import News, tell

MOST_TOLD = 500
MOST_YARDS = 12


def answers(clock: Clock, *, house: HouseRules = HOUSE) -> dict[type[Event], Answer]:
    """Return who is told of each event."""
    heard: dict[type[Event], Callable[[Session, Any, Clock], Iterator[News]]] = {
        ListingWithdrawn: _withdrawn,
        LotAwarded: _awarded,
        NeedStated: _wanted,
        QuestionAsked: _asked,
        QuestionAnswered: _answered,
        TermsChanged: _amended,
        ProposalMade: _offered,
        CombinedSaleDecided: _decided,
        CombinedSaleEnded: _ended,
        CombinedSaleStuck: _stuck,
    }

    def telling(
        about: Callable[[Session, Any, Clock], Iterator[News]],
    ) -> Callable[[Session, Any], None]:
        def told(session: Session, event: Any) -> None:
            tell(session, about(session, event, clock), clock=clock)

        return told

    def published(session: Session, events: Sequence[ListingPublished]) -> None:
        known = means(session)
        news = (
            each
            for event in events
            for each in _published(session, event, clock, house=house, known=known)
        )
        tell(session, news, clock=clock)

    plain: dict[type[Event], Answer] = {event: telling(about) for event, about in heard.items()}
    return plain | {ListingPublished: Together(published)}


def called(listing: Listing) -> dict[str, str]:
    """Return what a listing is called, for the sentence of a notice."""
    return {
        "zh": listing.title or listing.grade_zh or listing.grade_en,
        "en": listing.title or listing.grade_en or listing.grade_zh,
    }


def _published(
    session: Session, event: ListingPublished, clock: Clock, *, house: HouseRules, known: Means
) -> Iterator[News]:
    """Tell who saved a search that the listing fits, and who stated a need that it fits.

    Changed terms are no new lot: whose search or need the old ones fitted is not told again.
    """
    lot = offering(session, code=event.listing_code)
    row, old, now = lot.listing, before(session, lot.listing), clock.now(session)
    heard = {each.code for each in searches_for(session, old)} if old else set()
    for search in searches_for(session, lot):
        if search.code in heard:
            continue
        yield News(
            organisation_id=search.organisation_id, kind="search-hit", subject=row.code,
            told_as=f"search:{search.code}:{row.code}",
            facts={**called(row), "search": search.name},
        )  # fmt: skip
    if is_small(lot, house=house):
        yield from _small(session, lot, now=now, known=known)
    met = {e.need.code for e in _needs_met(session, old, now=now, known=known)} if old else set()
    for each in _needs_met(session, lot, now=now, known=known):
        if each.need.code in met:
            continue
        yield News(
            organisation_id=each.need.buyer_id, kind="need-hit", subject=row.code,
            told_as=f"need:{each.need.code}:{row.code}", facts={**called(row)},
        )  # fmt: skip


def _needs_met(session: Session, lot: Offering, *, now: datetime, known: Means) -> list[NeedFit]:
    return needs_for(session, lot, now=now, limit=MOST_TOLD, near=False, known=known)


def _small(session: Session, lot: Offering, *, now: datetime, known: Means) -> Iterator[News]:
    """Tell yards nearby of a small lot that their boards price."""
    for each in board_offers(session, lot, at=now, kin=known.kin)[:MOST_YARDS]:
        yield News(
            organisation_id=each.site.organisation_id, kind="small-lot", subject=lot.listing.code,
            told_as=f"small:{lot.listing.lot_code}", facts=called(lot.listing),
        )  # fmt: skip


def _offered(session: Session, event: ProposalMade, _clock: Clock) -> Iterator[News]:
    """Tell the other side of an exchange that a price was named."""
    row = offering(session, code=event.listing_code).listing
    buyer = session.exec(
        select(Proposal.buyer_id).where(Proposal.code == event.proposal_code)
    ).one()
    yield News(
        organisation_id=row.seller_id if event.by == "buyer" else buyer, kind="price-named",
        subject=row.code, told_as=f"price:{event.proposal_code}:{event.seq}", facts=called(row),
    )  # fmt: skip


def _wanted(session: Session, event: NeedStated, clock: Clock) -> Iterator[News]:
    """Tell sellers that somebody looks for what they have on offer, once for each need."""
    need = need_by_code(session, code=event.need_code)
    for each in lots_for(session, need, now=clock.now(session), limit=MOST_TOLD):
        if each.fit.fits:
            yield News(
                organisation_id=each.listing.seller_id, kind="need-stated", subject=need.code,
                told_as=f"need:{need.code}", facts={**called(each.listing)},
            )  # fmt: skip


def _withdrawn(session: Session, event: ListingWithdrawn, _clock: Clock) -> Iterator[News]:
    row = offering(session, code=event.listing_code).listing
    yield from _to_watchers(session, row, kind="watched-withdrawn", but=frozenset())


def _awarded(session: Session, event: LotAwarded, _clock: Clock) -> Iterator[News]:
    """Tell seller and buyer, whose offers came to nothing, and who watches; each of them once.

    Who bought at the fixed price has seen it; the offers of a combined sale end with the sale.
    """
    row = offering(session, code=event.listing_code).listing
    buyer_id, decided_by = session.exec(
        select(Contract.buyer_id, Award.decided_by)
        .join(Award, col(Award.id) == col(Contract.award_id))
        .where(Contract.code == event.contract_code)
    ).one()
    heard = {row.seller_id: "lot-sold", buyer_id: "lot-won"}
    heard = dict.fromkeys(bidders_of(session, listing_id=row.key), "lot-lost") | heard
    for organisation_id, kind in sorted(heard.items()):
        if decided_by == "sale" or (decided_by == "purchase" and kind == "lot-won"):
            continue
        yield News(
            organisation_id=organisation_id, kind=kind, subject=row.code,
            told_as=f"award:{event.contract_code}", facts=called(row),
        )  # fmt: skip
    yield from _to_watchers(session, row, kind="watched-sold", but=frozenset(heard))


def _decided(session: Session, event: CombinedSaleDecided, _clock: Clock) -> Iterator[News]:
    """Tell seller and buyers of a combined sale that its award is made."""
    yield from _of_sale(session, event.sale_code, kind="sale-decided")


def _ended(session: Session, event: CombinedSaleEnded, _clock: Clock) -> Iterator[News]:
    yield from _of_sale(session, event.sale_code, kind="sale-ended")


def _stuck(session: Session, event: CombinedSaleStuck, _clock: Clock) -> Iterator[News]:
    """Tell the seller alone, each time, that the award failed: it is the seller's to decide."""
    row = sales.sale(session, code=event.sale_code)
    yield News(
        organisation_id=row.seller_id, kind="sale-stuck", subject=row.code,
        told_as=f"stuck:{row.job_code}", facts=sale_called(row),
    )  # fmt: skip


def _of_sale(session: Session, code: str, *, kind: str) -> Iterator[News]:
    row = sales.sale(session, code=code)
    for organisation_id in sorted({row.seller_id, *sales.bidders(session, sale_id=row.key)}):
        yield News(
            organisation_id=organisation_id, kind=kind, subject=row.code,
            told_as=f"{kind}:{row.code}", facts=sale_called(row),
        )  # fmt: skip


def sale_called(row: CombinedSale) -> dict[str, str]:
    """Return what a combined sale is called, for the sentence of a notice."""
    return {"zh": row.title or row.code, "en": row.title or row.code}


def _asked(session: Session, event: QuestionAsked, _clock: Clock) -> Iterator[News]:
    row = offering(session, code=event.listing_code).listing
    yield News(
        organisation_id=row.seller_id, kind="question-asked", subject=row.code,
        told_as=f"question:{event.question_code}", facts=called(row),
    )  # fmt: skip


def _answered(session: Session, event: QuestionAnswered, _clock: Clock) -> Iterator[News]:
    row = offering(session, code=event.listing_code).listing
    asker = session.exec(
        select(Question.asker_id).where(col(Question.code) == event.question_code)
    ).one()
    for organisation_id in {asker, *watchers(session, listing_id=row.key)} - {row.seller_id}:
        yield News(
            organisation_id=organisation_id, kind="question-answered", subject=row.code,
            told_as=f"answer:{event.question_code}", facts=called(row),
        )  # fmt: skip


def _amended(session: Session, event: TermsChanged, clock: Clock) -> Iterator[News]:
    """Tell whose offers are void, and who watches; the watch goes over to the new listing."""
    old = offering(session, code=event.before_code).listing
    new = offering(session, code=event.listing_code).listing
    bid = bidders_of(session, listing_id=old.key)
    for watch_ in watches_of(session, listing_id=old.key):
        move(session, watch_, listing=new, clock=clock)
    for organisation_id in sorted({*bid, *watchers(session, listing_id=new.key)} - {new.seller_id}):
        yield News(
            organisation_id=organisation_id,
            kind="bid-void" if organisation_id in bid else "terms-changed",
            subject=new.code, told_as=f"terms:{new.code}", facts=called(new),
        )  # fmt: skip


def _to_watchers(
    session: Session, row: Listing, *, kind: str, but: frozenset[int]
) -> Iterator[News]:
    for organisation_id in watchers(session, listing_id=row.key):
        if organisation_id not in but | {row.seller_id}:
            yield News(
                organisation_id=organisation_id, kind=kind, subject=row.code,
                told_as=f"{kind}:{row.code}", facts=called(row),
            )  # fmt: skip
