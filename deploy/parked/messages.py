"""What is parked in a service's database, and what people decide about it.

One document a decision, in `parked_decisions`: `_id` is the event's id and the decision's number
(`0b9e…#1`), with who, why and when. A dropped message is kept in it whole, so that a retry can bring it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.messaging.parked import ParkedMessage, read
from shared.storage import mongo
from shared.storage.mongo import Database, Document

Verb = Literal["drop", "retry"]


class ParkedDecision(BaseModel):
    """`by` decided on it `at` (real time), `because`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: UUID
    n: int
    verb: Verb
    type: str
    subject: str
    waited_for: str
    by: str
    because: str
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.event_id}#{self.n}"


@dataclass(frozen=True, slots=True)
class ParkedSelection:
    """What is left empty takes all. `type` and `waits_for` are parts of a text, in small or capital letters;
    `before`: parked earlier than that."""

    id: UUID | None = None
    type: str = ""
    subject: str = ""
    waits_for: str = ""
    before: datetime | None = None

    def takes(self, message: ParkedMessage) -> bool:
        waits_for = f"{message.waits_for}\n{message.fault or ''}"
        return (
            self.id in (None, message.envelope.id)
            and self.subject in ("", message.envelope.subject)
            and self.type.lower() in message.envelope.type.lower()
            and self.waits_for.lower() in waits_for.lower()
            and (self.before is None or message.since < self.before)
        )


class ParkedMessages:
    """Of one service, whose database it is."""

    def __init__(self, database: Database) -> None:
        self._parked = database["parked"]
        self._decisions = database["parked_decisions"]

    async def all(self) -> list[ParkedMessage]:
        """Those that wait, the longest-waiting first."""
        return [read(document) async for document in self._parked.find().sort("since", 1)]

    async def decisions(self) -> dict[UUID, list[ParkedDecision]]:
        """By event, the oldest first."""
        found: dict[UUID, list[ParkedDecision]] = {}
        async for document in self._decisions.find({}, {"message": 0}).sort("n", 1):
            decision = ParkedDecision.model_validate(document)
            found.setdefault(decision.event_id, []).append(decision)
        return found

    async def dropped(self, id: UUID) -> ParkedMessage | None:
        """As it was when it was last dropped."""
        kept = await self._dropped(id)
        return read(kept) if kept else None

    async def drop(self, message: ParkedMessage, by: str, because: str, now: datetime) -> bool:
        """Whether it was still there. The decision comes first: dies after it, the message is still parked
        and is dropped by asking again. The service may finish the message in the same moment: then it had
        its effect, and False says so."""
        stored = await self._parked.find_one({"_id": str(message.envelope.id)})
        if stored is None:
            return False
        await self._decide("drop", message, by, because, now, stored)
        return (
            await self._parked.delete_one({"_id": stored["_id"], "body": stored["body"]})
        ).deleted_count > 0

    async def retry(self, message: ParkedMessage, by: str, because: str, now: datetime) -> None:
        """Ask the service to say what its next try brings; one that was dropped is parked again. Dies in
        between: it waits as before, or again."""
        await self._decide("retry", message, by, because, now)
        id = str(message.envelope.id)
        asked = await self._parked.update_one({"_id": id}, {"$set": {"asked": True}})
        if not asked.matched_count and (kept := await self._dropped(message.envelope.id)):
            try:
                await self._parked.insert_one({**kept, "asked": True})
            except mongo.DuplicateKeyError:  # it was delivered once more meanwhile
                return

    async def unanswered(self, ids: Iterable[UUID]) -> set[UUID]:
        """Those whose try the service hasn't told of yet."""
        query = {"_id": {"$in": [str(id) for id in ids]}, "asked": True}
        return {UUID(found["_id"]) async for found in self._parked.find(query, {"_id": 1})}

    async def _dropped(self, id: UUID) -> Document | None:
        query = {"event_id": str(id), "verb": "drop"}
        last = await self._decisions.find_one(query, sort=[("n", -1)])
        return last["message"] if last else None

    async def _decide(
        self,
        verb: Verb,
        message: ParkedMessage,
        by: str,
        because: str,
        now: datetime,
        stored: Document | None = None,
    ) -> None:
        """Two people at once get two numbers."""
        envelope = message.envelope
        while True:
            last = await self._decisions.find_one({"event_id": str(envelope.id)}, {"n": 1}, sort=[("n", -1)])
            decision = ParkedDecision(
                event_id=envelope.id,
                n=last["n"] + 1 if last else 1,
                verb=verb,
                type=envelope.type,
                subject=envelope.subject,
                waited_for=message.fault or message.waits_for,
                by=by,
                because=because,
                at=now,
            )
            document = {"_id": decision.id, **mongo.plain(decision)} | ({"message": stored} if stored else {})
            try:
                await self._decisions.insert_one(document)
                return
            except mongo.DuplicateKeyError:
                continue
