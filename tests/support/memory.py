"""A store without a database, for tests of handlers. It behaves like the real one:
tests/shared/storage/test_store.py tests both."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from shared.background.wake import Wakes
from shared.messaging.envelope import Envelope
from shared.resilience.errors import AlreadyExists, Conflict
from shared.storage import mongo
from shared.storage.aggregate import Cause, Decision, State, Stored, envelopes
from shared.storage.store import Store
from shared.time.clock import Clock, SystemClock

S = TypeVar("S", bound=State)


class MemoryStore(Store[S]):
    """`unique`: the state's fields that a unique index would cover. `sent`: what a relay would publish."""

    def __init__(self, model: type[S], *, clock: Clock | None = None, unique: Sequence[str] = ()) -> None:
        super().__init__(
            cast("mongo.Collection", None),
            model,
            source="memory",
            clock=clock or SystemClock(),
            wakes=Wakes(),
        )
        self._aggregates: dict[str, Stored[S]] = {}
        self._unique = unique
        self.sent: list[Envelope] = []

    async def load(self, id: str | UUID) -> Stored[S] | None:
        return self._aggregates.get(str(id))

    async def find(
        self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> list[Stored[S]]:
        """Supports equality and `$lte` on the state's fields."""
        found = [stored for stored in self._aggregates.values() if _fits(stored.state, query)]
        for field, direction in reversed(sort):
            found.sort(key=lambda stored: getattr(stored.state, field), reverse=direction < 0)
        return found[:limit] if limit else found

    async def save(
        self, stored: Stored[S] | None, decision: Decision[S], cause: Cause, *, id: str | UUID
    ) -> Stored[S]:
        present = self._aggregates.get(str(id))
        if (present and present.version) != (stored and stored.version):
            raise Conflict(f"memory: {id}")
        self._refuse_duplicates(str(id), decision.state)
        return self._write(stored or Stored(str(id), decision.state), decision, cause, self._clock.now())

    async def save_each(self, changes: Iterable[tuple[Stored[S] | None, str, Decision[S], Cause]]) -> bool:
        all_made = True
        for stored, id, decision, cause in changes:
            try:
                await self.save(stored, decision, cause, id=id)
            except (Conflict, AlreadyExists):
                all_made = False
        return all_made

    def _refuse_duplicates(self, id: str, state: S) -> None:
        for other in self._aggregates.values():
            same = [getattr(other.state, field) == getattr(state, field) for field in self._unique]
            if other.id != id and same and all(same):
                raise AlreadyExists("memory")

    def _write(self, before: Stored[S], decision: Decision[S], cause: Cause, now: datetime) -> Stored[S]:
        after = before.next(decision, cause, now)
        self._aggregates[before.id] = after
        self.sent += envelopes(self._source, before, decision.events, cause, now)
        return after


def _fits(state: State, query: Mapping[str, Any]) -> bool:
    return all(
        getattr(state, field) <= wanted["$lte"]
        if isinstance(wanted, Mapping)
        else getattr(state, field) == wanted
        for field, wanted in query.items()
    )
