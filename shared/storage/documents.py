"""Documents by content: the SHA-256 of the bytes is their name, so they can't change once stored."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared import ids
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.base import DocumentRef
from shared.resilience.errors import MissingDocument
from shared.storage import mongo
from shared.storage.mongo import Collection, Database, Document, IndexModel
from shared.time.clock import Clock

_UNTIL = IndexModel([("until", 1)], name="until", expireAfterSeconds=0)
_FILE = IndexModel([("file", 1)], name="file")
_UNREFERENCED = timedelta(days=1)
_WITHOUT_PROVENANCE = timedelta(days=1)
"""How long a document of a release that noted no provenance is taken for what its event says."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a document is (`contract`, `signed_form`, …) and of which registration, or other thing, it is."""

    kind: str
    id: object

    def key(self, sha256: str) -> str:
        return f"{sha256}/{self.kind}/{self.id}"


class Documents(Protocol):
    async def put(
        self, data: bytes, *, media_type: str, name: str, of: Provenance | None = None
    ) -> DocumentRef:
        """Store the bytes; the same bytes again are the same document. `of`: noted beside it for ever."""
        ...

    async def is_of(self, sha256: str, of: Provenance) -> bool:
        """Whether a service stored it as that. An event may say anything; this is written by those who have
        the database's credentials. Raises MissingDocument."""
        ...

    async def get(self, sha256: str) -> bytes:
        """Raises MissingDocument."""
        ...


class MongoDocuments:
    """GridFS holds the bytes under a random id, `documents` says which hash they are.

    Dies while uploading, or before the hash is inserted: an unreferenced upload stays, which
    `collect` removes after a day. With the hash as the file's own id it would stay in the way.
    Dies before the provenance is inserted: the repeat stores no bytes, and inserts it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        """`clock` is real time: on a clock that is moved, an upload under way could be a day old at once."""
        self._documents = database["documents"]
        self._provenance = database["provenance"]
        self._files = database["fs.files"]
        self._bucket = mongo.Bucket(database)
        self._clock = clock

    @property
    def indexes(self) -> dict[Collection, list[IndexModel]]:
        """For who puts documents `until` a time: the database drops them then, and `collect` their bytes. And
        for who collects: it asks for each file whether a document refers to it."""
        return {self._documents: [_UNTIL, _FILE], self._provenance: [_UNTIL]}

    async def put(
        self,
        data: bytes,
        *,
        media_type: str,
        name: str,
        of: Provenance | None = None,
        until: datetime | None = None,
    ) -> DocumentRef:
        """`until`: kept no longer, in real time. For what nobody else stores, who would lose it too."""
        sha256, ends = hashlib.sha256(data).hexdigest(), {"until": until} if until else {}
        if not await self._documents.find_one({"_id": sha256}, {"_id": 1}):
            await self._store(sha256, data, {"media_type": media_type, **ends})
        if of:
            with suppress(mongo.DuplicateKeyError):
                await self._provenance.insert_one({"_id": of.key(sha256), **ends})
        return DocumentRef(sha256=sha256, size=len(data), media_type=media_type, name=name)

    async def _store(self, sha256: str, data: bytes, known: Document) -> None:
        file = str(ids.fresh())
        await self._bucket.upload_from_stream_with_id(file, sha256, data, metadata={"at": self._clock.now()})
        try:
            await self._documents.insert_one({"_id": sha256, "file": file, **known})
        except mongo.DuplicateKeyError:
            await self._bucket.delete(file)

    async def is_of(self, sha256: str, of: Provenance) -> bool:
        """A document without any provenance is of a release that noted none: it is taken for a day after it
        was stored, so that a contract under way when this release is installed reaches its office."""
        if await self._provenance.find_one({"_id": of.key(sha256)}, {"_id": 1}):
            return True
        if await self._provenance.find_one({"_id": {"$regex": f"^{re.escape(sha256)}/"}}, {"_id": 1}):
            return False
        if (document := await self._documents.find_one({"_id": sha256}, {"file": 1})) is None:
            raise MissingDocument(sha256)
        lately = {"metadata.at": {"$gte": self._clock.now() - _WITHOUT_PROVENANCE}}
        return await self._files.find_one({"_id": document["file"], **lately}, {"_id": 1}) is not None

    async def get(self, sha256: str) -> bytes:
        document = await self._documents.find_one({"_id": sha256})
        if document is None:
            raise MissingDocument(sha256)
        try:
            stream = await self._bucket.open_download_stream(document["file"])
            data: bytes = await stream.read()
        except (mongo.NoFile, mongo.CorruptGridFile):  # forgotten meanwhile
            raise MissingDocument(sha256) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise MissingDocument(f"{sha256}: the stored bytes are damaged")
        return data

    async def forget(self, sha256: str) -> None:
        """For what was kept for one purpose only: nobody else may refer to it. Dies between the two: the
        bytes go once they are a day old (`collect`)."""
        document = await self._documents.find_one({"_id": sha256}, {"file": 1})
        await self._documents.delete_one({"_id": sha256})
        if document:
            with suppress(mongo.NoFile):  # another process was at it too
                await self._bucket.delete(document["file"])

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
class DocumentCollector:
    """The loop that removes uploads that crashes left behind, and the bytes of removed documents."""

    kept: Sequence[MongoDocuments]
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        for documents in self.kept:
            await documents.collect()
