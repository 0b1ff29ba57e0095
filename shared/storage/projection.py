"""A projection: a service's own copy of another service's data. `latest` handlers update it."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from shared.messaging.consumption.handling_result import Effect, current_recorder
from shared.messaging.routes import Position
from shared.resilience.errors import NotYet
from shared.storage import mongo
from shared.storage.mongo import Collection

M = TypeVar("M", bound=BaseModel)


class Projection(Generic[M]):
    """Documents of `model`. Each remembers the last sequence seen from every source aggregate."""

    def __init__(self, collection: Collection, model: type[M]) -> None:
        self.collection = collection
        self._model = model

    async def put(self, id: str | UUID, at: Position, fields: Mapping[str, Any]) -> None:
        """Set `fields` if `at` is newer than the last event seen from its aggregate. Create a missing
        document."""
        try:
            await self._set(id, at, fields, upsert=True)
        except mongo.DuplicateKeyError:
            # The document has seen a newer event, or another source aggregate created it just now.
            if not await self._set(id, at, fields, upsert=False):
                self._note(id, Effect.NEWER)

    async def amend(self, id: str | UUID, at: Position, fields: Mapping[str, Any]) -> None:
        """Like `put`, but raises NotYet if there is no document."""
        if await self._set(id, at, fields, upsert=False):
            return
        if await self.collection.find_one({"_id": str(id)}, {"_id": 1}) is None:
            raise NotYet(self._document_name(id))
        self._note(id, Effect.NEWER)

    async def _set(self, id: str | UUID, at: Position, fields: Mapping[str, Any], *, upsert: bool) -> int:
        seen = f"seen.{at.aggregate}"
        result = await self.collection.update_one(
            {"_id": str(id), "$or": [{seen: {"$exists": False}}, {seen: {"$lt": at.sequence}}]},
            {"$set": {**mongo.plain(fields), seen: at.sequence}},
            upsert=upsert,
        )
        if result.matched_count or result.upserted_id:
            self._note(id, Effect.CHANGED)
        return result.matched_count

    def _document_name(self, id: str | UUID) -> str:
        return f"{self.collection.name}/{id}"

    def _note(self, id: str | UUID, effect: Effect) -> None:
        if recorder := current_recorder():
            recorder.note(self._document_name(id), effect)

    async def get(self, id: str | UUID) -> M | None:
        document = await self.collection.find_one({"_id": str(id)})
        return self._model.model_validate(document, extra="ignore") if document else None

    async def seen(self, id: str | UUID, aggregate: str) -> int:
        """The last sequence seen from that source aggregate; 0 if none was."""
        document = await self.collection.find_one({"_id": str(id)}, {f"seen.{aggregate}": 1}) or {}
        return int(document.get("seen", {}).get(aggregate, 0))

    async def find(self, query: Mapping[str, Any], *, limit: int = 200) -> list[M]:
        cursor = self.collection.find(mongo.plain(query)).sort("_id", 1).limit(limit)
        return [self._model.model_validate(document, extra="ignore") async for document in cursor]
