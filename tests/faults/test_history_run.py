"""A random run with a fixed seed on the real messaging code satisfies every invariant."""

from pathlib import Path
from random import Random

from shared.runtime.settings import Settings
from tests.faults.checker import check
from tests.faults.history import Accepted, Assignment, Committed, InjectedFault, Record, of, read
from tests.faults.system.episode import run_episode

ROUNDS = 5


async def test_nothing_is_lost_and_nothing_done_twice(settings: Settings, tmp_path: Path) -> None:
    own = settings.model_copy(
        update={"session_seconds": 6, "environment": "production", "log_level": "error"}
    )
    await run_episode(own, tmp_path / "history.jsonl", Random(1), ROUNDS)
    lines = read(tmp_path / "history.jsonl")
    assert check(lines) == []
    for kind in (Accepted, Committed, InjectedFault, Assignment, Record):
        assert of(kind, lines), f"nothing of {kind.__name__} happened, so nothing was tried"
