"""Runs the fault injection: `python -m tests.faults WHAT --seed N --minutes M`; `all` is everything. Exit
status 1 if any violation was found."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from tests.faults import authority_run, crash_run, full_run, rolling_run

OUT = Path("out/faults")


def _crash(seed: int) -> int:
    return len(crash_run.run(seed, OUT).faults)


def _random(name: str, seed: int, minutes: float) -> int:
    """Run the random faults of that name. Returns the number of violations."""
    violations: int = import_module(f"tests.faults.{name}_run").run(seed, minutes)
    return violations


def _violations(what: str, seed: int, minutes: float) -> int:
    if what == "rolling":
        return rolling_run.run()
    if what == "authority":
        return authority_run.run(seed)
    return _crash(seed) if what == "crash" else _random(what, seed, minutes)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("what", choices=("all", "authority", "crash", "cluster", "history", "rolling"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long the random faults go on")
    asked = parser.parse_args()
    if asked.what == "all":
        return 0 if full_run.run(asked.seed, asked.minutes).held else 1
    return 1 if _violations(asked.what, asked.seed, asked.minutes) else 0


if __name__ == "__main__":
    sys.exit(main())
