"""A projection: a service's own copy of another service's data. `latest` handlers say what is written to it.

Many writes cost two round trips: one reads what the documents have seen, the other writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from shared.messaging.consumption.handling_result import Effect, current_recorder
from shared.messaging.envelope import Position
from shared.resilience.errors import Conflict
from shared.storage import mongo
from shared.storage.mongo import Collection, Document

M = TypeVar("M", bound=BaseModel)
Seen = Mapping[str, int]
"""The last sequence seen from every source aggregate, by `field_of` its name."""

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class CopyWrite:
    """Fields of one document of a projection. They are set if `at` is newer than the last event seen from its
    aggregate. `creates`: a missing document is created; otherwise the write waits for it."""

    projection: "Projection[Any]"
    id: str
    at: Position
    fields: Document
    creates: bool

    @property
    def document(self) -> str:
        return f"{self.projection.collection.name}/{self.id}"


@dataclass(slots=True)
class Fold:
    """What all writes of one document come to. `seen`: the newest sequence of each source aggregate, by
    `field_of` its name. `before`: the sequence that the document had seen of it until now; None if none."""

    before: dict[str, int | None] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    fields: Document = field(default_factory=dict)

    @classmethod
    def of(cls, writes: Iterable[CopyWrite], known: Seen) -> Self:
        """Fold the writes in their order, as if each was written alone."""
        fold = cls()
        for write in writes:
            fold.add(write, known)
        return fold

    def add(self, write: CopyWrite, known: Seen) -> None:
        source = field_of(write.at.aggregate)
        if write.at.follows(self.seen.get(source, known.get(source, -1))):
            self.before.setdefault(source, known.get(source))
            self.seen[source] = write.at.sequence
            self.fields |= write.fields

    def update(self, id: str, *, creates: bool) -> mongo.UpdateOne:
        """It changes nothing if the document has seen more meanwhile."""
        unchanged = {
            f"seen.{source}": {"$exists": False} if sequence is None else sequence
            for source, sequence in self.before.items()
        }
        seen = {f"seen.{source}": sequence for source, sequence in self.seen.items()}
        return mongo.UpdateOne({"_id": id, **unchanged}, {"$set": {**self.fields, **seen}}, upsert=creates)


class Projection(Generic[M]):
    """Documents of `model`. Each remembers the last sequence seen from every source aggregate."""

    def __init__(self, collection: Collection, model: type[M]) -> None:
        self.collection = collection
        self._model = model

    def put(self, id: str | UUID, at: Position, fields: Mapping[str, Any]) -> CopyWrite:
        """The write of `fields`; it creates a missing document."""
        return CopyWrite(self, str(id), at, mongo.plain(fields), creates=True)

    def amend(self, id: str | UUID, at: Position, fields: Mapping[str, Any]) -> CopyWrite:
        """The write of `fields` to a document that must be there."""
        return CopyWrite(self, str(id), at, mongo.plain(fields), creates=False)

    async def write(self, writes: Sequence[CopyWrite]) -> list[CopyWrite]:
        """Write them in their order; return those that wait for a missing document.

        Another process may write the same documents: then all is read and folded again. Dies after the write:
        the same writes change nothing. Raises Conflict after several lost races.
        """
        for _ in range(_ROUNDS):
            known = await self._seen({write.id for write in writes})
            waiting, here = divide(writes, known)
            folds = {id: Fold.of(of_one, known.get(id, {})) for id, of_one in here.items()}
            if await self._save({id: fold for id, fold in folds.items() if fold.seen}, known.keys()):
                _note(here, folds)
                return waiting
        raise Conflict(f"{self.collection.name}: lost {_ROUNDS} races in a row")

    async def _seen(self, ids: set[str]) -> dict[str, Seen]:
        found = self.collection.find({"_id": {"$in": list(ids)}}, {"seen": 1})
        return {document["_id"]: document.get("seen", {}) async for document in found}

    async def _save(self, folds: Mapping[str, Fold], known: Iterable[str]) -> bool:
        """Whether all were written."""
        if not folds:
            return True
        updates = [fold.update(id, creates=id not in known) for id, fold in folds.items()]
        try:
            result = await self.collection.bulk_write(updates, ordered=False)
        except mongo.BulkWriteError as error:
            if not mongo.is_only_duplicates(error):
                raise
            return False  # another process created a document just now
        return bool(result.matched_count + result.upserted_count == len(updates))

    async def get(self, id: str | UUID) -> M | None:
        document = await self.collection.find_one({"_id": str(id)})
        return self._model.model_validate(document, extra="ignore") if document else None

    async def get_readable(self, ids: Iterable[str]) -> tuple[dict[str, M], set[str]]:
        """The documents with these ids that fit the model, by id, and the ids of those that don't."""
        readable: dict[str, M] = {}
        damaged: set[str] = set()
        async for document in self.collection.find({"_id": {"$in": list(ids)}}):
            try:
                readable[document["_id"]] = self._model.model_validate(document, extra="ignore")
            except ValidationError:
                damaged.add(document["_id"])
        return readable, damaged

    async def seen(self, id: str | UUID, aggregate: str) -> int:
        """The last sequence seen from that source aggregate; 0 if none was."""
        known = await self._seen({str(id)})
        return known.get(str(id), {}).get(field_of(aggregate), 0)

    async def find(self, query: Mapping[str, Any], *, limit: int = 200) -> list[M]:
        cursor = self.collection.find(mongo.plain(query)).sort("_id", 1).limit(limit)
        return [self._model.model_validate(document, extra="ignore") async for document in cursor]


def field_of(aggregate: str) -> str:
    """The aggregate's name as one field of a document: the database reads a dot as a path, and `$` as an
    operator."""
    return aggregate.replace("%", "%25").replace(".", "%2E").replace("$", "%24")


async def write_copies(writes: Sequence[CopyWrite]) -> list[CopyWrite]:
    """Write copies of any projections; return those that wait for a missing document."""
    of_each: dict[int, list[CopyWrite]] = {}
    for write in writes:
        of_each.setdefault(id(write.projection), []).append(write)
    return [one for group in of_each.values() for one in await group[0].projection.write(group)]


def divide(
    writes: Iterable[CopyWrite], known: Mapping[str, Seen]
) -> tuple[list[CopyWrite], dict[str, list[CopyWrite]]]:
    """The writes that wait for a missing document, and the others by document, in their order. What waited
    for a document follows the write that creates it."""
    waiting: dict[str, list[CopyWrite]] = {}
    here: dict[str, list[CopyWrite]] = {}
    for write in writes:
        if write.creates or write.id in known or write.id in here:
            here.setdefault(write.id, []).extend([write, *waiting.pop(write.id, ())])
        else:
            waiting.setdefault(write.id, []).append(write)
    return [write for late in waiting.values() for write in late], here


def _note(here: Mapping[str, Sequence[CopyWrite]], folds: Mapping[str, Fold]) -> None:
    if recorder := current_recorder():
        for id, writes in here.items():
            recorder.note(writes[0].document, Effect.CHANGED if folds[id].seen else Effect.NEWER)
