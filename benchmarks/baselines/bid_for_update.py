"""A bid as SQLAlchemy's documentation has it: one transaction, the row locked by `FOR UPDATE`."""

from typing import Any

from sqlalchemy import Engine, Table, func, insert, select, update


def place(engine: Engine, auction: Table, bid: Table, *, offer: dict[str, Any]) -> int:
    """Decide one bid, keep the answer, and return the least price that leads next."""
    with engine.begin() as connection:
        row = connection.execute(
            select(auction).where(auction.c.id == offer["auction_id"]).with_for_update()
        ).one()
        now = connection.scalar(select(func.clock_timestamp()))
        least = (row.leading_fen_per_t or row.start_fen_per_t) + row.step_fen_per_t
        taken = offer["price_fen_per_t"] >= least and now < row.closes_at
        said = {"seq": row.bid_seq + 1, "placed_at": now, "closes_at": row.closes_at}
        said |= {"verdict": "accepted" if taken else "rejected"}
        said |= {"reason": "" if taken else "bid-too-low"}
        connection.execute(insert(bid).values(offer | said))
        leads = {"leading_fen_per_t": offer["price_fen_per_t"]} if taken else {}
        connection.execute(
            update(auction)
            .where(auction.c.id == row.id)
            .values({"bid_seq": row.bid_seq + 1} | leads)
        )
    return int(offer["price_fen_per_t"] + row.step_fen_per_t if taken else least)
