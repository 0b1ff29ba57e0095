"""A negative control: a run in which one protection is missing, and which the checker must therefore fail."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared.runtime.settings import Settings
from tests.faults.checker import Violation, check_file
from tests.faults.history import HistoryRecorder
from tests.faults.system.components import Components
from tests.faults.system.world import World


@dataclass(frozen=True, slots=True)
class Control:
    """`scenario` provokes what the protection is for. `broken` lacks it; `sound` has it and is otherwise the
    same: what would mask the loss is missing in both. `breaks` names the invariant that then fails."""

    name: str
    breaks: str
    scenario: Callable[[World], Awaitable[None]]
    broken: Components
    sound: Components = field(default_factory=Components)

    async def run(self, parts: Components, settings: Settings, file: Path) -> list[Violation]:
        """What the checker finds in the history of the scenario."""
        with _history(file) as recorder:
            world = World(settings, recorder, parts)
            try:
                await self.scenario(world)
            finally:
                for service in world.services:
                    service.client.close()
        return check_file(file)


@contextmanager
def _history(file: Path) -> Iterator[HistoryRecorder]:
    recorder = HistoryRecorder(file)
    try:
        yield recorder
    finally:
        recorder.close()
