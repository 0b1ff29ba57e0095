"""Documents by content: the SHA-256 of the bytes is their name, so they can't change once stored."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from shared import ids, mongo
from shared.clock import Clock
from shared.events.base import DocumentRef
from shared.faults import MissingDocument
from shared.mongo import Database
from shared.pulse import Pulse
from shared.turns import Alive, Turns

_UNREFERENCED = timedelta(days=1)


class Documents(Protocol):
    async def put(self, data: bytes, *, media_type: str, name: str) -> DocumentRef:
        """Store the bytes; the same bytes again are the same document."""
        ...

    async def get(self, sha256: str) -> bytes:
        """Raises MissingDocument."""
        ...


class MongoDocuments:
    """GridFS holds the bytes under a random id, `documents` says which hash they are.

    Dies while uploading, or before the hash is inserted: an unreferenced upload stays, which
    `collect` removes after a day. With the hash as the file's own id it would stay in the way.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        """`clock` is real time: on a clock that is moved, an upload under way could be a day old at once."""
        self._documents = database["documents"]
        self._files = database["fs.files"]
        self._bucket = mongo.Bucket(database)
        self._clock = clock

    async def put(self, data: bytes, *, media_type: str, name: str) -> DocumentRef:
        sha256 = hashlib.sha256(data).hexdigest()
        ref = DocumentRef(sha256=sha256, size=len(data), media_type=media_type, name=name)
        if await self._documents.find_one({"_id": sha256}, {"_id": 1}):
            return ref
        file = str(ids.fresh())
        await self._bucket.upload_from_stream_with_id(file, sha256, data, metadata={"at": self._clock.now()})
        try:
            await self._documents.insert_one({"_id": sha256, "file": file, "media_type": media_type})
        except mongo.DuplicateKeyError:
            await self._bucket.delete(file)
        return ref

    async def get(self, sha256: str) -> bytes:
        document = await self._documents.find_one({"_id": sha256})
        if document is None:
            raise MissingDocument(sha256)
        stream = await self._bucket.open_download_stream(document["file"])
        data: bytes = await stream.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise MissingDocument(f"{sha256}: the stored bytes are damaged")
        return data

    async def forget(self, sha256: str) -> None:
        """The bytes go once they are a day old (`collect`). For what was kept for one purpose only: nobody
        else may refer to it."""
        await self._documents.delete_one({"_id": sha256})

    async def collect(self) -> int:
        """Remove uploads older than a day that no hash refers to. Returns how many."""
        before = self._clock.now() - _UNREFERENCED
        removed = 0
        async for file in self._files.find({"metadata.at": {"$lt": before}}, {"_id": 1}):
            if not await self._documents.find_one({"file": file["_id"]}, {"_id": 1}):
                with suppress(mongo.NoFile):  # another process was at it too
                    await self._bucket.delete(file["_id"])
                removed += 1
        return removed


@dataclass(frozen=True, slots=True)
class Collecting:
    """The loop that removes what crashes left uploaded, and what was let go."""

    kept: Sequence[MongoDocuments]
    turns: Turns

    async def run(self, pulse: Pulse) -> None:
        await self.turns.take(self._step, pulse)

    async def _step(self, alive: Alive) -> None:
        for documents in self.kept:
            await documents.collect()
