"""Loads and saves the aggregates of one collection."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from pydantic import ValidationError

from shared.background.wake import Wakes
from shared.messaging.consumption.handling_result import Effect, current_recorder
from shared.resilience.errors import AlreadyExists, Conflict, KeyReused, NotYet, VersionMismatch
from shared.storage import mongo
from shared.storage.aggregate import Cause, Decision, State, Stored
from shared.storage.bulk import statements
from shared.storage.mongo import Collection, Document
from shared.storage.record import Records, Save
from shared.time.clock import Clock

S = TypeVar("S", bound=State)
log = structlog.get_logger()

_ATTEMPTS = 8
_READ = {"outbox": 0, "trail": 0}
_STATE = {**_READ, "handled": 0, "audit": 0}


@dataclass(frozen=True, slots=True)
class Page(Generic[S]):
    """Aggregates by rising id. `last` is the id behind which the next page begins; None if the page is empty.
    `waits`: the next one has events that are not published yet. `unreadable`: the ids that were left out."""

    stored: list[Stored[S]]
    unreadable: list[str]
    last: str | None
    waits: bool


class Store(Generic[S]):
    """Aggregates of one kind. `source` is the service's name in event ids and aggregate names
    (`subscription/…`).

    If `audited`, each change of the state also appends an entry to the aggregate's chain (shared.audit), in
    the same write. All stores of a collection must agree on that.
    """

    def __init__(
        self,
        collection: Collection,
        model: type[S],
        *,
        source: str,
        clock: Clock,
        wakes: Wakes,
        audited: bool = False,
    ) -> None:
        self.collection = collection
        self._records = Records(model, source, collection.name if audited else None)
        self._source = source
        self._clock = clock
        self._wakes = wakes

    async def load(self, id: str | UUID) -> Stored[S] | None:
        document = await self.collection.find_one({"_id": str(id)}, _READ)
        stored = self._records.read(document) if document else None
        if stored and (recorder := current_recorder()):
            recorder.note_loaded(self._document_name(stored.id), stored.handled)
        return stored

    async def find(
        self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> list[Stored[S]]:
        cursor = self.collection.find(mongo.plain(query), _READ).limit(limit)
        if sort:
            cursor = cursor.sort(list(sort))
        return [self._records.read(document) for document in await cursor.to_list(None)]

    async def state(self, id: str | UUID) -> S | None:
        """The state alone: a faster read, for callers that save nothing."""
        document = await self.collection.find_one({"_id": str(id)}, _STATE)
        return self._records.state(document) if document else None

    async def states(self, query: Mapping[str, Any]) -> list[S]:
        """Like `state`, for all that match."""
        cursor = self.collection.find(mongo.plain(query), _STATE)
        return [self._records.state(document) for document in await cursor.to_list(None)]

    async def sweep(
        self, query: Mapping[str, Any], *, index: str | None = "_id_", size: int = 100
    ) -> AsyncIterator[list[S]]:
        """All that match, by rising id, in lists of at most `size`: for work on very many, so that other
        tasks can run between two lists. An unreadable document is left out and logged. Use another `index` if
        few match; None lets the server choose."""
        found = self.collection.find(mongo.plain(query), _STATE).sort("_id", 1)
        cursor = (found.hint(index) if index else found).batch_size(size)
        while documents := await cursor.to_list(size):
            yield [state for document in documents if (state := self._readable(document))]

    async def kinds(self, query: Mapping[str, Any], kind: Document) -> AsyncIterator[tuple[S, int]]:
        """Group the matching aggregates by `kind` (the `_id` of `$group`): one state of each group, and how
        many the group has."""
        one = {"_id": kind, "one": {"$first": "$$ROOT"}, "count": {"$sum": 1}}
        steps: list[Document] = [{"$match": mongo.plain(query)}, {"$project": _STATE}, {"$group": one}]
        async for found in self.collection.aggregate(steps, allowDiskUse=True):
            if state := self._readable(found["one"]):
                yield state, found["count"]

    def _readable(self, document: Document) -> S | None:
        try:
            return self._records.state(document)
        except (ValidationError, KeyError):
            log.error("store.damaged", collection=self.collection.name, id=document["_id"])
            return None

    async def find_readable(
        self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> tuple[list[Stored[S]], list[str]]:
        """Like `find`, but also returns the ids of documents that do not fit the model, for work that one
        damaged document must not stop."""
        readable: list[Stored[S]] = []
        damaged: list[str] = []
        cursor = self.collection.find(mongo.plain(query), _READ).sort(list(sort) or "_id").limit(limit)
        for document in await cursor.to_list(None):
            try:
                readable.append(self._records.read(document))
            except (ValidationError, KeyError):
                damaged.append(document["_id"])
        return readable, damaged

    async def published_after(self, after: str, query: Mapping[str, Any], size: int) -> Page[S]:
        """The next that match, up to the first one whose events are not all published."""
        wanted = {"$and": [{"_id": {"$gt": after}}, mongo.plain(query)]}
        found = self.collection.find(wanted, {"trail": 0}).sort("_id", 1).limit(size)
        page: Page[S] = Page([], [], None, waits=False)
        for document in await found.to_list(size):
            if document.get("outbox"):
                return replace(page, waits=True)
            try:
                page.stored.append(self._records.read(document))
            except (ValidationError, KeyError):
                log.error("store.damaged", collection=self.collection.name, id=document["_id"])
                page.unreadable.append(document["_id"])
            page = replace(page, last=document["_id"])
        return page

    async def change(
        self,
        id: str | UUID,
        decide: Callable[[S | None], Decision[S] | Awaitable[Decision[S] | None] | None],
        cause: Cause,
        *,
        expected_version: int | None = None,
    ) -> Stored[S] | None:
        """Loads, decides and saves. If somebody else saves in between, all three are done again.

        `decide` gets None if there is no such aggregate. It returns None to leave all as it is. What it
        awaits must be safe to repeat. `expected_version` is the version that a person saw; 0 means that
        nothing was stored. A message or request that was handled before changes nothing. Raises
        VersionMismatch, Conflict after several lost races, KeyReused if the request's key came before with
        another content, and whatever `decide` raises.
        """
        for _ in range(_ATTEMPTS):
            stored = await self.load(id)
            if stored and cause.message_id in stored.handled:
                if cause.content_id and cause.content_id not in stored.handled:
                    raise KeyReused
                return stored
            if expected_version not in (None, stored.version if stored else 0):
                raise VersionMismatch
            decided = decide(stored.state if stored else None)
            decision = await decided if isawaitable(decided) else decided
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
        """Save with one conditional write. If it dies before the write, nothing happened; if it dies after
        it, everything is saved, and the relay finds the events.

        Raises Conflict if the document has changed since `stored` was read, AlreadyExists if a unique index
        of the collection refuses.
        """
        save = self._records.save(stored, str(id), decision, cause, self._clock.now())
        try:
            if stored is None:
                await self.collection.insert_one(save.new_document())
            else:
                await self._update(stored, save)
        except mongo.DuplicateKeyError as error:
            if "_id" in (error.details or {}).get("keyPattern", {}):
                raise Conflict(f"{self.collection.name}: inserted by another") from error
            raise AlreadyExists(self.collection.name) from error
        finally:  # also if the answer is lost: the write may have been made
            self._wakes.set(events=bool(save.outbox))
        if recorder := current_recorder():
            recorder.note(
                self._document_name(save.after.id),
                Effect.CHANGED if save.state or save.outbox else Effect.UNCHANGED,
            )
        return save.after

    async def save_many(
        self, changes: Iterable[tuple[Stored[S] | None, str, Decision[S]]], cause: Cause
    ) -> bool:
        """Like `save_each`, where all saves have one cause."""
        return await self.save_each((stored, id, decision, cause) for stored, id, decision in changes)

    async def save_each(self, changes: Iterable[tuple[Stored[S] | None, str, Decision[S], Cause]]) -> bool:
        """Many saves in one round trip, each conditional on its own version. Returns whether all were made.

        A save that loses a race (or whose id was inserted by another) is skipped: load again what is still to
        be done. If it dies before the write, nothing happened; if it dies in the middle of it, some saves
        were made, each of them whole: a repeat finds the others still to be done. The driver does not repeat
        it after a lost connection. One that a unique index refuses may keep others from being made; the index
        is then logged. Raises what the database raises but for that and a lost race.
        """
        now = self._clock.now()
        saves = [
            (stored, self._records.save(stored, id, decision, cause, now))
            for stored, id, decision, cause in changes
        ]
        if not saves:
            return True
        operations = list(statements(saves))
        try:
            result = await self.collection.bulk_write(operations, ordered=False)
            made = result.inserted_count + result.matched_count
        except mongo.BulkWriteError as error:
            if not mongo.is_only_duplicates(error):
                raise
            self._log_refused(operations, error)
            made = 0
        finally:
            self._wakes.set(events=any(save.outbox for _, save in saves))
        return made == len(saves)

    def _log_refused(self, operations: Sequence[object], error: mongo.BulkWriteError) -> None:
        """Log the indexes that refuse a statement of many saves: it makes none of those that follow, in each
        repeat."""
        for place, index in mongo.refusals(error):
            if isinstance(operations[place], mongo.UpdateMany):
                log.error("store.refused", collection=self.collection.name, index=index)

    def _document_name(self, id: str) -> str:
        return f"{self.collection.name}/{id}"

    async def _update(self, before: Stored[S], save: Save[S]) -> None:
        result = await self.collection.update_one(
            {"_id": before.id, "version": before.version}, save.update()
        )
        if result.matched_count == 0:
            raise Conflict(f"{self.collection.name}: version {before.version} is gone")


def require_known(
    decide: Callable[[S], Decision[S] | None], missing: str
) -> Callable[[S | None], Decision[S] | None]:
    """`decide` for `Store.change` in a message handler that needs the aggregate. It raises NotYet where there
    is none; `missing` names it."""

    def decide_known(state: S | None) -> Decision[S] | None:
        if state is None:
            raise NotYet(missing)
        return decide(state)

    return decide_known
