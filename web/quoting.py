"""Quotes of indices as they come in, by a page or by a program; contracts that follow them."""

from collections.abc import Sequence

from sqlmodel import Session

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.sheets.tables import Table, stop_at
from remelt.platform.settlement.finals.settling import JOB_KIND
from remelt.platform.settlement.pricing.importing import (
    QuoteRow,
    Taken,
    import_quotes,
    parse_quotes,
)
from remelt.platform.settlement.pricing.queries import index_lines
from remelt.web.context import clock
from remelt.web.uploads import Sent


def read_quotes(session: Session, sent: Sent) -> Table[QuoteRow]:
    """Read a file of quotes of the indices that are kept. Raises what `parse_quotes` raises."""
    known = {line.index.code: line.index.unit for line in index_lines(session)}
    today = clock().now(session).astimezone(BEIJING).date()
    return parse_quotes(sent.content, filename=sent.name, indices=known, today=today)


def keep_quotes(session: Session, read: Table[QuoteRow], *, person_id: int) -> Taken:
    """Keep a file's quotes, all or none; contracts that follow them are worked anew.

    Raises `ImportHasErrors` while cells are to be mended.
    """
    stop_at(read.problems)
    done = import_quotes(
        session, clock=clock(), person_id=person_id, rows=read.rows, sha256=read.sha256
    )
    if done.added or done.revised:
        work_again(session, codes=done.codes)
    return done


def work_again(session: Session, *, codes: Sequence[str]) -> None:
    """Have contracts that follow these indices settled anew; of all indices where none is named."""
    payload = {"codes": list(codes)}
    jobs.enqueue(session, code=new_code(), kind=JOB_KIND, payload=payload, clock=clock())
