"""Messages that wait for an earlier one. Kept in the database, so the partition goes on."""

from datetime import datetime

import structlog

from shared.clock import Clock
from shared.envelope import Envelope
from shared.events.base import Event
from shared.faults import NotYet
from shared.mongo import Collection, Document

log = structlog.get_logger()


class Parked:
    def __init__(self, collection: Collection, clock: Clock) -> None:
        self._collection = collection
        self._clock = clock

    async def put(self, envelope: Envelope, why: NotYet) -> None:
        """Keep the message. The same one again keeps the time at which it first came."""
        document = {
            "subject": envelope.subject,
            "waits_for": why.waits_for,
            "headers": [list(header) for header in envelope.headers()],
            "body": envelope.body,
        }
        await self._collection.update_one(
            {"_id": str(envelope.id)},
            {"$set": document, "$setOnInsert": {"since": self._clock.now(), "sequence": envelope.sequence}},
            upsert=True,
        )
        log.warning("consumer.parked", event_id=str(envelope.id), waits_for=why.waits_for)

    async def of(self, subject: str | None = None) -> list[Envelope]:
        """The parked messages of one subscription, or all, in their source's order."""
        query = {} if subject is None else {"subject": subject}
        cursor = self._collection.find(query).sort("sequence", 1)
        return [_envelope(document) async for document in cursor]

    async def holds(self, event: type[Event], subject: str) -> bool:
        """Whether one of that type is parked for that subscription."""
        of_type = {"subject": subject, "headers": ["ce_type", event.TYPE.encode()]}
        return await self._collection.find_one(of_type, {"_id": 1}) is not None

    async def remove(self, envelope: Envelope) -> None:
        await self._collection.delete_one({"_id": str(envelope.id)})

    async def waiting(self) -> tuple[int, datetime | None]:
        """How many messages wait, and since when the first of them does."""
        first = await self._collection.find_one({}, {"since": 1}, sort=[("since", 1)])
        return await self._collection.count_documents({}), first["since"] if first else None


def _envelope(document: Document) -> Envelope:
    return Envelope.parse([(name, value) for name, value in document["headers"]], document["body"])
