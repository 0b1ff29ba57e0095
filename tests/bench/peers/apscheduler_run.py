"""The expiry job once, by APScheduler with its jobs in MongoDB: `python -m tests.bench.peers.apscheduler_run
NOW`.

One job for each subscription, due on its date, as the guide describes it, in a pool of 20 threads as in the
guide's example. APScheduler has no batching to recommend. Adding the jobs is not measured.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.mongodb import MongoDBJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from pymongo import MongoClient

from tests.bench.lifecycle.population import due_by
from tests.bench.peers.expiry import expire, subscriptions
from tests.bench.peers.timed import tell, until_done

_kept = subscriptions()


def expire_one(id: str, now: str) -> None:
    expire(_kept, id, datetime.fromisoformat(now))


def main() -> None:
    now = datetime.fromisoformat(sys.argv[1])
    client: MongoClient[dict[str, object]] = MongoClient(os.environ["PEER_MONGO"])
    jobs = MongoDBJobStore(os.environ["PEER_DATABASE"], "apscheduler_jobs", client=client)
    scheduler = BackgroundScheduler(
        jobstores={"default": jobs},
        executors={"default": ThreadPoolExecutor(20)},
        job_defaults={"misfire_grace_time": None},
        timezone=UTC,
    )
    scheduler.start(paused=True)
    a_moment_ago = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251  the scheduler's own clock
    for document in _kept.find(due_by(now), {"_id": 1}):
        arguments = [document["_id"], now.isoformat()]
        scheduler.add_job(expire_one, "date", run_date=a_moment_ago, args=arguments, id=document["_id"])
    seconds = until_done(scheduler.resume, _kept, now)
    while scheduler.get_jobs():
        time.sleep(0.1)
    tell(seconds, "apscheduler", "pymongo")


if __name__ == "__main__":
    main()
