"""The parked messages of a service's database, and the decisions that people made on them.

`parked_decisions` holds one document for each decision. Its `_id` is the event's id and the decision's number
(`0b9e…#1`); it says who decided, why and when. The decision to drop a message holds the whole message, so
that a retry can bring it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.background import calls
from shared.messaging.parked import ParkedMessage, read
from shared.resilience.retry import suppress_transient
from shared.storage import mongo
from shared.storage.mongo import Database, Document

Verb = Literal["drop", "retry"]


class ParkedDecision(BaseModel):
    """`by` made this decision `at` this moment (real time), for the reason `because`."""

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
    """Filters for parked messages. An empty filter matches everything.

    `type` and `waits_for` match any part of the text and ignore case; `before`: parked earlier than that.
    """

    id: UUID | None = None
    type: str = ""
    subject: str = ""
    waits_for: str = ""
    before: datetime | None = None

    def takes(self, message: ParkedMessage) -> bool:
        waits_for = f"{message.waits_for}\n{message.error or ''}"
        return (
            self.id in (None, message.envelope.id)
            and self.subject in ("", message.envelope.subject)
            and self.type.lower() in message.envelope.type.lower()
            and self.waits_for.lower() in waits_for.lower()
            and (self.before is None or message.since < self.before)
        )


class ParkedMessages:
    """The parked messages of the one service to which the database belongs."""

    def __init__(self, database: Database) -> None:
        self._parked = database["parked"]
        self._decisions = database["parked_decisions"]

    async def all(self) -> list[ParkedMessage]:
        """The messages that wait, the longest-waiting first."""
        return [read(document) async for document in self._parked.find().sort("since", 1)]

    async def decisions(self) -> dict[UUID, list[ParkedDecision]]:
        """All decisions by event, oldest first."""
        found: dict[UUID, list[ParkedDecision]] = {}
        async for document in self._decisions.find({}, {"message": 0}).sort("n", 1):
            decision = ParkedDecision.model_validate(document)
            found.setdefault(decision.event_id, []).append(decision)
        return found

    async def dropped(self, id: UUID) -> ParkedMessage | None:
        """The message as it was when it was last dropped; None if it never was."""
        kept = await self._dropped(id)
        return read(kept) if kept else None

    async def drop(self, message: ParkedMessage, by: str, because: str, now: datetime) -> bool:
        """Drop a message. Returns whether it was still parked.

        The decision is saved first. If the process dies after that, the message is still parked and a
        repeated drop removes it. The service may finish the message at the same moment: then the message had
        its effect, and False is returned.
        """
        stored = await self._parked.find_one({"_id": str(message.envelope.id)})
        if stored is None:
            return False
        await self._decide("drop", message, by, because, now, stored)
        return (
            await self._parked.delete_one({"_id": stored["_id"], "body": stored["body"]})
        ).deleted_count > 0

    async def retry(self, message: ParkedMessage, by: str, because: str, now: datetime) -> None:
        """Ask the service to report the result of its next try. A dropped message is parked again.

        If the process dies in between, the message is parked as before, or not yet parked again. If it dies
        before the call, the service tries a little later.
        """
        await self._decide("retry", message, by, because, now)
        id = str(message.envelope.id)
        asked = await self._parked.update_one({"_id": id}, {"$set": {"asked": True}})
        if not asked.matched_count and (kept := await self._dropped(message.envelope.id)):
            try:
                await self._parked.insert_one({**kept, "asked": True})
            except mongo.DuplicateKeyError:  # it was delivered again in the meantime
                return
        with suppress_transient("calls.transient_error"):
            await calls.call(self._parked.database["leases"])

    async def unanswered(self, ids: Iterable[UUID]) -> set[UUID]:
        """Those of `ids` whose next try the service has not reported yet."""
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
        """Save a decision. Two people who decide at the same time get two numbers."""
        envelope = message.envelope
        while True:
            last = await self._decisions.find_one({"event_id": str(envelope.id)}, {"n": 1}, sort=[("n", -1)])
            decision = ParkedDecision(
                event_id=envelope.id,
                n=last["n"] + 1 if last else 1,
                verb=verb,
                type=envelope.type,
                subject=envelope.subject,
                waited_for=message.error or message.waits_for,
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
