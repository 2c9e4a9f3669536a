"""The claim window of a final settlement: both agree, one objects, or the time runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.models import Contract
from remelt.platform.market.suspending import check_running
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.events import SettlementAgreed, SettlementObjected
from remelt.platform.settlement.finals.drafting import party_contract
from remelt.platform.settlement.finals.errors import NothingToSay
from remelt.platform.settlement.finals.models import SettlementStatement, SettlementWord
from remelt.platform.settlement.finals.terms import MOST_DAYS
from remelt.platform.settlement.models import Settlement


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a settlement of signed terms stands: provisional, claim window, disputed or agreed.

    until: when the claim window ends; agreed_by: the organisations that said so.
    """

    state: str
    until: datetime | None = None
    agreed_by: frozenset[int] = frozenset()
    objected_by: frozenset[int] = frozenset()

    @property
    def over(self) -> bool:
        """Whether nothing may be entered any more."""
        return self.state == "agreed"


def standing(
    words: Sequence[SettlementWord], *, stage: str, computed_at: datetime, claim_days: int,
    now: datetime,
) -> Standing:  # fmt: skip
    """Return where a settlement stands; touches no database.

    The last word of each party counts. Without a claim it is agreed when both say so, or when
    the window has ended.
    """
    if stage != "final":
        return Standing(stage)
    last = {word.organisation_id: word.word for word in words}
    objected = frozenset(party for party, word in last.items() if word == "object")
    agreed = frozenset(party for party, word in last.items() if word == "agree")
    until = computed_at + timedelta(days=claim_days)
    if objected:
        return Standing("disputed", until, agreed, objected)
    both = len(agreed) == 2  # noqa: PLR2004 - both parties
    return Standing("agreed" if both or now >= until else "claim-window", until, agreed)


def standing_of(session: Session, settlement: Settlement, *, now: datetime) -> Standing:
    """Return where a settlement in the books stands; without signed terms it is plain."""
    found = session.exec(
        select(SettlementStatement).where(SettlementStatement.settlement_id == settlement.key)
    ).one_or_none()
    if found is None:
        return Standing("plain")
    return _stands(settlement, found, words_of(session, settlement_id=settlement.key), now=now)


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A final settlement that may still be objected to, or is; other: the other party."""

    settlement: Settlement
    other: Organisation
    standing: Standing


def to_answer(session: Session, *, organisation_id: int, now: datetime) -> list[ToAnswer]:
    """Return an organisation's settlements that are disputed or in their claim window.

    Disputed ones stand first, then what ends soonest.
    """
    newer = aliased(Settlement)
    other = case(
        (col(Settlement.payer_id) == organisation_id, col(Settlement.payee_id)),
        else_=col(Settlement.payer_id),
    )
    objected = select(SettlementWord.settlement_id).where(SettlementWord.word == "object")
    rows = session.exec(
        select(Settlement, SettlementStatement, Organisation)
        .join(SettlementStatement, col(SettlementStatement.settlement_id) == col(Settlement.id))
        .join(Organisation, col(Organisation.id) == other)
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .where(
            or_(Settlement.payer_id == organisation_id, Settlement.payee_id == organisation_id),
            col(newer.id).is_(None),
            SettlementStatement.stage == "final",
            or_(
                col(Settlement.computed_at) > now - timedelta(days=MOST_DAYS),
                col(Settlement.id).in_(objected),
            ),
        )
        .order_by(col(Settlement.id))
    ).all()
    words = _words_of_many(session, [row[0].key for row in rows])
    found = [
        ToAnswer(settlement, party, _stands(settlement, why, words[settlement.key], now=now))
        for settlement, why, party in rows
    ]
    waits = [each for each in found if each.standing.state in {"claim-window", "disputed"}]
    return sorted(waits, key=lambda e: (e.standing.state != "disputed", e.standing.until or now))


def words_of(session: Session, *, settlement_id: int) -> list[SettlementWord]:
    """Return what the parties said about a settlement, in order."""
    rows = session.exec(
        select(SettlementWord)
        .where(SettlementWord.settlement_id == settlement_id)
        .order_by(col(SettlementWord.id))
    )
    return list(rows)


def say(
    session: Session, *, clock: Clock, contract_code: str, organisation_id: int, person_id: int,
    word: str, about: str = "", text: str = "",
) -> SettlementWord:  # fmt: skip
    """Agree to the final settlement in force, object to it, or withdraw one's claim.

    While the contract stands still nobody agrees; objecting is always open.
    Raises `NoSuchContract`, `ContractSuspended` or `NothingToSay`.
    """
    contract, _ = party_contract(
        session, contract_code=contract_code, organisation_id=organisation_id, lock=True
    )
    if word == "agree":
        check_running(contract)
    settlement = in_force(session, kind="contract", subject_code=contract.code)
    now = clock.now(session)
    if settlement is None:
        raise NothingToSay(contract=contract.code)
    before = standing_of(session, settlement, now=now)
    mine = organisation_id in before.objected_by
    if before.state not in {"claim-window", "disputed"} or (word == "withdraw" and not mine):
        raise NothingToSay(contract=contract.code)
    row = SettlementWord(
        settlement_id=settlement.key, organisation_id=organisation_id, person_id=person_id,
        word=word, about=about if word == "object" else "", text=text.strip()[:400], said_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _announce(session, settlement, contract=contract, row=row)
    return row


def _stands(
    settlement: Settlement,
    why: SettlementStatement,
    words: Sequence[SettlementWord],
    *,
    now: datetime,
) -> Standing:
    return standing(
        words,
        stage=why.stage,
        computed_at=settlement.computed_at,
        claim_days=int(why.record["terms"]["claim_days"]),
        now=now,
    )


def _words_of_many(
    session: Session, settlement_ids: Sequence[int]
) -> dict[int, list[SettlementWord]]:
    found: dict[int, list[SettlementWord]] = {key: [] for key in settlement_ids}
    rows = session.exec(
        select(SettlementWord)
        .where(col(SettlementWord.settlement_id).in_(settlement_ids))
        .order_by(col(SettlementWord.id))
    )
    for row in rows:
        found[row.settlement_id].append(row)
    return found


def _announce(
    session: Session, settlement: Settlement, *, contract: Contract, row: SettlementWord
) -> None:
    if row.word == "object":
        outbox.record(
            session,
            SettlementObjected(
                at=row.said_at, settlement_code=settlement.code, contract_code=contract.code,
                about=row.about, person_id=row.person_id,
            ),
        )  # fmt: skip
    elif standing_of(session, settlement, now=row.said_at).over:
        outbox.record(
            session,
            SettlementAgreed(
                at=row.said_at, settlement_code=settlement.code, contract_code=contract.code,
                amount_fen=settlement.amount_fen,
            ),
        )  # fmt: skip
