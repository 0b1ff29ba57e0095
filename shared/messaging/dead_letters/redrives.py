"""Redrives: requests of people to handle a dead letter once more, with their reasons and results.

One document a redrive: `_id` is the dead letter's position and the number of the request
(`subscription.events/3/1027#1`). It holds the dead letter itself until there is a result, so that a request
is one insert: if that dies before it, nothing was requested; after it, the service will do it. The document
stays.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.background import calls
from shared.messaging.consumption.handling_result import Effect
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.resilience.retry import suppress_transient
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel

_IN_ORDER = [("topic", 1), ("partition", 1), ("offset", 1)]
INDEXES = (
    IndexModel([*_IN_ORDER, ("n", 1)], name="place"),
    IndexModel([("status", 1), *_IN_ORDER], name="asked", partialFilterExpression={"status": "asked"}),
)
LARGEST = 12 * 1024 * 1024
_AT_ONCE = 1000


class TooLarge(ValueError):
    """The record cannot be redriven: the database accepts no document of that size."""


class RedriveStatus(StrEnum):
    ASKED = "asked"
    APPLIED = "applied"
    SKIPPED = "skipped"
    FAILED = "failed"


class Redrive(BaseModel):
    """`by` requested it `at` (real time), `because` is the reason. `did`: its effects, by document; `fault`:
    why it failed again; `waits_for`: why it has no result yet; `settled_at`: when it got its result."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    topic: str
    partition: int
    offset: int
    n: int
    type: str
    subject: str
    dead_reason: str
    by: str
    because: str
    at: datetime
    status: RedriveStatus = RedriveStatus.ASKED
    did: Mapping[str, Effect] = {}
    fault: str | None = None
    waits_for: str | None = None
    settled_at: datetime | None = None

    @property
    def position(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def id(self) -> str:
        return f"{self.position}#{self.n}"

    @property
    def done(self) -> bool:
        """The message had its effect or needed none: another redrive would change nothing."""
        return self.status in (RedriveStatus.APPLIED, RedriveStatus.SKIPPED)


class Redrives:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ask(self, letter: DeadLetter, by: str, because: str, now: datetime) -> tuple[Redrive, bool]:
        """Request a redrive of this dead letter. Returns the redrive, and whether this call created it: one
        that is pending or done is returned as it is. Raises TooLarge."""
        size = len(letter.value or b"") + sum(len(name) + len(value or b"") for name, value in letter.headers)
        if size > LARGEST:
            raise TooLarge(letter.position)
        last = await self.newest_of(letter.position)
        if last and (last.done or last.status is RedriveStatus.ASKED):
            return last, False
        redrive = _new_redrive(letter, last.n + 1 if last else 1, by, because, now)
        whole = {"key": letter.key, "value": letter.value, "headers": [list(pair) for pair in letter.headers]}
        try:
            await self._collection.insert_one({"_id": redrive.id, **mongo.plain(redrive), "letter": whole})
        except mongo.DuplicateKeyError:
            return (await self.by_ids([redrive.id]))[0], False
        with suppress_transient("calls.transient_error"):
            await calls.call(self._collection.database["leases"])
        return redrive, True

    async def newest_of(self, position: str) -> Redrive | None:
        """The newest redrive of a dead letter."""
        redrives = await self.of(position)
        return redrives[-1] if redrives else None

    async def of(self, position: str) -> list[Redrive]:
        """The redrives of one dead letter, the oldest first."""
        topic, partition, offset = position.rsplit("/", 2)
        where = {"topic": topic, "partition": int(partition), "offset": int(offset)}
        cursor = self._collection.find(where, {"letter": 0}).sort("n", 1)
        return [Redrive.model_validate(document) async for document in cursor]

    async def by_ids(self, ids: Iterable[str]) -> list[Redrive]:
        """The redrives with these ids, in the order of their source topic."""
        redrives: list[Redrive] = []
        wanted = sorted(ids)
        for first in range(0, len(wanted), _AT_ONCE):
            query = {"_id": {"$in": wanted[first : first + _AT_ONCE]}}
            cursor = self._collection.find(query, {"letter": 0})
            redrives += [Redrive.model_validate(document) async for document in cursor]
        return sorted(redrives, key=attrgetter("topic", "partition", "offset"))

    async def newest(self) -> dict[str, Redrive]:
        """The newest redrive of each dead letter, by position."""
        cursor = self._collection.find({}, {"letter": 0}).sort("n", 1)
        redrives = [Redrive.model_validate(document) async for document in cursor]
        return {redrive.position: redrive for redrive in redrives}

    async def pending(self) -> AsyncIterator[tuple[Redrive, DeadLetter]]:
        """The redrives that wait to be handled, in the order of their source topic."""
        cursor = self._collection.find({"status": RedriveStatus.ASKED}).sort(_IN_ORDER).batch_size(50)
        async for document in cursor:
            yield (redrive := Redrive.model_validate(document)), _letter(redrive, document["letter"])

    async def finish(
        self,
        redrive: Redrive,
        status: RedriveStatus,
        now: datetime,
        effects: Mapping[str, Effect],
        error: str | None = None,
    ) -> None:
        """Store the result and remove the dead letter from the document. A second result is ignored."""
        result = {"status": status, "settled_at": now, "did": effects, "fault": error, "waits_for": None}
        await self._collection.update_one(
            {"_id": redrive.id, "status": RedriveStatus.ASKED},
            {"$set": mongo.plain(result), "$unset": {"letter": ""}},
        )

    async def wait(self, redrive: Redrive, waits_for: str) -> None:
        """Store why the redrive must wait; it is tried again."""
        if waits_for != redrive.waits_for:
            await self._collection.update_one({"_id": redrive.id}, {"$set": {"waits_for": waits_for}})


def _new_redrive(letter: DeadLetter, n: int, by: str, because: str, now: datetime) -> Redrive:
    return Redrive(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        n=n,
        type=letter.type,
        subject=letter.subject,
        dead_reason=letter.reason,
        by=by,
        because=because,
        at=now,
    )


def _letter(redrive: Redrive, stored: Mapping[str, Any]) -> DeadLetter:
    headers = tuple((name, value) for name, value in stored["headers"])
    return DeadLetter(
        redrive.topic,
        redrive.partition,
        redrive.offset,
        redrive.dead_reason,
        redrive.at,
        stored["key"],
        stored["value"],
        headers,
    )
