"""`make faults`: all crash points, all negative controls, two releases, failing
authorities, and random faults for the given time."""

import json
from pathlib import Path
from typing import Any

from tests.faults import authority_run, cluster_run, controls_run, crash_run, history_run, rolling_run
from tests.faults.findings import Findings

OUT = Path("out/faults")


def run(seed: int, minutes: float) -> Findings:
    """Run everything, write out/faults/report.json and report.md, and print the totals last."""
    crash = crash_run.run(seed, OUT)
    print("negative controls", flush=True)
    controls = controls_run.run(OUT)
    print("two releases", flush=True)
    rolling_run.run()
    print("authorities", flush=True)
    authority_run.run(seed)
    history_run.run(seed, minutes / 2)
    cluster_run.run(seed, minutes / 2)
    history, cluster = _read(history_run.OUT / "history.json"), _read(cluster_run.REPORT)
    rolling, authority = _read(rolling_run.REPORT), _read(authority_run.REPORT)
    found = Findings(seed, minutes, crash, controls, history, cluster, rolling, authority)
    points = _read(OUT / "crash_points.json")
    (OUT / "report.json").write_text(found.json(points), encoding="utf-8")
    (OUT / "report.md").write_text(found.page(), encoding="utf-8")
    print(found.totals, flush=True)
    return found


def _read(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read
