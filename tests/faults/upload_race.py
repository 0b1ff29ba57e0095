"""Another process that stores the same bytes at the same moment as a service, and wins."""

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from gridfs import GridFSBucket
from pymongo import MongoClient

from shared.ids import fresh
from shared.runtime.settings import Settings

_LOOK_S = 0.02
_HELD_UP_MS = 400

Document = dict[str, Any]


class RacingUploader:
    """Within its context, and while it is `wanted`, names each upload's bytes before the uploading process
    does.

    The database delays that process a little, so the server must accept fault commands.
    """

    def __init__(self, settings: Settings, wanted: Callable[[], bool]) -> None:
        self._client: MongoClient[Document] = MongoClient(settings.mongo.get_secret_value(), tz_aware=True)
        self._database = self._client[settings.database("documents")]
        self._bucket = GridFSBucket(self._database)
        self._wanted = wanted
        self._known: set[Any] = set()
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._known = {file["_id"] for file in self._database["fs.files"].find({}, {"_id": 1})}
        self._hold_up("alwaysOn")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._hold_up("off")
        self._client.close()

    def _hold_up(self, mode: str) -> None:
        namespace = f"{self._database.name}.documents"
        data = {"failCommands": ["insert"], "namespace": namespace, "blockConnection": True}
        fault = {
            "configureFailPoint": "failCommand",
            "mode": mode,
            "data": {**data, "blockTimeMS": _HELD_UP_MS},
        }
        self._client.admin.command(fault)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            for file in self._database["fs.files"].find({"_id": {"$nin": list(self._known)}}):
                self._known.add(file["_id"])
                if not self._wanted():
                    self._hold_up("off")
                    return
                self._store(file["_id"], file["filename"])

    def _store(self, upload: Any, sha256: str) -> None:
        own = str(fresh())
        self._known.add(own)
        with self._bucket.open_download_stream(upload) as stream:
            self._bucket.upload_from_stream_with_id(own, sha256, stream.read())
        named = {"$setOnInsert": {"file": own, "media_type": "application/pdf"}}
        self._database["documents"].update_one({"_id": sha256}, named, upsert=True)
