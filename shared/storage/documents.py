"""Documents by content: a document's name is the SHA-256 of its bytes, so a stored document cannot change."""

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
"""How long a document without provenance, stored by an older release, is trusted to be what its event
says."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a document is (`contract`, `signed_form`, …), and the id of the registration, or other thing, to
    which it belongs."""

    kind: str
    id: object

    def key(self, sha256: str) -> str:
        return f"{sha256}/{self.kind}/{self.id}"


class Documents(Protocol):
    async def put(
        self, data: bytes, *, media_type: str, name: str, of: Provenance | None = None
    ) -> DocumentRef:
        """Store the bytes. Storing the same bytes again gives the same document. `of`: its provenance, which
        is stored for good."""
        ...

    async def is_of(self, sha256: str, of: Provenance) -> bool:
        """Whether a service stored the document with that provenance. Unlike an event, provenance can only be
        written with the database's credentials. Raises MissingDocument."""
        ...

    async def get(self, sha256: str) -> bytes:
        """Raises MissingDocument."""
        ...


class MongoDocuments:
    """GridFS holds the bytes under a random id; `documents` maps the hash to that id.

    If it dies while uploading, or before the hash is inserted, an unreferenced upload stays, which `collect`
    removes after a day. If the file's id were the hash, such an upload would block the next attempt.
    If it dies before the provenance is inserted, the repeat uploads no bytes and inserts the provenance.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        """`clock` is real time: if it were moved, an upload in progress could be a day old at once."""
        self._documents = database["documents"]
        self._provenance = database["provenance"]
        self._files = database["fs.files"]
        self._bucket = mongo.Bucket(database)
        self._clock = clock

    @property
    def indexes(self) -> dict[Collection, list[IndexModel]]:
        """Needed for `put` with `until` (the database removes the document then, and `collect` its bytes),
        and for `collect`, which looks up each file among the documents."""
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
        """`until`: when the document is removed, in real time. Use it only for bytes that nobody else stores:
        others would lose the same document."""
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
        """A document without any provenance was stored by an older release. It is accepted for a day after it
        was stored, so that a contract in progress reaches its office although this release is installed."""
        if await self._provenance.find_one({"_id": of.key(sha256)}, {"_id": 1}):
            return True
        if await self._provenance.find_one({"_id": {"$regex": f"^{re.escape(sha256)}/"}}, {"_id": 1}):
            return False
        if (document := await self._documents.find_one({"_id": sha256}, {"file": 1})) is None:
            raise MissingDocument(sha256)
        recent = {"metadata.at": {"$gte": self._clock.now() - _WITHOUT_PROVENANCE}}
        return await self._files.find_one({"_id": document["file"], **recent}, {"_id": 1}) is not None

    async def find_stored(self, sha256s: Sequence[str]) -> set[str]:
        """Those of the hashes that have a document. Its bytes are checked only when it is read."""
        found = self._documents.find({"_id": {"$in": list(sha256s)}}, {"_id": 1})
        return {row["_id"] async for row in found}

    async def find_provenance(self, sha256s: Sequence[str]) -> dict[str, list[Provenance]]:
        """What services stored with these hashes, by hash; those that nobody stored are left out. An id is
        the text of what was given."""
        stored = self._documents.find({"_id": {"$in": list(sha256s)}}, {"_id": 1})
        return {row["_id"]: await self._provenances(row["_id"]) async for row in stored}

    async def _provenances(self, sha256: str) -> list[Provenance]:
        rows = self._provenance.find({"_id": {"$regex": f"^{re.escape(sha256)}/"}}, {"_id": 1})
        return [Provenance(*row["_id"].split("/", 2)[1:]) async for row in rows]

    async def get(self, sha256: str) -> bytes:
        document = await self._documents.find_one({"_id": sha256})
        if document is None:
            raise MissingDocument(sha256)
        try:
            stream = await self._bucket.open_download_stream(document["file"])
            data: bytes = await stream.read()
        except (mongo.NoFile, mongo.CorruptGridFile):  # removed meanwhile
            raise MissingDocument(sha256) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise MissingDocument(f"{sha256}: the stored bytes are damaged")
        return data

    async def forget(self, sha256: str) -> None:
        """Remove a document that was stored for one purpose; nobody else may refer to it. If it dies between
        the two steps, `collect` removes the bytes once they are a day old."""
        document = await self._documents.find_one({"_id": sha256}, {"file": 1})
        await self._documents.delete_one({"_id": sha256})
        if document:
            with suppress(mongo.NoFile):  # another process removed it
                await self._bucket.delete(document["file"])

    async def collect(self) -> int:
        """Remove uploads older than a day that no hash refers to. Returns how many."""
        before = self._clock.now() - _UNREFERENCED
        removed = 0
        async for file in self._files.find({"metadata.at": {"$lt": before}}, {"_id": 1}):
            if not await self._documents.find_one({"file": file["_id"]}, {"_id": 1}):
                with suppress(mongo.NoFile):  # another process removed it
                    await self._bucket.delete(file["_id"])
                removed += 1
        return removed


@dataclass(frozen=True, slots=True)
class DocumentCollector:
    """The loop that removes uploads that crashes left behind, and the bytes of removed documents."""

    stores: Sequence[MongoDocuments]
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        for documents in self.stores:
            await documents.collect()
