"""Metal accounts as pages and programs read them: kg in, owed, returned, and what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, or_, select

from remelt.platform.kernel.money import amount_fen
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.works.errors import NoSuchAccount
from remelt.platform.works.flow_models import TollingAccount, TollingEntry
from remelt.traceability.models import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCard:
    """An account with both parties, in g: received, owed by the agreed yield, returned.

    balance_g: still owed; below zero more was returned than agreed. fee_fen: of each lot returned,
    half a fen rounded up: what the settlement asks for.
    """

    account: TollingAccount
    owner: Organisation
    processor: Organisation
    site: Site
    received_g: int
    owed_g: int
    returned_g: int
    fee_fen: int

    @property
    def balance_g(self) -> int:
        """What the processor still owes."""
        return self.owed_g - self.returned_g

    @property
    def state(self) -> str:
        """offered, open or ended."""
        if self.account.ended_at is not None:
            return "ended"
        return "offered" if self.account.accepted_at is None else "open"


def accounts(session: Session, *, organisation_id: int) -> list[AccountCard]:
    """Return the metal accounts of an organisation on either side, the newest first."""
    found = session.exec(
        select(TollingAccount)
        .where(
            or_(
                TollingAccount.owner_id == organisation_id,
                TollingAccount.processor_id == organisation_id,
            )
        )
        .order_by(col(TollingAccount.id).desc())
    ).all()
    return _cards(session, found)


def account(session: Session, *, code: str, organisation_id: int) -> AccountCard:
    """Return one account of one's organisation. Raises `NoSuchAccount`."""
    for card in accounts(session, organisation_id=organisation_id):
        if card.account.code == code:
            return card
    raise NoSuchAccount(account_code=code[:20])


def account_by_code(session: Session, *, code: str) -> TollingAccount:
    """Return an account whoever asks, for other rooms. Raises `NoSuchAccount`."""
    found = session.exec(select(TollingAccount).where(TollingAccount.code == code)).one_or_none()
    if found is None:
        raise NoSuchAccount(account_code=code[:20])
    return found


def entries(session: Session, *, account_id: int) -> list[tuple[TollingEntry, Lot]]:
    """Return what was booked, oldest first, with the lots as they are now."""
    rows = session.exec(
        select(TollingEntry, Lot)
        .join(Lot, col(Lot.code) == col(TollingEntry.lot_code))
        .where(TollingEntry.account_id == account_id)
        .order_by(col(TollingEntry.id))
    )
    return [(row[0], row[1]) for row in rows]


def on_the_way(session: Session, *, card: AccountCard) -> list[Lot]:
    """Return the owner's lots of this metal that are on the road to the processor or back."""
    return list(
        session.exec(
            select(Lot)
            .where(
                Lot.owner == card.owner.code,
                Lot.metal == card.account.metal,
                Lot.status == "in_transit",
            )
            .order_by(col(Lot.id))
        )
    )


def _cards(session: Session, found: Sequence[TollingAccount]) -> list[AccountCard]:
    both = {each.owner_id for each in found} | {each.processor_id for each in found}
    named = select(Organisation).where(col(Organisation.id).in_(both))
    firms = {row.key: row for row in session.exec(named)}
    placed = select(Site).where(col(Site.id).in_({each.site_id for each in found}))
    sites = {row.key: row for row in session.exec(placed)}
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    totals = session.exec(
        select(
            TollingEntry.account_id,
            TollingEntry.kind,
            func.sum(TollingEntry.mass_g),
            func.sum(TollingEntry.owed_g),
        )
        .where(col(TollingEntry.account_id).in_([each.key for each in found]))
        .group_by(col(TollingEntry.account_id), col(TollingEntry.kind))
    )
    for account_id, kind, mass_g, owed_g in totals:
        sums[account_id, kind] = int(mass_g), int(owed_g)
    fees = _fees(session, found)
    return [
        AccountCard(
            account=each,
            owner=firms[each.owner_id],
            processor=firms[each.processor_id],
            site=sites[each.site_id],
            received_g=sums.get((each.key, "received"), (0, 0))[0],
            owed_g=sums.get((each.key, "received"), (0, 0))[1],
            returned_g=sums.get((each.key, "returned"), (0, 0))[0],
            fee_fen=fees.get(each.key, 0),
        )
        for each in found
    ]


def _fees(session: Session, found: Sequence[TollingAccount]) -> dict[int, int]:
    by_id = {each.key: each.fee_fen_per_t for each in found}
    returned = session.exec(
        select(TollingEntry.account_id, TollingEntry.mass_g).where(
            col(TollingEntry.account_id).in_(by_id), TollingEntry.kind == "returned"
        )
    )
    fees: dict[int, int] = {}
    for account_id, mass_g in returned:
        fee_fen = amount_fen(mass_g, price_fen_per_t=by_id[account_id])
        fees[account_id] = fees.get(account_id, 0) + fee_fen
    return fees
