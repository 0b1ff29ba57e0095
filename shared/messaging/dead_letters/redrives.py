"""Dead letters that people hand to their service once more: the request, the result, and who asked why.

One document a redrive: `_id` is the dead letter's position and how many times it was asked for
(`subscription.events/3/1027#1`). It holds the dead letter itself until it is settled, so that asking is
one insert: dies before it, nothing was asked; after it, the service will do it. What is settled stays.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.messaging.consumption.handling_result import Effect
from shared.messaging.dead_letters.dead_letter import DeadLetter
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
    """The database takes no document of that size, so the record can't be handed over."""


class RedriveStatus(StrEnum):
    ASKED = "asked"
    APPLIED = "applied"
    SKIPPED = "skipped"
    FAILED = "failed"


class Redrive(BaseModel):
    """`by` asked for it `at` (real time), `because`. `did`: what came of it, by document; `fault`: why it
    failed again; `waits_for`: why it isn't settled yet."""

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
        """The redrive of this dead letter, and whether this call asked for it: one that is asked for or
        done already stands. Raises TooLarge."""
        size = len(letter.value or b"") + sum(len(name) + len(value or b"") for name, value in letter.headers)
        if size > LARGEST:
            raise TooLarge(letter.position)
        last = await self.newest_of(letter.position)
        if last and (last.done or last.status is RedriveStatus.ASKED):
            return last, False
        asked = _asked(letter, last.n + 1 if last else 1, by, because, now)
        kept = {"key": letter.key, "value": letter.value, "headers": [list(pair) for pair in letter.headers]}
        try:
            await self._collection.insert_one({"_id": asked.id, **mongo.plain(asked), "letter": kept})
        except mongo.DuplicateKeyError:
            return (await self.by_ids([asked.id]))[0], False
        return asked, True

    async def newest_of(self, position: str) -> Redrive | None:
        """The newest redrive of a dead letter."""
        them = await self.of(position)
        return them[-1] if them else None

    async def of(self, position: str) -> list[Redrive]:
        """The redrives of one dead letter, the oldest first."""
        topic, partition, offset = position.rsplit("/", 2)
        where = {"topic": topic, "partition": int(partition), "offset": int(offset)}
        cursor = self._collection.find(where, {"letter": 0}).sort("n", 1)
        return [Redrive.model_validate(document) async for document in cursor]

    async def by_ids(self, ids: Iterable[str]) -> list[Redrive]:
        """The redrives with these ids, in the order of their source topic."""
        them: list[Redrive] = []
        sought = sorted(ids)
        for first in range(0, len(sought), _AT_ONCE):
            query = {"_id": {"$in": sought[first : first + _AT_ONCE]}}
            cursor = self._collection.find(query, {"letter": 0})
            them += [Redrive.model_validate(document) async for document in cursor]
        return sorted(them, key=attrgetter("topic", "partition", "offset"))

    async def newest(self) -> dict[str, Redrive]:
        """The newest redrive of each dead letter, by position."""
        cursor = self._collection.find({}, {"letter": 0}).sort("n", 1)
        them = [Redrive.model_validate(document) async for document in cursor]
        return {one.position: one for one in them}

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
        did: Mapping[str, Effect],
        fault: str | None = None,
    ) -> None:
        """Store the result and remove the dead letter from the document. The first result stays."""
        result = {"status": status, "settled_at": now, "did": did, "fault": fault, "waits_for": None}
        await self._collection.update_one(
            {"_id": redrive.id, "status": RedriveStatus.ASKED},
            {"$set": mongo.plain(result), "$unset": {"letter": ""}},
        )

    async def wait(self, redrive: Redrive, waits_for: str) -> None:
        """Store why it can't be handled yet; it is tried again."""
        if waits_for != redrive.waits_for:
            await self._collection.update_one({"_id": redrive.id}, {"$set": {"waits_for": waits_for}})


def _asked(letter: DeadLetter, n: int, by: str, because: str, now: datetime) -> Redrive:
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


def _letter(redrive: Redrive, kept: Mapping[str, Any]) -> DeadLetter:
    headers = tuple((name, value) for name, value in kept["headers"])
    return DeadLetter(
        redrive.topic,
        redrive.partition,
        redrive.offset,
        redrive.dead_reason,
        redrive.at,
        kept["key"],
        kept["value"],
        headers,
    )
