"""The job as a user of either peer writes it: load one subscription, decide, save unless another was faster.

Synchronous, with pymongo, because so are they. What it decides and writes is what our schedule writes.
"""

import os
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from tests.bench.lifecycle.population import transition

Subscriptions = Collection[dict[str, Any]]


def subscriptions() -> Subscriptions:
    """Those that the benchmark names in the environment; as durable as ours."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        os.environ["PEER_MONGO"], tz_aware=True, w="majority", journal=True, readConcernLevel="majority"
    )
    return client[os.environ["PEER_DATABASE"]][os.environ["PEER_COLLECTION"]]


def expire(kept: Subscriptions, id: str, now: datetime) -> None:
    document = kept.find_one({"_id": id}, {"outbox": 0, "trail": 0})
    assert document is not None
    condition, update = transition(document, now)
    kept.update_one(condition, update)
