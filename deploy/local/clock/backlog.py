"""Reads from the databases which work the stack's parts still have to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from deploy.local.stack.parts import PARTS, PLATFORM
from deploy.local.texts import line
from shared.runtime.settings import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Documents = Collection[dict[str, Any]]


@dataclass(slots=True)
class Backlog:
    """Only reads, and only through indexes."""

    client: MongoClient[dict[str, Any]]
    settings: Settings
    _outboxes: list[Documents] = field(init=False, default_factory=list)

    def open(self, now: datetime) -> Iterator[str]:
        """Open work as texts: unpublished events, and what is due at the domain time `now`."""
        for outbox in self._with_outbox():
            if outbox.find_one({"outbox.at": {"$gt": _EPOCH}}, {"_id": 1}):
                yield f"{outbox.full_name}: {line('open.events')}"
        for due, query in self._due(now):
            if due.find_one(query, {"_id": 1}):
                yield f"{due.full_name}: {line('open.due')}"

    def parked(self) -> int:
        """The number of parked messages."""
        return sum(self._of(part)["parked"].count_documents({}) for part in PARTS)

    def _of(self, part: str) -> Any:
        return self.client[self.settings.database(part)]

    def _with_outbox(self) -> list[Documents]:
        """All collections of aggregates. They appear when their service starts for the first time."""
        if not self._outboxes:
            self._outboxes = [
                database[name]
                for database in map(self._of, PARTS)
                for name in database.list_collection_names()
                if "outbox" in database[name].index_information()
            ]
        return self._outboxes

    def _due(self, now: datetime) -> Iterator[tuple[Documents, dict[str, Any]]]:
        yield self._of("subscription")["subscriptions"], {"next_change_at": {"$lte": now}}
        yield self._of("notifier")["notices"], {"due_at": {"$lte": now}}
        yield self._of(PLATFORM)["keepings"], {"due_at": {"$lte": now}}
        yield self._of(PLATFORM)["simulated_invoices"], {"due_at": {"$lte": now}}
