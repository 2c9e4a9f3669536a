"""Reverse invoices: a ceiling to the fen, a window that slides by month, consent, two buyers."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from threading import Barrier
from zipfile import ZipFile

import pytest
from sqlmodel import select

from remelt.platform.kernel.clock import SimulatedClock, month_of
from remelt.platform.kernel.files import FileStore, NoSuchFile
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.evidence.filing import add_paper
from remelt.platform.settlement.ledger.chart import Account
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.ledger.reading import balance_of
from remelt.platform.settlement.reverse import errors, invoicing, sellers
from remelt.platform.settlement.reverse.counting import meter
from remelt.platform.settlement.reverse.models import NaturalSeller, ReverseInvoice, SellerPurchase
from remelt.platform.settlement.reverse.queries import filing
from remelt.platform.settlement.reverse.rates import tax_rules
from remelt.platform.yard.models import SellerCard
from remelt.platform.yard.voiding import void
from remelt.web.erasing import erase_person, erase_whom_due
from remelt.web.erasing_files import destroy_ended
from remelt.web.evidence_pack import evidence_chunks
from tests.parties import Party, a_party
from tests.reverse import VAULT, WANG, agree, buy_for, card_of, draw, natural, set_up
from tests.yard import hang_out

CEILING_FEN = 500_000_000
PROOF = "ab" * 32


@pytest.fixture
def hub(store: Store, clock: SimulatedClock) -> Party:
    """A hub under the general method of VAT."""
    with store.write() as session:
        party = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=party)
        set_up(session, clock=clock, hub=party)
        return party


@pytest.fixture
def other(store: Store, clock: SimulatedClock) -> Party:
    """Another buyer."""
    with store.write() as session:
        party = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=party)
        set_up(session, clock=clock, hub=party)
        return party


def bought_from_wang(store, clock, hub, *, fen, consented=True):
    with store.write() as session:
        ticket = buy_for(session, clock=clock, hub=hub, fen=fen)
    if consented:
        with store.write() as session:
            agree(session, clock=clock, hub=hub, seller=natural(session))
    return ticket


def told_elsewhere(store, clock, hub, *, net_fen, month="2026-02", proof=PROOF):
    with store.write() as session:
        sellers.state_elsewhere(
            session, clock=clock, seller=natural(session), told_by_id=hub.organisation.key,
            person_id=hub.person.key, month=month, net_fen=net_fen, proof_sha256=proof,
        )  # fmt: skip


def drawn(store, clock, hub, ticket) -> ReverseInvoice:
    with store.write() as session:
        return draw(session, clock=clock, hub=hub, ticket=ticket)


def counted(store, clock):
    with store.read() as session:
        now = clock.now()
        return meter(
            session, seller_id=natural(session).key, month=month_of(now),
            rules=tax_rules(session, on=now.date()),
        )  # fmt: skip


def test_the_worked_example_parts_to_the_fen(store, clock, hub):
    ticket = bought_from_wang(store, clock, hub, fen=158_149_952)
    made = drawn(store, clock, hub, ticket)
    assert (made.gross_fen, made.net_fen) == (158_149_952, 156_584_111)
    assert (made.vat_fen, made.income_tax_fen) == (1_565_841, 782_921)
    assert (made.kind, made.month, made.sign) == ("special", "2026-03", 1)


@pytest.mark.parametrize(
    ("sum_fen", "passes"),
    [(CEILING_FEN - 1, True), (CEILING_FEN, True), (CEILING_FEN + 1, False)],
)
def test_the_ceiling_holds_to_the_fen(store, clock, hub, sum_fen, passes):
    ticket = bought_from_wang(store, clock, hub, fen=158_149_952)
    told_elsewhere(store, clock, hub, net_fen=sum_fen - 156_584_111)
    if passes:
        drawn(store, clock, hub, ticket)
        assert counted(store, clock).at_least_fen == sum_fen
        return
    with pytest.raises(errors.CeilingReached) as refused:
        drawn(store, clock, hub, ticket)
    assert refused.value.facts["left_yuan"] == "1565841.10"
    assert counted(store, clock).at_least_fen == sum_fen - 156_584_111


def test_the_window_slides_by_month(store, clock, hub):
    first = bought_from_wang(store, clock, hub, fen=404_000_000)
    drawn(store, clock, hub, first)
    clock.set(datetime(2027, 2, 28, 15, 59, tzinfo=UTC))
    late = bought_from_wang(store, clock, hub, fen=202_000_000)
    with pytest.raises(errors.CeilingReached):
        drawn(store, clock, hub, late)
    clock.advance(minutes=1)  # March 2027 in Beijing: March 2026 is the thirteenth month
    drawn(store, clock, hub, late)
    assert counted(store, clock).at_least_fen == 200_000_000


def test_what_was_invoiced_elsewhere_leaves_with_its_month(store, clock, hub):
    bought_from_wang(store, clock, hub, fen=1_000_000)
    told_elsewhere(store, clock, hub, net_fen=300_000_000, month="2025-04")
    assert counted(store, clock).elsewhere_fen == 300_000_000
    clock.set(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    assert counted(store, clock).elsewhere_fen == 0


def test_of_several_tellers_the_largest_counts_and_the_newest_of_each(store, clock, hub, other):
    bought_from_wang(store, clock, hub, fen=1_000_000)
    told_elsewhere(store, clock, hub, net_fen=400_000_000)
    told_elsewhere(store, clock, hub, net_fen=100_000_000)
    told_elsewhere(store, clock, other, net_fen=150_000_000)
    assert counted(store, clock).elsewhere_fen == 150_000_000
    told_elsewhere(store, clock, other, net_fen=0)
    assert counted(store, clock).elsewhere_fen == 100_000_000


@pytest.mark.parametrize("month", ["2025-03", "2026-04", "2026-13", "26-01", ""])
def test_only_the_twelve_months_are_told(store, clock, hub, month):
    bought_from_wang(store, clock, hub, fen=1_000_000)
    with pytest.raises(errors.BadMonth):
        told_elsewhere(store, clock, hub, net_fen=1, month=month)


def test_elsewhere_needs_a_proof(store, clock, hub):
    bought_from_wang(store, clock, hub, fen=1_000_000)
    with pytest.raises(errors.ProofMissing):
        told_elsewhere(store, clock, hub, net_fen=1, proof=None)


def test_the_meter_warns_at_eighty_per_cent(store, clock, hub):
    bought_from_wang(store, clock, hub, fen=1_000_000)
    told_elsewhere(store, clock, hub, net_fen=CEILING_FEN * 8 // 10 - 1)
    assert counted(store, clock).state == "free"
    told_elsewhere(store, clock, hub, net_fen=CEILING_FEN * 8 // 10)
    assert (counted(store, clock).state, counted(store, clock).share_bp) == ("near", 8_000)
    told_elsewhere(store, clock, hub, net_fen=CEILING_FEN)
    assert counted(store, clock).state == "full"


def test_without_consent_no_invoice(store, clock, hub, other):
    ticket = bought_from_wang(store, clock, hub, fen=1_000_000, consented=False)
    with store.write() as session:
        agree(session, clock=clock, hub=other, seller=natural(session))
    with pytest.raises(errors.ReverseConsentMissing):
        drawn(store, clock, hub, ticket)
    with store.write() as session:
        seller = natural(session)
        agree(session, clock=clock, hub=hub, seller=seller)
        sellers.withdraw_consent(
            session, clock=clock, seller=seller, buyer_id=hub.organisation.key,
            person_id=hub.person.key,
        )  # fmt: skip
    with pytest.raises(errors.ReverseConsentMissing):
        drawn(store, clock, hub, ticket)


def test_consent_is_not_of_tomorrow(store, clock, hub):
    bought_from_wang(store, clock, hub, fen=1_000_000)
    with pytest.raises(errors.BadConsentDay), store.write() as session:
        sellers.consent(
            session, clock=clock, seller=natural(session), buyer_id=hub.organisation.key,
            person_id=hub.person.key, given_on=date(2026, 3, 3),
        )  # fmt: skip


def test_a_seller_without_identity_is_not_invoiced(store, clock, hub):
    with store.write() as session:
        from_nobody = buy_for(session, clock=clock, hub=hub, fen=1_000_000, seller=_unknown())
    with pytest.raises(errors.SellerUnidentified):
        drawn(store, clock, hub, from_nobody)


def _unknown():
    return type(WANG)(name="赵六", phone="13800009999")


def test_a_purchase_is_invoiced_once_and_again_after_a_red_one(store, clock, hub, other):
    ticket = bought_from_wang(store, clock, hub, fen=1_000_000)
    made = drawn(store, clock, hub, ticket)
    with pytest.raises(errors.AlreadyInvoiced):
        drawn(store, clock, hub, ticket)
    with pytest.raises(errors.NoSuchReverseInvoice):
        red(store, clock, other, made)
    red(store, clock, hub, made)
    assert counted(store, clock).at_least_fen == 0
    with pytest.raises(errors.InvoiceNotStanding):
        red(store, clock, hub, made)
    assert drawn(store, clock, hub, ticket).turn == 3


def red(store, clock, hub, made) -> ReverseInvoice:
    with store.write() as session:
        return invoicing.counter(
            session, clock=clock, invoice_code=made.code, buyer_id=hub.organisation.key,
            person_id=hub.person.key,
        )  # fmt: skip


def test_a_voided_purchase_is_not_invoiced(store, clock, hub):
    ticket = bought_from_wang(store, clock, hub, fen=1_000_000)
    with store.write() as session:
        void(
            session, clock=clock, ticket_code=ticket.code, organisation_id=hub.organisation.key,
            person_id=hub.person.key, reason="mistaken",
        )  # fmt: skip
    with pytest.raises(errors.NothingToInvoice):
        drawn(store, clock, hub, ticket)


def test_kind_and_rate_follow_method_and_threshold(store, clock, hub):
    with store.write() as session:
        set_up(session, clock=clock, hub=hub, method="simple")
    small = drawn(store, clock, hub, bought_from_wang(store, clock, hub, fen=4_000_000))
    assert (small.kind, small.vat_bp, small.net_fen) == ("ordinary", 0, 4_000_000)
    exact = drawn(store, clock, hub, bought_from_wang(store, clock, hub, fen=6_000_000))
    assert exact.vat_bp == 0
    above = drawn(store, clock, hub, bought_from_wang(store, clock, hub, fen=2))
    assert (above.vat_bp, above.kind) == (100, "ordinary")
    with store.write() as session:
        set_up(session, clock=clock, hub=hub, method="general")
    clock.advance(days=31)
    deducted = drawn(store, clock, hub, bought_from_wang(store, clock, hub, fen=4_000_000))
    assert (deducted.kind, deducted.vat_bp) == ("special", 100)


def test_a_buyer_who_has_not_said_its_method_draws_up_nothing(store, clock):
    with store.write() as session:
        fresh = a_party(session, clock=clock, role="hub")
        hang_out(session, clock=clock, hub=fresh)
    ticket = bought_from_wang(store, clock, fresh, fen=1_000_000)
    with pytest.raises(errors.ReverseNotSetUp):
        drawn(store, clock, fresh, ticket)


def test_two_buyers_at_once_do_not_pass_together(store, clock, hub, other):
    tickets = [bought_from_wang(store, clock, buyer, fen=303_000_000) for buyer in (hub, other)]
    start = Barrier(2)

    def race(at: int) -> str:
        start.wait()
        try:
            return drawn(store, clock, (hub, other)[at], tickets[at]).code
        except errors.CeilingReached:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(race, range(2)))
    assert told.count("refused") == 1
    assert counted(store, clock).at_least_fen == 300_000_000


def test_one_person_is_counted_over_all_buyers(store, clock, hub, other):
    for buyer in (hub, other):
        drawn(store, clock, buyer, bought_from_wang(store, clock, buyer, fen=101_000_000))
    assert counted(store, clock).platform_fen == 200_000_000
    with store.read() as session:
        assert len(session.exec(select(SellerCard)).all()) == 2


def test_an_erased_person_leaves_the_sums_and_no_name(store, clock, hub):
    made = drawn(store, clock, hub, bought_from_wang(store, clock, hub, fen=101_000_000))
    keep = timedelta(days=30)
    with store.write() as session:
        card = session.exec(select(SellerCard)).one()
        code, digest = card.code, card.id_digest
        done = erase_person(session, clock=clock, code=code, keep_days=keep.days)
    assert done.until == clock.now() + keep
    with store.read() as session:
        assert natural(session).kept_until == done.until
    again = bought_from_wang(store, clock, hub, fen=2, consented=False)
    with pytest.raises(errors.ReverseConsentMissing):
        drawn(store, clock, hub, again)
    clock.advance(days=keep.days + 1)
    with store.write() as session:
        erase_whom_due(session, clock=clock, keep_days=keep.days)
    with store.read() as session:
        seller = natural(session)
        assert (seller.digest, seller.kept_until) == (None, None)
        assert seller.forgotten_at == clock.now()
        kept = session.exec(select(ReverseInvoice)).one()
        assert (kept.net_fen, kept.code) == (100_000_000, made.code)
        rows = [
            kept,
            *session.exec(select(SellerPurchase)),
            seller,
            *session.exec(select(NaturalSeller)),
        ]
        said = " ".join(row.model_dump_json() for row in rows)
    for trace in (code, digest, "王五", WANG.phone):
        assert trace not in said


def test_a_number_is_noted_once(store, clock, hub):
    made = drawn(store, clock, hub, bought_from_wang(store, clock, hub, fen=2))
    facts = {"invoice_code": made.code, "buyer_id": hub.organisation.key,
             "person_id": hub.person.key}  # fmt: skip
    for number, refusal in (
        ("123", errors.BadInvoiceNumber),
        ("26522000000012345678", None),
        ("26522000000012345679", errors.InvoiceNumberTaken),
    ):
        with store.write() as session:
            if refusal is None:
                invoicing.note_number(session, clock=clock, number=number, **facts)
                continue
            with pytest.raises(refusal):
                invoicing.note_number(session, clock=clock, number=number, **facts)


def test_the_card_of_a_ticket_leads_to_its_natural_seller(store, clock, hub):
    ticket = bought_from_wang(store, clock, hub, fen=2)
    with store.read() as session:
        card = card_of(session, ticket)
        found = sellers.by_digest(session, digest=card.id_digest)
        assert found is not None
        assert card.id_digest == VAULT.digest(WANG.id_number)


def taxes_tie(store, party, month: str = "2026-03") -> tuple[int, int]:
    """What the book says is to be filed for a month: the same as the filing table, to the fen."""
    with store.write() as session:
        rules = tax_rules(session, on=date(2026, 3, 2))
        lines = filing(session, buyer_id=party.organisation.key, month=month, rules=rules)
        book_id = book(session, organisation_id=party.organisation.key)
        said = [
            -balance_of(session, book_id=book_id, account=Account(kind, month))
            for kind in ("vat_agent", "income_tax_agent")
        ]
        table = [
            sum(line.vat_due_fen for line in lines), sum(line.income_tax_fen for line in lines)
        ]  # fmt: skip
        assert said == table
    return said[0], said[1]


def test_the_months_filing_is_what_the_book_says(store, clock, hub, other):
    ticket = bought_from_wang(store, clock, hub, fen=158_149_952)
    made = drawn(store, clock, hub, ticket)
    assert taxes_tie(store, hub) == (1_565_841, 782_921)
    with store.write() as session:
        set_up(session, clock=clock, hub=other, method="simple")
        book_id = book(session, organisation_id=hub.organisation.key)
        owed = balance_of(session, book_id=book_id, account=Account("tax_advanced", ticket.code))
        assert owed == 2_348_762
    with store.write() as session:
        invoicing.counter(
            session, clock=clock, invoice_code=made.code, buyer_id=hub.organisation.key,
            person_id=hub.person.key,
        )  # fmt: skip
    assert taxes_tie(store, hub) == (0, 0)


def test_a_month_that_passes_the_threshold_owes_vat_on_what_was_invoiced_without_it(
    store, clock, other
):
    with store.write() as session:
        set_up(session, clock=clock, hub=other, method="simple")
    for fen in (333_333, 200_050):
        drawn(store, clock, other, bought_from_wang(store, clock, other, fen=fen))
    bare = taxes_tie(store, other)
    assert bare == (0, 1_667 + 1_000)
    told_elsewhere(store, clock, other, net_fen=9_500_000, month="2026-03")
    assert taxes_tie(store, other) == (3_333 + 2_001, bare[1])
    told_elsewhere(store, clock, other, net_fen=0, month="2026-03")
    assert taxes_tie(store, other) == bare


def test_papers_go_with_the_person_at_the_end_of_the_term_and_not_before(
    store, clock, hub, other, tmp_path
):
    """Within the term they are kept; after it they are destroyed, but not what others share."""
    files = FileStore(tmp_path)
    own, shared, gate = (files.put(each) for each in (b"consent", b"both", b"slip"))
    ticket = bought_from_wang(store, clock, hub, fen=101_000_000, consented=False)
    with store.write() as session:
        agree(session, clock=clock, hub=hub, seller=natural(session), proof_sha256=own)
        paper = {"organisation_id": hub.organisation.key, "person_id": hub.person.key}
        add_paper(session, clock=clock, subject_code=ticket.code, paper="payment", sha256=gate,
                  **paper)  # fmt: skip
    drawn(store, clock, hub, ticket)
    told_elsewhere(store, clock, hub, net_fen=1, proof=shared)
    with store.write() as session:
        foreign = buy_for(session, clock=clock, hub=other, fen=2, seller=_unknown())
    with store.write() as session:
        paper = {"organisation_id": other.organisation.key, "person_id": other.person.key}
        add_paper(session, clock=clock, subject_code=foreign.code, paper="photo", sha256=shared,
                  **paper)  # fmt: skip
        card = session.exec(
            select(SellerCard.code).where(SellerCard.organisation_id == hub.organisation.key)
        ).one()
        assert erase_person(session, clock=clock, code=card, keep_days=30).until is not None
    assert destroy_ended(store, clock=clock, files=files) == 0
    assert files.get(own) == b"consent"
    clock.advance(days=31)
    with store.write() as session:
        erase_whom_due(session, clock=clock, keep_days=30)
    assert destroy_ended(store, clock=clock, files=files) == 2
    for gone in (own, gate):
        with pytest.raises(NoSuchFile):
            files.get(gone)
    assert files.get(shared) == b"both"
    assert destroy_ended(store, clock=clock, files=files) == 0
    chunks = evidence_chunks(
        [ticket.code], store=store, organisation_id=hub.organisation.key, files=files
    )
    with ZipFile(BytesIO(b"".join(chunks))) as package:
        manifest = json.loads(package.read("manifest.json"))
    assert "destroyed" in manifest.values()
