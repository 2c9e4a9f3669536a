"""The cashier's and accountant's part: advances, netting, statements, the bank's file, papers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, month_of
from remelt.platform.settlement.evidence.filing import add_paper
from remelt.platform.settlement.evidence.queries import purchases
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rails.bank.accounts import open_bank_account, take_in
from remelt.platform.settlement.rails.bank.matching import Wish, confirm_matches, match
from remelt.platform.settlement.rails.bank.models import BankMovement
from remelt.platform.settlement.rails.bank.statement import parse
from remelt.platform.settlement.reverse.rules import months_before
from remelt.platform.settlement.running import advancing, queries, stating
from remelt.platform.settlement.running.models import RunningAccount
from remelt.web.demo.money.papers import paper
from remelt.web.demo.stage import OnStage
from remelt.web.demo.world import Week

PAYER, PAYEE, COLLECTOR = "smelter", "hub", "collector3"
LIMIT_FEN, PREPAID_FEN, LENT_FEN = 40_000_000, 18_000_000, 3_000_000
OPENING_FEN, MORE_FEN = 350_000_000, 500_000
PAPER_GAPS = {"photo": 2, "payment": 1, "invoice": 0}
"""Of every three purchases each lacks another paper."""
HEADER = "交易日期,交易时间,收入金额,支出金额,余额,对方户名,对方账号,流水号,附言"


@dataclass(frozen=True, slots=True)
class Moved:
    """A line of the bank's file: signed fen, whose account, what it says; the payment it is of."""

    fen: int
    name: str
    text: str
    payment: PaymentRecord | None = None


def prepay(week: Week) -> None:
    """Open two running accounts and pay in advance; above the threshold two hands do it."""
    for payer, payee, limit_fen, fen, purpose in (
        (PAYER, PAYEE, LIMIT_FEN, PREPAID_FEN, "prepayment"),
        (PAYEE, COLLECTOR, LENT_FEN * 2, LENT_FEN, "advance"),
    ):
        with week.act() as session:
            _prepaid(session, week, payer, payee, limit_fen=limit_fen, fen=fen, purpose=purpose)


def state_month(week: Week) -> None:
    """Let the payee state last month's account, and the payer confirm it."""
    month = months_before(month_of(week.clock.now()), count=1)
    hub, buyer = week.stage[PAYEE], week.stage[PAYER]
    with week.act() as session:
        row = _account(session, week)
        said = stating.issue(session, **_by(week, hub), code=row.code, month=month)
    week.clock.advance(minutes=30)
    with week.act() as session:
        stating.answer(session, **_by(week, buyer), statement_code=said.code, verdict="confirmed")


def net(week: Week) -> None:
    """Net the prepayment over what was delivered since, if anything was."""
    buyer = week.stage[PAYER]
    with week.act() as session:
        row = _account(session, week)
        if queries.open_deliveries(session, row):
            advancing.net(
                session, clock=week.clock, code=row.code, payer_id=buyer.organisation_id,
                person_id=buyer.person_ids[0],
            )  # fmt: skip


def bank_day(week: Week, who: OnStage) -> None:
    """Take in the bank's file of an organisation: matched, matched in part, waiting, unknown."""
    with week.act() as session:
        account = open_bank_account(
            session, clock=week.clock, organisation_id=who.organisation_id, bank="演示银行",
            number=f"5200{who.organisation_id % 10**12:012d}",
        ).code  # fmt: skip
        lines = _lines(session, week, who)
        parsed = parse(_file(week, lines), filename="演示对账单.csv")
        made = take_in(session, **_by(week, who), account_code=account, parsed=parsed)
        moved = session.exec(
            select(BankMovement.code)
            .where(BankMovement.statement_id == made.key)
            .order_by(col(BankMovement.row))
        ).all()
    told = [(code, line.payment) for code, line in zip(moved, lines, strict=True) if line.payment]
    for place, (code, payment) in enumerate(told):
        with week.act() as session:
            wish = Wish(kind="payment", code=payment.code, minor=payment.amount_fen)
            found = match(
                session, **_by(week, who), movement_code=code, wishes=[wish], why="reference"
            )
        if found[0].needs_second and place < len(told) - 1:
            with week.act() as session:
                second = _by(week, who) | {"person_id": who.person_ids[1]}
                confirm_matches(session, **second, movement_code=code)


