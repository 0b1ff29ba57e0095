"""Measures against bare baselines in the same run: `python -m tests.bench [--only NAME]`.

Writes out/bench/report.json and report.md after each measurement, and prints a table. Exit status 1 if a goal
is missed (printed as NOT MET), or if a measurement failed or was interrupted. SCALE=small runs the large
measurements with little data.
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
)
from tests.bench.lifecycle import gate, midnight, peers, tick, transitions
from tests.bench.machine import Machine
from tests.bench.result import Result, table
from tests.bench.run_report import RunReport, duration, expected_seconds
from tests.bench.scale import scale
from tests.bench.servers import servers

OUT = Path("out/bench")
KEPT = Path("docs/reference/performance.json")
"""The last full run."""


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
    Bench("peers", "lifecycle", peers.run),
    Bench("imports", "import", imports.run),
    Bench("idle", "idle", idle.run),
    Bench("documents", "documents", documents.run),
    Bench("signing", "signing", signing.run),
    Bench("queue", "desk", desk.run),
    Bench("intake", "desk", intake.run),
    Bench("payments", "payments", payments.run),
)


def main() -> int:
    chosen = _chosen()
    report = RunReport(machine=Machine.here(), scale=scale().name)
    expected = expected_seconds(
        [bench.name for bench in chosen], report.scale, *map(RunReport.read, (OUT / "report.json", KEPT))
    )
    print(f"{len(chosen)} measurements, {_left(chosen, expected)}; {report.machine}", flush=True)
    try:
        with servers() as settings:
            for number, bench in enumerate(chosen, 1):
                _measure(bench, settings, report)
                print(f"{number}/{len(chosen)} done, {_left(chosen[number:], expected)}\n", flush=True)
    except KeyboardInterrupt:
        print("interrupted; what was measured:", file=sys.stderr)
    print(report)
    if report.seconds:
        print(f"{OUT}/report.md")
    missed = [result.name for result in report.results if result.ok is False]
    missing = [bench.name for bench in chosen if bench.name not in report.seconds]
    if missing:
        print(f"not measured: {', '.join(missing)}", file=sys.stderr)
    if missed:
        print(f"goals not met: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed or missing else 0


def _measure(bench: Bench, settings: Settings, report: RunReport) -> None:
    """Add its results to the report, and write it. A failure is printed, and adds nothing."""
    print(f"{bench.name} …", flush=True)
    began = time.monotonic()
    try:
        results = asyncio.run(bench.run(settings))
    except Exception:
        traceback.print_exc()
        return
    report.seconds[bench.name] = round(time.monotonic() - began, 1)
    report.results += results
    report.write(OUT)
    print(table(results), flush=True)


def _left(left: Sequence[Bench], expected: dict[str, float]) -> str:
    known = [expected[bench.name] for bench in left if bench.name in expected]
    parts = [f"about {duration(sum(known))}"] if known else []
    if unknown := len(left) - len(known):
        parts.append(f"{unknown} of unknown length")
    return f"{' and '.join(parts) or 'none'} left"


def _chosen() -> list[Bench]:
    """All benchmarks, or those whose name or group --only names (for make: ONLY)."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    known = sorted({bench.name for bench in BENCHES} | {bench.group for bench in BENCHES})
    parser.add_argument("--only", default=os.environ.get("ONLY"), help=f"one of {', '.join(known)}")
    only = parser.parse_args().only
    if only and only not in known:
        parser.error(f"no such benchmark or group: {only}; there are {', '.join(known)}")
    return [bench for bench in BENCHES if not only or only in (bench.name, bench.group)]


if __name__ == "__main__":
    sys.exit(main())
