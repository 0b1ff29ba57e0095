"""The job as a user of either peer writes it: load one subscription, decide, save unless another writer was
faster.

It is synchronous and uses pymongo, because both peers are synchronous. It decides and writes the same as our
scheduler.
"""

import os
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from tests.bench.lifecycle.population import transition

Subscriptions = Collection[dict[str, Any]]


def subscriptions() -> Subscriptions:
    """The collection that the benchmark names in the environment, with the same durability as ours."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        os.environ["PEER_MONGO"], tz_aware=True, w="majority", journal=True, readConcernLevel="majority"
    )
    return client[os.environ["PEER_DATABASE"]][os.environ["PEER_COLLECTION"]]


def expire(kept: Subscriptions, id: str, now: datetime) -> None:
    document = kept.find_one({"_id": id}, {"outbox": 0, "trail": 0})
    assert document is not None
    condition, update = transition(document, now)
    kept.update_one(condition, update)
