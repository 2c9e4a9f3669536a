"""Sellers' own accounts at the provider: asked for, furnished by the seller, looked at again."""

import hashlib
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.runner import Report
from remelt.platform.kernel.store import Store
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.rails.protocol import RailRefused, RailUnsure
from remelt.platform.settlement.rails.provider_errors import AccountOpened, SellerNotReady
from remelt.platform.settlement.rails.provider_models import ConnectedAccount
from remelt.platform.settlement.rails.provider_sight import Provider, Sight
from remelt.platform.settlement.rails.provider_taking import take_in

ACCOUNT: Final = "provider-account"
AGAIN_S: Final = 30
# where separate charges and transfers are offered; neither mainland China nor Hong Kong
COUNTRIES: Final = (
    "AU", "BR", "CA", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "JP", "MX", "MY", "NL", "NO", "NZ",
    "SG", "US",
)  # fmt: skip


def ask_account(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    country: str,
    email: str,
) -> ConnectedAccount:
    """Ask for a seller's account; a job makes it after the commit. Raises `AccountOpened`.

    One that the provider refused is asked for anew.
    """
    row = account_of(session, organisation_id=organisation_id, lock=True)
    if row is not None and not row.reason:
        raise AccountOpened
    row = row or ConnectedAccount(
        organisation_id=organisation_id, provider="stripe", country=country, email=email,
        person_id=person_id, asked_at=clock.now(session),
    )  # fmt: skip
    row.sqlmodel_update({"country": country, "email": email, "reason": ""})
    session.add(row)
    session.flush()
    look_again(session, clock=clock, organisation_id=organisation_id)
    return row


def look_again(session: Session, *, clock: Clock, organisation_id: int, delay_s: int = 0) -> None:
    """Have a seller's account looked at, and while it is not ready its form opened anew."""
    jobs.enqueue(
        session, code=new_code(), kind=ACCOUNT, payload={"organisation_id": organisation_id},
        clock=clock, delay_s=delay_s,
    )  # fmt: skip


def tend(
    payload: dict[str, Any], _report: Report, *, store: Store, rail: Provider, clock: Clock
) -> dict[str, Any]:
    """Make the account if there is none, look how it stands, open its form until it is ready.

    No answer: a later job comes. A refusal is kept, for the seller to read.
    """
    owner_id = int(payload["organisation_id"])
    with store.read() as session:
        row = account_of(session, organisation_id=owner_id)
    if row is None:
        return {"state": "none"}
    try:
        ref = row.account_ref or rail.open_account(
            country=row.country, email=row.email, key=account_key(row)
        )
        sight = rail.look(kind="account.", object_id=ref)
        ready = any(each.transfers == "active" for each in sight.accounts)
        page = None if ready else rail.account_page(ref)
    except RailUnsure:
        with store.write() as session:
            look_again(session, clock=clock, organisation_id=owner_id, delay_s=AGAIN_S)
        return {"state": "unsure"}
    except RailRefused as refused:
        with store.write() as session:
            _change(
                session, owner_id, reason=str(refused.facts.get("reason", ""))[:200] or "refused"
            )
        return {"state": "refused"}
    with store.write() as session:
        _keep(session, owner_id, ref=ref, page=page, sight=sight, clock=clock)
    return {"state": "ready" if ready else "open"}


def account_key(row: ConnectedAccount) -> str:
    """Return the key of making an account: the same wish, the same key."""
    said = f"account|{row.organisation_id}|{row.country}|{row.email}"
    return hashlib.sha256(said.encode()).hexdigest()


def account_of(
    session: Session, *, organisation_id: int, lock: bool = False
) -> ConnectedAccount | None:
    """Return a seller's account, None where it asked for none."""
    statement = select(ConnectedAccount).where(ConnectedAccount.organisation_id == organisation_id)
    return session.exec(statement.with_for_update() if lock else statement).one_or_none()


def payable_account(session: Session, *, organisation_id: int) -> str:
    """Return the provider's name of an account that may be paid. Raises `SellerNotReady`."""
    row = account_of(session, organisation_id=organisation_id)
    if row is None or not row.ready:
        raise SellerNotReady
    return row.account_ref


def accounts(session: Session) -> list[tuple[ConnectedAccount, Organisation]]:
    """Return every seller's account with its owner, those that are not ready first."""
    rows = session.exec(
        select(ConnectedAccount, Organisation)
        .join(Organisation, col(Organisation.id) == col(ConnectedAccount.organisation_id))
        .order_by(col(ConnectedAccount.transfers) == "active", col(ConnectedAccount.id).desc())
    )
    return [(row[0], row[1]) for row in rows]


def _keep(
    session: Session,
    owner_id: int,
    *,
    ref: str,
    page: tuple[str, datetime] | None,
    sight: Sight,
    clock: Clock,
) -> None:
    link, until = page or ("", None)
    _change(session, owner_id, account_ref=ref, link=link, link_until=until, reason="")
    take_in(session, sight, clock=clock)


def _change(session: Session, owner_id: int, **said: Any) -> None:
    row = account_of(session, organisation_id=owner_id, lock=True)
    if row is not None:
        row.sqlmodel_update(said)
        session.add(row)
        session.flush()
