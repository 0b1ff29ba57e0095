"""Uploads that a crash left behind two days ago."""

from datetime import datetime, timedelta
from typing import Any

from gridfs import GridFSBucket
from pymongo import MongoClient

from shared.ids import fresh
from shared.runtime.settings import Settings
from shared.time.clock import SystemClock

_AGE = timedelta(days=2)
_KEPT = timedelta(days=1)


def leave_upload(settings: Settings) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongo.get_secret_value(), tz_aware=True)
    with client:
        bucket = GridFSBucket(client[settings.database("documents")])
        at = {"at": _now() - _AGE}
        bucket.upload_from_stream_with_id(str(fresh()), "left", b"%PDF", metadata=at)


def count_orphans(client: MongoClient[dict[str, Any]], settings: Settings) -> int:
    """The number of uploads older than a day to which no hash refers."""
    database = client[settings.database("documents")]
    old = database["fs.files"].find({"metadata.at": {"$lt": _now() - _KEPT}}, {"_id": 1})
    return sum(database["documents"].find_one({"file": file["_id"]}) is None for file in old)


def _now() -> datetime:
    return SystemClock().now()
