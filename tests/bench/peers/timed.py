"""Times a peer's run and reports it to the benchmark as one line of JSON."""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version

from tests.bench.lifecycle.population import due_by
from tests.bench.peers.expiry import Subscriptions

_LOOK_EVERY_S = 0.02


def until_done(start: Callable[[], object], kept: Subscriptions, now: datetime) -> float:
    """Seconds from `start` until nothing is due any more."""
    began = time.perf_counter()
    start()
    while kept.find_one(due_by(now), {"_id": 1}) is not None:
        time.sleep(_LOOK_EVERY_S)
    return time.perf_counter() - began


def tell(seconds: float, *packages: str) -> None:
    json.dump({"seconds": seconds, "versions": {name: version(name) for name in packages}}, sys.stdout)
