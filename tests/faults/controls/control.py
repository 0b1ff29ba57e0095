"""A negative control: a run without one protection, which the checker must fail."""

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
    """`scenario` provokes the problem that the protection prevents.

    `broken` lacks the protection; `sound` has it and is otherwise the same. Both lack whatever would hide the
    problem. `breaks` names the invariant that fails without the protection.
    """

    name: str
    breaks: str
    scenario: Callable[[World], Awaitable[None]]
    broken: Components
    sound: Components = field(default_factory=Components)

    async def run(self, parts: Components, settings: Settings, file: Path) -> list[Violation]:
        """The violations that the checker finds in the scenario's history."""
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
