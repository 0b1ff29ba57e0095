"""The expiry job by Celery with Redis. A periodic task finds what is due and hands it out in chunks, as
Celery's guide recommends for many small calls of one task ("Canvas: Chunks"). Unused results are not stored
("Tasks: Ignore results you don't want")."""

import os
from datetime import datetime
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from tests.bench.lifecycle.population import due_by
from tests.bench.peers.expiry import Subscriptions, expire, subscriptions

CHUNK = 100

app = Celery("expiry", broker=os.environ["PEER_REDIS"])
app.conf.update(
    task_ignore_result=True, broker_connection_retry_on_startup=True, worker_redirect_stdouts=False
)

_kept: dict[str, Subscriptions] = {}


def _connect(**_: Any) -> None:
    """Runs in each worker process: a database client must not be created before the fork."""
    _kept["subscriptions"] = subscriptions()


worker_process_init.connect(_connect, weak=False)


def _expire_one(id: str, now: str) -> None:
    expire(_kept["subscriptions"], id, datetime.fromisoformat(now))


expire_one = app.task(_expire_one, name="expire_one")


def _expire_due(now: str) -> None:
    due = _kept["subscriptions"].find(due_by(datetime.fromisoformat(now)), {"_id": 1})
    expire_one.chunks([(document["_id"], now) for document in due], CHUNK).apply_async()


expire_due = app.task(_expire_due, name="expire_due")
"""The task that the beat sends every minute."""
