"""Measures against bare baselines in the same run: `python -m tests.bench [--only NAME]`.

Writes out/bench.json and prints a table. Exit status 1 if a goal is missed (printed as NOT MET) or a
measurement failed. SCALE=small runs the large measurements with little data.
"""

import argparse
import asyncio
import os
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.settings import Settings
from tests.bench import burst, consumer, desk, documents, intake, latency, relay, signing
from tests.bench.lifecycle import gate, midnight, peers, tick, transitions
from tests.bench.result import Result, table, write
from tests.bench.servers import servers

OUT = Path("out/bench.json")


@dataclass(frozen=True, slots=True)
class Bench:
    name: str
    group: str
    run: Callable[[Settings], Coroutine[None, None, list[Result]]]


BENCHES = (
    Bench("relay", "plumbing", relay.run),
    Bench("consumer", "plumbing", consumer.run),
    Bench("latency", "plumbing", latency.run),
    Bench("burst", "plumbing", burst.run),
    Bench("tick", "lifecycle", tick.run),
    Bench("transitions", "lifecycle", transitions.run),
    Bench("gate", "lifecycle", gate.run),
    Bench("midnight", "lifecycle", midnight.run),
    Bench("peers", "lifecycle", peers.run),
    Bench("documents", "documents", documents.run),
    Bench("signing", "signing", signing.run),
    Bench("queue", "desk", desk.run),
    Bench("intake", "desk", intake.run),
)


def main() -> int:
    chosen = _chosen()
    began = time.monotonic()
    results: list[Result] = []
    failed: list[str] = []
    with servers() as settings:
        for bench in chosen:
            print(f"{bench.name} …", flush=True)
            try:
                results += asyncio.run(bench.run(settings))
            except Exception:
                traceback.print_exc()
                failed.append(bench.name)
    write(results, OUT)
    print(f"\n{table(results)}\n\n{OUT}; {time.monotonic() - began:.0f} s")
    if failed:
        print(f"could not be measured: {', '.join(failed)}", file=sys.stderr)
    missed = [result.name for result in results if result.ok is False]
    if missed:
        print(f"goals not met: {', '.join(missed)}", file=sys.stderr)
    return 1 if failed or missed else 0


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
