"""The week as it is played: the stage, the clock, the doors to the database and to the files."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.store import Store
from remelt.web.demo.cast import HUBS, SMELTERS
from remelt.web.demo.stage import OnStage, Stage

Tell = Callable[[int, str], None]
SEED = 20260302


@dataclass(slots=True)
class Week:
    """The week as it is played: where everything is, and what has happened so far."""

    store: Store
    clock: SimulatedClock
    runner: JobRunner
    stage: Stage
    tell: Tell
    monday: datetime
    home: Path
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a play
    plans: list[tuple[str, str]] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    @contextmanager
    def act(self) -> Iterator[Session]:
        """Open one write session, as each page does."""
        with self.store.write() as session:
            yield session

    def hubs(self) -> Iterator[OnStage]:
        """Return the hubs on stage."""
        yield from (self.stage[hub.key] for hub in HUBS)

    def smelters(self) -> Iterator[OnStage]:
        """Return the smelters on stage."""
        yield from (self.stage[smelter.key] for smelter in SMELTERS)

    def by_id(self, organisation_id: int) -> OnStage:
        """Return the player that an organisation is."""
        return next(each for each in self.stage.values() if each.organisation_id == organisation_id)

    @property
    def files(self) -> FileStore:
        """Where photos and papers are kept."""
        return FileStore(self.home / "files")

    def until(self, day: int, *, hour: int) -> None:
        """Wind the clock to an hour of a day of the week (0 is Monday) in Beijing, if not past."""
        moment = self.monday + timedelta(days=day, hours=hour - self.monday.hour)
        self.clock.set(max(moment, self.clock.now()))
