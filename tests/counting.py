"""How many statements a block sends to the database."""

from typing import Self

from sqlalchemy import event

from remelt.platform.kernel.store import Store


class Counting:
    """Counts the statements that a block sends."""

    def __init__(self, store: Store) -> None:
        self.engine = store.engine
        self.statements = 0

    def _count(self, *_args: object) -> None:
        self.statements += 1

    def __enter__(self) -> Self:
        event.listen(self.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_args: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._count)
