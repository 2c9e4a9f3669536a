"""What Alembic does not model, per dialect: triggers, search tables, id ranges.

Re-applied after each upgrade, because a batch migration on SQLite drops triggers silently.
"""

from sqlalchemy import Connection, text

from remelt.migrations import ddl_money
from remelt.migrations.tables import metadata

INSERT_ONLY = (
    "award",
    "award_step",
    "auction_seal",
    "auction_terms",
    "contract_estimate",
    "credit_limit",
    "opening",
    "proposal_turn",
    "sealed_bid",
    "tender_bid",
    "bid",
    "listing_photo",
    "handover",
    "left_out",
    "known_road",
    "outbox",
    "package_line",
    "price_board_entry",
    "recipe",
    "material",
    "stored_answer",
    "ledger_event",
    "event_lot",
    "lot_before",
    "restatement",
    "book_line",
    "melt_line",
    "log_node",
    "credit_group",
    "credit_site",
    "credit_scheme",
    "credit_period",
    "credit_certificate",
    "lot_claim",
    "lot_claim_end",
    "load_number",
    "power_certificate",
    "power_use",
    "capture_job",
    "evidence",
    "evidence_name",
    "certificate",
    "certificate_end",
    "cosignature",
    "ticket",
    "ticket_line",
    "scale_reading",
    "deduction",
    "inspection",
    "imported_row",
    "settlement",
    "settlement_line",
    "payment_instruction",
    "price_index",
    "index_price",
    "trading_day",
    "contract_terms",
    "terms_signature",
    "terms_index",
    "settling_weight",
    "settling_assay",
    "price_call",
    "settlement_statement",
    "settlement_word",
    "debit_note",
    "bank_account",
    "bank_layout",
    "bank_statement",
    "bank_movement",
    "provider_balance",
    "money_book",
    "money_account",
    "money_entry",
    "money_posting",
    "seller_purchase",
    "seller_consent",
    "invoiced_elsewhere",
    "buyer_tax_method",
    "reverse_invoice",
    "invoice_number",
    "purchase_paper",
    "advance_limit",
    "advance_use",
    "account_statement",
    "statement_line",
    "statement_answer",
    "bay_placing",
    "energy_entry",
    "energy_month",
    "heat",
    "line_period",
    "ladle_note",
    "ladle_match",
    "tolling_entry",
    "definition",
    "sorting",
)
# Texts of insert-only tables that a person's code or words may stand in, none of them hashed, and
# no figure that anything counts from: `scrubbing.erase_row` alone may change them. Everything else
# of history never changes.
ERASABLE = {
    "stored_answer": ("scope", "location", "body"),
    "ticket": ("plate", "note", "reason"),
    "inspection": ("plate", "note"),
    "lot_before": ("owner",),
    "melt_line": ("owners",),
    "evidence": ("organisation_code", "said_id", "said"),
    "capture_job": ("organisation_code", "faults"),
    "credit_group": ("organisation",),
    "credit_scheme": ("declared_by",),
    "credit_certificate": ("owner", "beneficiary", "issued_by"),
    "lot_claim": ("owner", "claimed_by"),
}


def apply(connection: Connection, *, province: int) -> None:
    """Bring triggers, search tables and id ranges in line; running it twice changes nothing."""
    name = connection.dialect.name
    make = _sqlite if name == "sqlite" else _postgresql
    for statement in (*make(province << 43), *_SEARCH[name], *_MONEY[name]):
        connection.execute(text(statement))


_MONEY = {"sqlite": ddl_money.SQLITE, "postgresql": ddl_money.POSTGRESQL}
_SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS listing_search "
        "USING fts5(terms, tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS listing_search (listing_id bigint PRIMARY KEY "
        "REFERENCES listing (id), terms tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_listing_search_terms ON listing_search USING gin (terms)",
    ),
}


def _tables_with_ids() -> list[str]:
    return [table.name for table in metadata.sorted_tables if "id" in table.c]


def _of_kept(table: str) -> str:
    """Name the columns that never change, where some of a table may lose their text."""
    if table not in ERASABLE:
        return ""
    kept = [each.name for each in metadata.tables[table].c if each.name not in ERASABLE[table]]
    return f" OF {', '.join(kept)}"


def _unpermitted(table: str) -> str:
    """Say in SQL, inside a trigger, that nobody may erase texts of the row at hand."""
    return (
        "NOT EXISTS (SELECT 1 FROM erasure_permit"  # noqa: S608 - our own names
        f" WHERE table_name = {table} AND row_id = OLD.id)"
    )


def _sqlite(first_id: int) -> list[str]:
    statements = []
    for table in INSERT_ONLY:
        unpermitted = _unpermitted(f"'{table}'")
        for name, verb, when in (
            ("no_update", f"UPDATE{_of_kept(table)}", ""),
            ("no_delete", "DELETE", ""),
            ("no_erasure", "UPDATE", f"WHEN {unpermitted} "),
        ):
            statements.append(f"DROP TRIGGER IF EXISTS {table}_{name}")
            if name != "no_erasure" or table in ERASABLE:
                statements.append(
                    f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} {when}"
                    f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
                )
    return statements + [
        f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', {first_id} "  # noqa: S608 - our own names
        f"WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{table}')"
        for table in _tables_with_ids()
    ]


def _postgresql(first_id: int) -> list[str]:
    statements = [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$",
        "CREATE OR REPLACE FUNCTION refuse_erasure() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {_unpermitted('TG_TABLE_NAME')} THEN "
        "RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
    ]
    for table in INSERT_ONLY:
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_insert_only ON {table}",
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE{_of_kept(table)} OR DELETE "
            f"ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"DROP TRIGGER IF EXISTS {table}_no_erasure ON {table}",
        ]
        if table in ERASABLE:
            statements.append(
                f"CREATE TRIGGER {table}_no_erasure BEFORE UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION refuse_erasure()"
            )
    for table in _tables_with_ids():
        sequence = f"{table}_id_seq"
        statements.append(
            f"SELECT setval('{sequence}', greatest({first_id}, last_value), true) FROM {sequence}"  # noqa: S608
        )
    return statements
