"""What the two sides read of their exchanges."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Listing
from remelt.platform.market.proposals.errors import NoSuchProposal
from remelt.platform.market.proposals.models import Proposal, ProposalTurn
from remelt.platform.market.proposals.rules import Side, State, state_of
from remelt.platform.parties.models import Organisation


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange as one side sees it. turns: prices in the order in which they were named."""

    proposal: Proposal
    listing: Listing
    buyer: Organisation
    auction: Auction
    turns: tuple[ProposalTurn, ...]
    state: State
    side: Side

    @property
    def last(self) -> ProposalTurn:
        """The price named last."""
        return self.turns[-1]

    @property
    def mine(self) -> bool:
        """Whether this side has to answer."""
        return self.state == ("sent" if self.side == "seller" else "countered")


def exchanges(
    session: Session,
    *,
    organisation_id: int,
    now: datetime,
    listing_id: int | None = None,
    code: str | None = None,
    limit: int = 50,
) -> list[Exchange]:
    """Return the exchanges in which an organisation buys or sells, the newest first."""
    statement = (
        select(Proposal, Listing, Organisation, Auction)
        .join(Listing, col(Listing.id) == col(Proposal.listing_id))
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Organisation, col(Organisation.id) == col(Proposal.buyer_id))
        .where(
            or_(
                col(Proposal.buyer_id) == organisation_id,
                col(Listing.seller_id) == organisation_id,
            )
        )
        .order_by(col(Proposal.id).desc())
        .limit(limit)
    )
    if listing_id is not None:
        statement = statement.where(Proposal.listing_id == listing_id)
    if code is not None:
        statement = statement.where(Proposal.code == code)
    rows = session.exec(statement).all()
    turns = _turns(session, [row[0].key for row in rows])
    return [
        Exchange(
            proposal=proposal, listing=listing, buyer=buyer, auction=auction,
            turns=turns[proposal.key],
            state=state_of(proposal, turns[proposal.key][-1], auction=auction, now=now),
            side="seller" if listing.seller_id == organisation_id else "buyer",
        )
        for proposal, listing, buyer, auction in rows
    ]  # fmt: skip


def exchange(session: Session, *, code: str, organisation_id: int, now: datetime) -> Exchange:
    """Return one exchange of the organisation's own. Raises `NoSuchProposal`."""
    found = exchanges(session, organisation_id=organisation_id, now=now, code=code)
    if not found:
        raise NoSuchProposal(proposal=code[:20])
    return found[0]


def _turns(session: Session, ids: list[int]) -> dict[int, tuple[ProposalTurn, ...]]:
    found: dict[int, list[ProposalTurn]] = {key: [] for key in ids}
    rows = session.exec(
        select(ProposalTurn)
        .where(col(ProposalTurn.proposal_id).in_(ids))
        .order_by(col(ProposalTurn.proposal_id), col(ProposalTurn.seq))
    )
    for row in rows:
        found[row.proposal_id].append(row)
    return {key: tuple(rows) for key, rows in found.items()}
