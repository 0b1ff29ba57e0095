"""Republications: requests of operators that a service publishes its present state again, and their progress.

One document a request. It says how far the work has come, so that the next leader goes on from there. A
process that dies between the broker's answer and the saved progress publishes one page twice: readers know
its records by their sequence. The document stays.
"""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.background import calls
from shared.resilience.retry import suppress_transient
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel

INDEXES = (
    IndexModel([("at", 1)], name="asked", partialFilterExpression={"finished_at": {"$type": "null"}}),
    IndexModel([("at", -1)], name="newest"),
)
_SHOWN = 20


class Republication(BaseModel):
    """`by` requested it `at` (real time), `because` is the reason. `kind` and `after` are where it is: the
    kind of aggregate, and the last id that is published. `published` counts the records, `left_out` the
    documents that this release can't read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    by: str
    because: str
    at: datetime
    kind: int = 0
    after: str = ""
    published: int = 0
    left_out: int = 0
    finished_at: datetime | None = None

    def gone_on(self, after: str, published: int, left_out: int) -> Self:
        """The progress after one more page of the same kind."""
        counts = {"published": self.published + published, "left_out": self.left_out + left_out}
        return self.model_copy(update={"after": after, **counts})

    def next_kind(self) -> Self:
        return self.model_copy(update={"kind": self.kind + 1, "after": ""})


class Republications:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ask(self, request: Republication) -> Republication:
        """Record the request. One with the same id, or one that isn't finished, is returned as it is: two at
        once would publish everything twice."""
        if same := await self._collection.find_one({"_id": str(request.id)}):
            return _read(same)
        if pending := await self.pending():
            return pending
        document = mongo.plain(request)
        try:
            await self._collection.insert_one({"_id": document.pop("id"), **document})
        except mongo.DuplicateKeyError:
            return await self.ask(request)
        with suppress_transient("calls.transient_error"):
            await calls.call(self._collection.database["leases"])
        return request

    async def pending(self) -> Republication | None:
        """The oldest one that isn't finished."""
        found = await self._collection.find_one({"finished_at": {"$type": "null"}}, sort=[("at", 1)])
        return _read(found) if found else None

    async def newest(self) -> list[Republication]:
        found = self._collection.find({}).sort("at", -1).limit(_SHOWN)
        return [_read(document) async for document in found]

    async def save(self, progress: Republication) -> None:
        fields = mongo.plain(progress)
        await self._collection.update_one({"_id": fields.pop("id"), "finished_at": None}, {"$set": fields})


def _read(document: mongo.Document) -> Republication:
    return Republication.model_validate({**document, "id": document["_id"]})
