"""Parked messages: messages that wait for an earlier one. They are stored, so that they do not block their
partition.

The operator on call lists, drops or retries them with `python -m deploy.parked` (docs/how-to/parked.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from shared.events.base import Event
from shared.messaging.envelope import Envelope
from shared.resilience.errors import NotYet
from shared.storage.mongo import Collection, Document
from shared.time.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """`waits_for`: what was missing at the last attempt. `error`: the error if the attempt failed in another
    way. `retry_requested`: an operator requested another attempt and waits for its result."""

    envelope: Envelope
    since: datetime
    waits_for: str
    error: str | None
    retry_requested: bool


class Parked:
    def __init__(self, collection: Collection, clock: Clock) -> None:
        self._collection = collection
        self._clock = clock

    async def put(self, envelope: Envelope, why: NotYet) -> None:
        """Store the message. If it is parked already, its first arrival time stays."""
        document = {
            "subject": envelope.subject,
            "waits_for": why.waits_for,
            "fault": None,
            "headers": [list(header) for header in envelope.headers()],
            "body": envelope.body,
        }
        first = {"since": self._clock.now(), "sequence": envelope.sequence}
        await self._set(envelope, document, first)
        log.warning("consumer.parked", event_id=str(envelope.id), waits_for=why.waits_for)

    async def update_reason(self, message: ParkedMessage, waits_for: str, error: str | None = None) -> None:
        """Store why the message still waits, if that changed or an operator requested the attempt. A dropped
        message is not restored."""
        if message.retry_requested or (waits_for, error) != (message.waits_for, message.error):
            await self._set(message.envelope, {"waits_for": waits_for, "fault": error, "asked": False})

    async def _set(
        self, envelope: Envelope, document: Mapping[str, Any], first: Mapping[str, Any] | None = None
    ) -> None:
        """`first`: fields that only a new document gets; without them no document is created."""
        change = {"$set": document} | ({"$setOnInsert": first} if first else {})
        await self._collection.update_one({"_id": str(envelope.id)}, change, upsert=first is not None)

    async def of(self, subject: str | None = None) -> list[ParkedMessage]:
        """The parked messages of one subscription, or all of them, in their source's order."""
        query = {} if subject is None else {"subject": subject}
        cursor = self._collection.find(query).sort("sequence", 1)
        return [read(document) async for document in cursor]

    async def holds(self, event: type[Event], subject: str) -> bool:
        """Whether an event of that type is parked for the subscription."""
        of_type = {"subject": subject, "headers": ["ce_type", event.TYPE.encode()]}
        return await self._collection.find_one(of_type, {"_id": 1}) is not None

    async def remove(self, envelope: Envelope) -> None:
        await self._collection.delete_one({"_id": str(envelope.id)})

    async def waiting(self) -> tuple[int, datetime | None]:
        """How many messages wait, and since when the oldest one waits."""
        first = await self._collection.find_one({}, {"since": 1}, sort=[("since", 1)])
        return await self._collection.count_documents({}), first["since"] if first else None


def read(document: Document) -> ParkedMessage:
    """Read a stored message, also one of an earlier release."""
    return ParkedMessage(
        Envelope.parse([(name, value) for name, value in document["headers"]], document["body"]),
        document["since"],
        document["waits_for"],
        document.get("fault"),
        bool(document.get("asked")),
    )
