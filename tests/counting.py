"""Which statements a block sends to the database."""

from typing import Any, Self

from sqlalchemy import event

from remelt.platform.kernel.store import Store


class Counting:
    """Notes the statements that a block sends by either door, with what they were given."""

    def __init__(self, store: Store) -> None:
        self._doors = {store.engine, store.reader}
        self.asked: list[tuple[str, Any]] = []

    @property
    def statements(self) -> int:
        """How many there were."""
        return len(self.asked)

    def _note(self, _connection: Any, _cursor: Any, said: str, given: Any, *_rest: Any) -> None:
        self.asked.append((said, given))

    def __enter__(self) -> Self:
        for door in self._doors:
            event.listen(door, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_args: object) -> None:
        for door in self._doors:
            event.remove(door, "before_cursor_execute", self._note)
