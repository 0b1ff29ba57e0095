"""Walks offices through renewals while processes die at every crash point, until no new point fires."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.faults.crash_points import SIDES
from tests.faults.crash_report import CrashReport
from tests.faults.crash_world import start_world
from tests.faults.history_run import servers

MOST_WALKS = 12
Tell = Callable[[str], None]


def sample(seed: int, count: int) -> frozenset[str]:
    """`count` random sides of points."""
    return frozenset(Random(seed).sample(SIDES, count))


def run(seed: int, out: Path, tell: Tell = print) -> CrashReport:
    """Run all points on their own servers. Writes `crash_points.json` to `out`."""
    with servers() as settings, tempfile.TemporaryDirectory(prefix="giahan-crash-") as folder:
        report = crash(Path(folder), settings.kafka, settings.mongo.get_secret_value(), seed, tell=tell)
    report.write(out / "crash_points.json")
    tell(report.table())
    return report


def crash(
    directory: Path,
    kafka: str,
    mongo: str,
    seed: int,
    *,
    wanted: frozenset[str] | None = None,
    most_walks: int = MOST_WALKS,
    tell: Tell = print,
) -> CrashReport:
    """Run walks until all of `wanted` have fired, or until a walk fires nothing new."""
    report, began = CrashReport(seed, wanted), time.monotonic()
    with start_world(directory, kafka, mongo, wanted) as crash_world:
        while report.walks < most_walks:
            report.walks += 1
            report.violations += crash_world.walk(Random(f"{seed} {report.walks}"), report.walks)
            before, report.fired = len(report.fired), crash_world.fired
            report.unknown_mails = crash_world.unknown_mails()
            tell(
                f"walk {report.walks}: {len(report.fired) - before} deaths, {time.monotonic() - began:.0f} s"
            )
            if len(report.fired) == before or (wanted is not None and not report.missed):
                break
        report.violations += crash_world.restarter.unexpected
    report.seconds = time.monotonic() - began
    return report
