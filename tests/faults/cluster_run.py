"""Lets offices live through their days on a cluster while one fault after another is injected."""

import json
import logging
import tempfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from deploy.local.host.problem import StackProblem
from tests.faults.cluster import start_cluster
from tests.faults.nemesis import FAULTS, choices, inject, possible
from tests.faults.oracle import violations, windows
from tests.faults.snapshot import take_snapshot
from tests.faults.world import World, start_world

REPORT = Path("out/faults-cluster.json")


def run(seed: int, minutes: float) -> int:
    """Inject at least one fault, and no new one after `minutes`. Prints each fault, writes REPORT, and
    returns the number of violations."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers are away on purpose
    until = time.monotonic() + minutes * 60
    with ExitStack() as ending:
        directory = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="giahan-faults-")))
        servers = ending.enter_context(start_cluster(directory))
        lived = ending.enter_context(start_world(servers, directory))
        struck, stuck = _inject_all(lived, Random(seed), until)
        found = [*stuck, *violations(seen := take_snapshot(lived))]
        report = _report(lived, struck, found) | {"seed": seed, "windows": windows(seen)}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    for line in found:
        print(f"  VIOLATION {line}", flush=True)
    print(f"cluster: {sum(struck.values())} faults, {len(found)} violations; {REPORT}", flush=True)
    return len(found)


def _inject_all(world: World, random: Random, until: float) -> tuple[Counter[str], list[str]]:
    """How often each fault was injected, and a violation if the system did not recover from one."""
    struck: Counter[str] = Counter()
    for fault in choices(world, random):
        if struck and time.monotonic() > until:
            break
        began, name = time.monotonic(), fault.__name__
        struck[name] += 1
        try:
            inject(world, fault, random)
        except Exception as error:
            traceback.print_exc()
            said = error.en if isinstance(error, StackProblem) else repr(error)
            return struck, [f"{name}: not healed: {said}"]
        print(f"  {world.clock.today()} {name} {time.monotonic() - began:.1f} s", flush=True)
    return struck, []


def _report(world: World, struck: Counter[str], found: list[str]) -> dict[str, Any]:
    impossible = [fault.__name__ for fault in FAULTS if fault not in possible(world)]
    return {
        "faults": dict(sorted(struck.items())),
        "not_struck": sorted({fault.__name__ for fault in FAULTS} - struck.keys()),
        "not_possible_here": impossible,
        "offices": sum(map(len, world.rows.values())),
        "days": len(world.began),
        "ended_by_themselves": dict(world.parts.ended),
        "violations": found,
    }
