"""Random runs, one after another; each is recorded and then checked against the invariants."""

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from deploy.local.host.ports import free_port
from deploy.local.servers.kafka import EmbeddedKafka
from deploy.local.servers.mongod import EmbeddedMongo
from shared import ids
from shared.runtime.settings import Settings
from tests.faults.checker import Violation, check
from tests.faults.history import InjectedFault, Lines, read
from tests.faults.invariants.mails import copies_in_the_window
from tests.faults.system.episode import run_episode

OUT = Path("out/faults")
ROUNDS = 9


def run(seed: int, minutes: float) -> int:
    """Run as often as fits into the time, at least once. Returns the number of violations.

    The histories and a summary (`history.json`) stay in out/faults. The same seed gives the same faults in
    the same order.
    """
    until = time.monotonic() + 60 * minutes
    rng = Random(seed)
    told: list[dict[str, Any]] = []
    with servers() as settings:
        while not told or time.monotonic() < until:
            file = OUT / f"history-{seed}-{len(told)}.jsonl"
            asyncio.run(run_episode(with_own_namespace(settings), file, Random(rng.random()), ROUNDS))
            lines = read(file)
            found = check(lines)
            told.append(_summary(file, lines, found))
            print(f"{file}: {len(lines)} lines, {len(found)} violations", flush=True)
            for violation in found:
                print(f"  {violation.invariant}: {violation.what}", flush=True)
    (OUT / "history.json").write_text(json.dumps({"seed": seed, "runs": told}, indent=2) + "\n")
    return sum(len(run["violations"]) for run in told)


def _summary(file: Path, lines: Lines, found: list[Violation]) -> dict[str, Any]:
    return {
        "history": str(file),
        "lines": dict(sorted(Counter(line.kind for line in lines).items())),
        "faults": dict(
            sorted(Counter(line.name for line in lines if isinstance(line, InjectedFault)).items())
        ),
        "copies_in_smtps_window": copies_in_the_window(lines),
        "violations": [violation._asdict() for violation in found],
    }


@contextmanager
def servers() -> Iterator[Settings]:
    """A Kafka and a MongoDB of their own that accept fault commands. They are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="giahan-faults-") as folder:
        kafka = EmbeddedKafka(Path(folder), free_port())
        mongo = EmbeddedMongo(Path(folder), free_port(), test_commands=True)
        try:
            kafka.start(tied=True)
            mongo.start(tied=True)
            yield Settings(kafka=kafka.bootstrap, mongo=mongo.uri, log_level="error", session_seconds=6)
        finally:
            kafka.stop()
            mongo.stop()


def with_own_namespace(settings: Settings) -> Settings:
    """The same servers under a new namespace."""
    return settings.model_copy(update={"namespace": f"f{ids.fresh().hex[:8]}"})
