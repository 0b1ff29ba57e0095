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
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel

INDEXES = (
    IndexModel(
        [("finished_at", 1)],
        name="one_at_a_time",
        unique=True,
        partialFilterExpression={"finished_at": {"$type": "null"}},
    ),
    IndexModel([("at", -1)], name="newest"),
)
_SHOWN = 20


class Republication(BaseModel):
    """`by` requested it `at` (real time), `because` is the reason. It works on one kind of aggregate after
    the other: `kind` is the number of the present one, from 0, and `after` is the last id of it that is
    published. `published` counts the records, `left_out` the aggregates that this release can't read or
    can't tell. The log names those."""

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
    withdrawn_by: str | None = None

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
        once would publish everything twice. Raises Conflict if others finish and begin meanwhile."""
        document = mongo.plain(request)
        try:
            await self._collection.insert_one({"_id": document.pop("id"), **document})
        except mongo.DuplicateKeyError:
            same = await self._collection.find_one({"_id": str(request.id)})
            if known := _read(same) if same else await self.pending():
                return known
            raise Conflict("republications: others finish and begin at once") from None
        with suppress_transient("calls.transient_error"):
            await calls.call(self._collection.database["leases"])
        return request

    async def pending(self) -> Republication | None:
        """The one that isn't finished."""
        found = await self._collection.find_one({"finished_at": {"$type": "null"}})
        return _read(found) if found else None

    async def newest(self) -> list[Republication]:
        found = self._collection.find({}).sort("at", -1).limit(_SHOWN)
        return [_read(document) async for document in found]

    async def save(self, before: Republication, after: Republication) -> None:
        """Raises Conflict if it has gone on since: another process leads, or it was withdrawn."""
        fields = mongo.plain(after)
        where = {"_id": fields.pop("id"), "kind": before.kind, "after": before.after, "finished_at": None}
        result = await self._collection.update_one(where, {"$set": fields})
        if result.matched_count == 0:
            raise Conflict("republications: it has gone on meanwhile")

    async def withdraw(self, id: UUID, by: str, now: datetime) -> Republication | None:
        """End it where it is. None if there is no such one; one that is finished stays as it is."""
        ended = {"$set": {"finished_at": now, "withdrawn_by": by}}
        await self._collection.update_one({"_id": str(id), "finished_at": None}, ended)
        found = await self._collection.find_one({"_id": str(id)})
        return _read(found) if found else None


def _read(document: mongo.Document) -> Republication:
    return Republication.model_validate({**document, "id": document["_id"]})
