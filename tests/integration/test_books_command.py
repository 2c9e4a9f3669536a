"""`remelt books`, as an accountant types it: all agrees, or each thing that does not is named."""

import shutil

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.installation import install
from remelt.platform.settlement import accounts, books
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.rules import Weighed
from remelt.web.cli import main
from remelt.web.wiring import new_store
from tests.parties import a_party


def test_the_books_command_says_that_all_agrees_and_names_what_does_not(
    sqlite_template, tmp_path, monkeypatch, capsys
):
    shutil.copy(sqlite_template, tmp_path / "remelt.db")
    monkeypatch.setenv("REMELT_HOME", str(tmp_path))
    clock = SystemClock()
    store = new_store(f"sqlite:///{tmp_path / 'remelt.db'}", clock=clock)
    with store.write() as session:
        install(session, clock=clock, base_url="https://tags.example", province=52, tags_out=False)
        buyer = a_party(session, clock=clock, role="smelter")
        draft = Settlement(
            code=accounts.new_code(), kind="contract", subject_code="CONTRACT", ticket_code="T",
            revision=1, site_id=buyer.site.key, payer_id=buyer.organisation.key,
            payee_id=a_party(session, clock=clock).organisation.key, net_g=0, deducted_g=0,
            payable_g=0, lines_fen=0, amount_fen=0, inputs={}, inputs_sha256="",
            computed_at=clock.now(session),
        )  # fmt: skip
        line = Weighed(lot_code="L", net_g=500_000, deducted_g=0, price_fen_per_t=1_000_000)
        owed = books.put(session, draft, lines=[line], clock=clock)[0]
    assert main(["books"]) == 0
    assert capsys.readouterr().out == "2 entries, 4 lines: all agree\n"
    with store.write() as session:
        session.add(
            PaymentRecord(
                code="PASTTHEBOOK", settlement_id=owed.key, subject_code="CONTRACT", amount_fen=5,
                method="bank", paid_on=clock.now(session).date(), person_id=buyer.person.key,
                recorded_at=clock.now(session), needs_second=False,
                confirmed_at=clock.now(session),
            )
        )  # fmt: skip
    store.close()
    assert main(["books"]) == 1
    assert capsys.readouterr().out == (
        f"payable-differs {owed.code} book 500000 fen, owed 499995 fen\n"
        "2 entries, 4 lines: 1 differ\n"
    )
