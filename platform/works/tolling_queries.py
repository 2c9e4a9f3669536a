"""Metal accounts as pages and programs read them: kg in, owed, returned, and what is left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from remelt.platform.kernel.money import amount_fen
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.works.errors import NoSuchAccount
from remelt.platform.works.flow_models import TollingAccount, TollingEntry
from remelt.platform.works.tolling_terms import owed_of
from remelt.traceability.corrections.believed import Moment, masses_at
from remelt.traceability.corrections.pasts import among, portions
from remelt.traceability.models import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One lot in or out of an account. mass_g: what it weighed then, every correction laid in."""

    account: TollingAccount
    entry: TollingEntry
    lot: Lot
    mass_g: int

    @property
    def back(self) -> bool:
        """Whether it was given back."""
        return self.entry.kind == "returned"

    @property
    def owed_g(self) -> int:
        """What the processor owes for it: by the agreed yield when received, less when returned."""
        return -self.mass_g if self.back else owed_of(self.account, mass_g=self.mass_g)

    @property
    def fee_fen(self) -> int:
        """The fee of what was given back, half a fen rounded up."""
        price = self.account.fee_fen_per_t
        return amount_fen(self.mass_g, price_fen_per_t=price) if self.back else 0


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
    found = account_by_code(session, code=code)
    if organisation_id not in {found.owner_id, found.processor_id}:
        raise NoSuchAccount(account_code=code[:20])
    return _cards(session, [found])[0]


def account_by_code(session: Session, *, code: str) -> TollingAccount:
    """Return an account whoever asks, for other rooms. Raises `NoSuchAccount`."""
    found = session.exec(select(TollingAccount).where(TollingAccount.code == code)).one_or_none()
    if found is None:
        raise NoSuchAccount(account_code=code[:20])
    return found


def entries(session: Session, *, accounts: Sequence[TollingAccount]) -> list[Booked]:
    """Return what was booked under accounts, oldest first, as the ledger believes it today."""
    by_id = {each.key: each for each in accounts}
    rows = session.exec(
        select(TollingEntry, Lot)
        .join(Lot, col(Lot.code) == col(TollingEntry.lot_code))
        .where(col(TollingEntry.account_id).in_(by_id))
        .order_by(col(TollingEntry.id))
    ).all()
    moments = [Moment(lot.key, entry.event_key) for entry, lot in rows]
    masses = masses_at(session, moments)
    return [
        Booked(account=by_id[entry.account_id], entry=entry, lot=lot, mass_g=masses[moment])
        for (entry, lot), moment in zip(rows, moments, strict=True)
    ]


def with_fees(session: Session, *, lot_codes: Collection[str]) -> list[TollingAccount]:
    """Return the accounts that ask a fee and under which one of these lots was given back."""
    found: dict[int, TollingAccount] = {}
    for some in portions(sorted(lot_codes)):
        rows = session.exec(
            select(TollingAccount)
            .join(TollingEntry, col(TollingEntry.account_id) == col(TollingAccount.id))
            .where(
                among(TollingEntry.lot_code, some),
                TollingEntry.kind == "returned",
                TollingAccount.fee_fen_per_t > 0,
            )
        )
        found |= {each.key: each for each in rows}
    return [found[key] for key in sorted(found)]


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
    booked: dict[int, list[Booked]] = {each.key: [] for each in found}
    for line in entries(session, accounts=found):
        booked[line.account.key].append(line)
    return [
        AccountCard(
            account=each,
            owner=firms[each.owner_id],
            processor=firms[each.processor_id],
            site=sites[each.site_id],
            received_g=sum(line.mass_g for line in booked[each.key] if not line.back),
            owed_g=sum(line.owed_g for line in booked[each.key] if not line.back),
            returned_g=sum(line.mass_g for line in booked[each.key] if line.back),
            fee_fen=sum(line.fee_fen for line in booked[each.key]),
        )
        for each in found
    ]
