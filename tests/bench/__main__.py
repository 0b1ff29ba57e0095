"""Measures against bare baselines in the same run: `python -m tests.bench [--only NAME]`.

Writes out/bench/report.json and report.md after each measurement, and prints a table. Exit status 1 if a goal
is missed (printed as NOT MET), or if a measurement failed or was interrupted. SCALE=small runs the large
measurements with little data. KEEP=1 also puts each measurement into docs/reference/performance.json and .md,
in the place of its last one there.
"""

import argparse
import asyncio
import os
import sys
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.settings import Settings
from shared.time.clock import SystemClock
from tests.bench import (
    burst,
    consumer,
    copies,
    desk,
    documents,
    idle,
    imports,
    intake,
    latency,
    payments,
    relay,
    signing,
    starting,
)
from tests.bench.lifecycle import gate, midnight, notices, peers, tick, transitions
from tests.bench.machine import Machine
from tests.bench.result import Result, table
from tests.bench.run_report import Measurement, RunReport, duration, expected_seconds
from tests.bench.scale import FULL, scale
from tests.bench.servers import servers

OUT = Path("out/bench/report.json")
KEPT = Path("docs/reference/performance.json")
"""The last measurement of each name that was kept, all at full scale."""


@dataclass(frozen=True, slots=True)
class Bench:
    name: str
    group: str
    run: Callable[[Settings], Coroutine[None, None, list[Result]]]


BENCHES = (
    Bench("relay", "plumbing", relay.run),
    Bench("consumer", "plumbing", consumer.run),
    Bench("copies", "plumbing", copies.run),
    Bench("latency", "plumbing", latency.run),
    Bench("burst", "plumbing", burst.run),
    Bench("tick", "lifecycle", tick.run),
    Bench("transitions", "lifecycle", transitions.run),
    Bench("gate", "lifecycle", gate.run),
    Bench("midnight", "lifecycle", midnight.run),
    Bench("notices", "lifecycle", notices.run),
    Bench("peers", "lifecycle", peers.run),
    Bench("imports", "import", imports.run),
    Bench("idle", "idle", idle.run),
    Bench("starting", "starting", starting.run),
    Bench("documents", "documents", documents.run),
    Bench("signing", "signing", signing.run),
    Bench("queue", "desk", desk.run),
    Bench("intake", "desk", intake.run),
    Bench("payments", "payments", payments.run),
)


GROUPS = {bench.name: bench.group for bench in BENCHES}


def main() -> int:
    chosen, keep = _chosen()
    machine, report = Machine.here(), RunReport()
    kept = RunReport.read(KEPT) or RunReport()
    names = [bench.name for bench in chosen]
    expected = expected_seconds(names, scale().name, RunReport.read(OUT), kept)
    print(f"{len(chosen)} measurements, {_left(chosen, expected)}; {machine}", flush=True)
    try:
        with servers() as settings:
            for number, bench in enumerate(chosen, 1):
                if measured := _measure(bench, settings, machine):
                    _add(bench.name, measured, report, OUT)
                    if keep:
                        _add(bench.name, measured, kept, KEPT)
                print(f"{number}/{len(chosen)} done, {_left(chosen[number:], expected)}\n", flush=True)
    except KeyboardInterrupt:
        print("interrupted; what was measured:", file=sys.stderr)
    print(report)
    if report.measurements:
        print(OUT.with_suffix(".md"))
    missed = [result.name for result in report.results if result.ok is False]
    missing = [name for name in names if name not in report.measurements]
    if missing:
        print(f"not measured: {', '.join(missing)}", file=sys.stderr)
    if missed:
        print(f"goals not met: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed or missing else 0


def _measure(bench: Bench, settings: Settings, machine: Machine) -> Measurement | None:
    """None, and a printed traceback, if it fails."""
    print(f"{bench.name} …", flush=True)
    began = time.monotonic()
    try:
        results = asyncio.run(bench.run(settings))
    except Exception:
        traceback.print_exc()
        return None
    print(table(results), flush=True)
    seconds = round(time.monotonic() - began, 1)
    day = SystemClock().now().date()
    return Measurement(results=results, seconds=seconds, scale=scale().name, machine=machine, day=day)


def _add(name: str, measured: Measurement, report: RunReport, file: Path) -> None:
    report.measurements[name] = measured
    report.write(file, GROUPS)


def _left(left: Sequence[Bench], expected: dict[str, float]) -> str:
    known = [expected[bench.name] for bench in left if bench.name in expected]
    parts = [f"about {duration(sum(known))}"] if known else []
    if unknown := len(left) - len(known):
        parts.append(f"{unknown} of unknown length")
    return f"{' and '.join(parts) or 'none'} left"


def _chosen() -> tuple[list[Bench], bool]:
    """All benchmarks, or those whose name or group --only names (for make: ONLY); and whether to keep what
    they measure (for make: KEEP)."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    known = sorted({*GROUPS, *GROUPS.values()})
    parser.add_argument("--only", default=os.environ.get("ONLY"), help=f"one of {', '.join(known)}")
    parser.add_argument("--keep", action="store_true", default=bool(os.environ.get("KEEP")))
    told = parser.parse_args()
    if told.only and told.only not in known:
        parser.error(f"no such benchmark or group: {told.only}; there are {', '.join(known)}")
    if told.keep and scale() is not FULL:
        parser.error(f"only what is measured at full scale is kept, not at {scale().name}")
    return [bench for bench in BENCHES if not told.only or told.only in (bench.name, bench.group)], told.keep


if __name__ == "__main__":
    sys.exit(main())
