"""Every entry of money is zero in sum and whole, whoever writes it: the database sees to it.

PostgreSQL asks once per statement, over what the statement added, and once per entry at the
commit. SQLite asks as each line comes; an entry that is not finished owes a row to a foreign key
that is asked at the commit, because triggers there cannot wait.
"""

_UNBALANCED = "money_entry is not zero in sum"
_NOT_WHOLE = "money_entry has not the lines that it says"

POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION money_lines_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0
  ) THEN RAISE EXCEPTION '{_UNBALANCED}' USING ERRCODE = 'check_violation'; END IF;
  IF EXISTS (
    SELECT FROM added JOIN money_entry ON money_entry.id = added.entry_id
    GROUP BY money_entry.id HAVING count(*) <> money_entry.lines
      OR max(added.position) <> money_entry.lines
  ) THEN RAISE EXCEPTION '{_NOT_WHOLE}' USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL;
END $$""",  # noqa: S608 - our own names
    f"""CREATE OR REPLACE FUNCTION money_entry_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM money_posting WHERE entry_id = NEW.id AND position = NEW.lines;
  IF NOT FOUND THEN RAISE EXCEPTION '{_NOT_WHOLE}' USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL;
END $$""",
    "DROP TRIGGER IF EXISTS money_posting_balance ON money_posting",
    "CREATE TRIGGER money_posting_balance AFTER INSERT ON money_posting "
    "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION money_lines_balance()",
    "DROP TRIGGER IF EXISTS money_entry_whole ON money_entry",
    "CREATE CONSTRAINT TRIGGER money_entry_whole AFTER INSERT ON money_entry "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION money_entry_is_whole()",
)
_LINES = "(SELECT lines FROM money_entry WHERE id = NEW.entry_id)"
_WRITTEN = "(SELECT count(*) FROM money_posting WHERE entry_id = NEW.entry_id)"
SQLITE = (
    "CREATE TABLE IF NOT EXISTS money_unfinished (entry_id INTEGER PRIMARY KEY, "
    "nobody INTEGER NOT NULL REFERENCES money_account (id) DEFERRABLE INITIALLY DEFERRED)",
    "DROP TRIGGER IF EXISTS money_entry_begins",
    "CREATE TRIGGER money_entry_begins AFTER INSERT ON money_entry "
    "BEGIN INSERT INTO money_unfinished (entry_id, nobody) VALUES (NEW.id, -1); END",
    "DROP TRIGGER IF EXISTS money_posting_balance",
    f"""CREATE TRIGGER money_posting_balance AFTER INSERT ON money_posting BEGIN
  SELECT RAISE(ABORT, '{_NOT_WHOLE}') WHERE NEW.position > {_LINES} OR NOT EXISTS
    (SELECT 1 FROM money_unfinished WHERE entry_id = NEW.entry_id);
  SELECT RAISE(ABORT, '{_UNBALANCED}') WHERE {_WRITTEN} = {_LINES} AND EXISTS (
    SELECT 1 FROM money_posting WHERE entry_id = NEW.entry_id
    GROUP BY currency HAVING sum(amount_minor) <> 0);
  DELETE FROM money_unfinished WHERE entry_id = NEW.entry_id AND {_WRITTEN} = {_LINES};
END""",  # noqa: S608 - our own names
)