def keep_papers(week: Week, who: OnStage, *, invoices: bool) -> None:
    """Keep photos, payment proofs and sellers' invoices of most purchases, not of all."""
    with week.store.read() as session:
        found = purchases(session, organisation_id=who.organisation_id)
        told = [
            (each.settlement.subject_code, {paid.method for paid in each.payments})
            for each in found
        ]
    for place, (code, methods) in enumerate(told):
        kinds = [] if place % len(PAPER_GAPS) == PAPER_GAPS["photo"] else ["photo"]
        if "cash" not in methods and place % len(PAPER_GAPS) != PAPER_GAPS["payment"]:
            kinds.append("payment")
        if invoices and place % len(PAPER_GAPS) != PAPER_GAPS["invoice"]:
            kinds.append("invoice")
        for kind in kinds:
            sha256 = paper(week.files, of=f"{kind} {code}")
            with week.act() as session:
                add_paper(
                    session, **_by(week, who), subject_code=code, paper=kind, sha256=sha256,
                    number=f"演示{code[:6]}" if kind == "invoice" else "",
                )  # fmt: skip


def _prepaid(
    session: Session, week: Week, payer: str, payee: str, *, limit_fen: int, fen: int, purpose: str
) -> None:
    who, other = week.stage[payer], week.stage[payee]
    facts: dict[str, Any] = {"clock": week.clock, "payer_id": who.organisation_id}
    row = advancing.open_account(session, **facts, partner_code=other.organisation_code)
    hand = facts | {"code": row.code}
    advancing.set_limit(session, **hand, person_id=who.person_ids[0], limit_fen=limit_fen)
    paid = advancing.pay_advance(
        session, **hand, person_id=who.person_ids[0], amount_fen=fen, purpose=purpose,
        paid_on=week.clock.now().astimezone(BEIJING).date(), reference="演示预付",
    )  # fmt: skip
    if paid.needs_second:
        advancing.answer_advance(
            session, **hand, person_id=who.person_ids[1], advance_code=paid.code, paid=True
        )


def _account(session: Session, week: Week) -> RunningAccount:
    return session.exec(
        select(RunningAccount).where(
            RunningAccount.payer_id == week.stage[PAYER].organisation_id,
            RunningAccount.payee_id == week.stage[PAYEE].organisation_id,
        )
    ).one()


def _lines(session: Session, week: Week, who: OnStage) -> list[Moved]:
    """Return what the bank saw: the largest payments, one with more in it, a fee, a stray."""
    pays = who.player.key == PAYER
    own, other = (
        (Settlement.payer_id, Settlement.payee_id) if pays
        else (Settlement.payee_id, Settlement.payer_id)
    )  # fmt: skip
    rows = session.exec(
        select(PaymentRecord, other)
        .join(Settlement, col(Settlement.id) == col(PaymentRecord.settlement_id))
        .where(
            own == who.organisation_id, PaymentRecord.method == "bank",
            Settlement.kind == "contract", col(PaymentRecord.confirmed_at).is_not(None),
        )
        .order_by(col(PaymentRecord.amount_fen).desc(), col(PaymentRecord.id))
        .limit(4)
    )  # fmt: skip
    sign = -1 if pays else 1
    lines = [
        Moved(
            fen=sign * (payment.amount_fen + (MORE_FEN if place == 1 else 0)),
            name=week.by_id(party or 0).player.name_zh, text=f"货款 {payment.reference}",
            payment=payment,
        )
        for place, (payment, party) in enumerate(rows)
    ]  # fmt: skip
    return [*lines, Moved(-1_500, "演示银行", "账户管理费"), Moved(880_000, "演示·某客户", "来款")]


def _file(week: Week, lines: Sequence[Moved]) -> bytes:
    """Return the bank's file: noon and a minute more for each line, with the balance after it."""
    day = week.clock.now().astimezone(BEIJING).date().isoformat()
    return "\n".join([HEADER, *_rows(lines, day=day)]).encode("gb18030")


def _rows(lines: Iterable[Moved], *, day: str) -> Iterable[str]:
    balance_fen = OPENING_FEN
    for place, line in enumerate(lines):
        balance_fen += line.fen
        ways = ("", _yuan(-line.fen)) if line.fen < 0 else (_yuan(line.fen), "")
        yield ",".join(
            (day, f"12:{place:02d}:00", *ways, _yuan(balance_fen), line.name, "",
             f"DEMO{day.replace('-', '')}{place:04d}", line.text)
        )  # fmt: skip


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _by(week: Week, who: OnStage) -> dict[str, Any]:
    return {
        "clock": week.clock,
        "organisation_id": who.organisation_id,
        "person_id": who.person_ids[0],
    }
