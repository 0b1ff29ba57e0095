"""Loads and saves the aggregates of one collection."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError

from shared import mongo
from shared.aggregate import Cause, Decision, State, Stored, envelopes, snapshot_envelope
from shared.clock import Clock
from shared.envelope import Envelope
from shared.faults import AlreadyExists, Conflict, KeyReused
from shared.mongo import Collection, Document
from shared.wake import Wake

S = TypeVar("S", bound=State)

LARGEST = 256 * 1024
_ATTEMPTS = 8
_META = ("_id", "version", "sequence", "handled", "outbox")


class TooLarge(Exception):
    """The aggregate would outgrow its document: a design fault, never retried."""


class Store(Generic[S]):
    """Aggregates of one kind. `source` names the service in event ids and order (`subscription/…`)."""

    def __init__(
        self, collection: Collection, model: type[S], *, source: str, clock: Clock, wake: Wake
    ) -> None:
        self.collection = collection
        self._model = model
        self._source = source
        self._clock = clock
        self._wake = wake

    async def load(self, id: str | UUID) -> Stored[S] | None:
        document = await self.collection.find_one({"_id": str(id)}, {"outbox": 0})
        return self._read(document) if document else None

    async def find(
        self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> list[Stored[S]]:
        cursor = self.collection.find(mongo.plain(query), {"outbox": 0}).limit(limit)
        if sort:
            cursor = cursor.sort(list(sort))
        return [self._read(document) async for document in cursor]

    async def find_readable(
        self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> tuple[list[Stored[S]], list[str]]:
        """Like `find`, with the ids of documents that aren't of this model beside the others: for work
        that one damaged document must not stop."""
        readable: list[Stored[S]] = []
        damaged: list[str] = []
        cursor = (
            self.collection.find(mongo.plain(query), {"outbox": 0}).sort(list(sort) or "_id").limit(limit)
        )
        async for document in cursor:
            try:
                readable.append(self._read(document))
            except (ValidationError, KeyError):
                damaged.append(document["_id"])
        return readable, damaged

    async def change(
        self, id: str | UUID, decide: Callable[[S | None], Decision[S] | None], cause: Cause
    ) -> Stored[S] | None:
        """Load, decide, save; decide again when somebody else was faster.

        `decide` gets None where there is no such aggregate and returns None to leave all as it is.
        A message already handled changes nothing. Raises Conflict after several lost races, KeyReused
        where a request's key was used for something else.
        """
        for _ in range(_ATTEMPTS):
            stored = await self.load(id)
            if stored and cause.message_id in stored.handled:
                if cause.content_id and cause.content_id not in stored.handled:
                    raise KeyReused
                return stored
            decision = decide(stored.state if stored else None)
            if decision is None:
                return stored
            try:
                return await self.save(stored, decision, cause, id=id)
            except Conflict:
                continue
        raise Conflict(f"{self.collection.name}: lost {_ATTEMPTS} races in a row")

    async def save(
        self, stored: Stored[S] | None, decision: Decision[S], cause: Cause, *, id: str | UUID
    ) -> Stored[S]:
        """One conditional write. Dies before it: nothing happened. After it: all of it did, and the
        relay finds the events.

        Raises Conflict when `stored` is no longer what is there, AlreadyExists when a unique index
        of the collection refuses.
        """
        now = self._clock.now()
        before = stored or Stored(str(id), decision.state)
        after = before.next(decision, cause, now)
        pending = self._pending(before, after, decision, cause, now)
        try:
            if stored is None:
                await self.collection.insert_one(self._document(after, pending, now))
            else:
                await self._update(before, after, pending, now)
        except mongo.DuplicateKeyError as error:
            if "_id" in (error.details or {}).get("keyPattern", {}):
                raise Conflict(f"{self.collection.name}: inserted by another") from error
            raise AlreadyExists(self.collection.name) from error
        if pending:
            self._wake.set()
        return after

    async def save_many(
        self, changes: Iterable[tuple[Stored[S] | None, str, Decision[S]]], cause: Cause
    ) -> None:
        """Many saves in one round trip, each conditional on its own version.

        Those that lost a race (or were inserted by another) are left out without a word: load again
        what is still to be done.
        """
        now = self._clock.now()
        writes = [self._write(stored, id, decision, cause, now) for stored, id, decision in changes]
        try:
            if writes:
                await self.collection.bulk_write(writes, ordered=False)
        except mongo.BulkWriteError as error:
            others = [e for e in (error.details or {}).get("writeErrors", []) if e["code"] != 11000]
            if others:
                raise
        self._wake.set()

    def _write(
        self, stored: Stored[S] | None, id: str, decision: Decision[S], cause: Cause, now: datetime
    ) -> mongo.InsertOne[Document] | mongo.UpdateOne:
        before = stored or Stored(id, decision.state)
        after = before.next(decision, cause, now)
        pending = self._pending(before, after, decision, cause, now)
        if stored is None:
            return mongo.InsertOne(self._document(after, pending, now))
        return mongo.UpdateOne(
            {"_id": before.id, "version": before.version}, self._change(after, pending, now)
        )

    async def _update(
        self, before: Stored[S], after: Stored[S], pending: list[Document], now: datetime
    ) -> None:
        result = await self.collection.update_one(
            {"_id": before.id, "version": before.version}, self._change(after, pending, now)
        )
        if result.matched_count == 0:
            raise Conflict(f"{self.collection.name}: version {before.version} is gone")

    def _pending(
        self, before: Stored[S], after: Stored[S], decision: Decision[S], cause: Cause, now: datetime
    ) -> list[Document]:
        told = envelopes(self._source, before, decision.events, cause, now)
        pending = [_outgoing(envelope) for envelope in told]
        if snapshot := decision.snapshot:
            kept = snapshot_envelope(self._source, after, snapshot, cause, now)
            pending.append({**_outgoing(kept), "topic": snapshot.TOPIC})
        return pending

    def _change(self, after: Stored[S], pending: list[Document], now: datetime) -> Document:
        document = self._document(after, pending, now)
        outbox = document.pop("outbox")
        document.pop("_id")
        # The relay only pulls from the outbox: setting it here would bring published events back.
        return {"$set": document, **({"$push": {"outbox": {"$each": outbox}}} if outbox else {})}

    def _document(self, after: Stored[S], pending: list[Document], now: datetime) -> Document:
        document = {
            "_id": after.id,
            "version": after.version,
            "sequence": after.sequence,
            "handled": [{"id": str(id), "at": at} for id, at in after.handled.items()],
            "outbox": pending,
            **mongo.plain(after.state.model_dump()),
        }
        if mongo.size(document) > LARGEST:
            raise TooLarge(f"{self.collection.name}: an aggregate would pass {LARGEST} bytes")
        return document

    def _read(self, document: Document) -> Stored[S]:
        state = {key: value for key, value in document.items() if key not in _META}
        return Stored(
            id=document["_id"],
            state=self._model.model_validate(state),
            version=document["version"],
            sequence=document["sequence"],
            handled={UUID(item["id"]): item["at"] for item in document["handled"]},
        )


def _outgoing(envelope: Envelope) -> Document:
    """An outbox entry: the record as it will be published, with what the relay finds and marks it by."""
    return {
        "id": str(envelope.id),
        "at": envelope.time,
        "key": envelope.subject,
        "headers": [list(header) for header in envelope.headers()],
        "body": envelope.body,
    }
