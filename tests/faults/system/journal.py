"""Stores whose aggregates keep a journal of their saves' events, written in the same write as the save.

The journal shows what the database has, whichever answers were lost, without asking the outbox, the relay or
the writer. The relay does not know it.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from typing_extensions import override

from shared.background.wake import Wakes
from shared.events.base import Event
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionExpiring,
    SubscriptionTerminated,
)
from shared.storage.aggregate import Cause, Decision, State, Stored, envelopes
from shared.storage.mongo import Collection, Document
from shared.storage.record import Records, Save
from shared.storage.store import Store
from shared.time.clock import Clock

S = TypeVar("S", bound=State)
JOURNAL = "journal"


async def no_delay() -> None:
    """Delay no writer."""


@dataclass(frozen=True)
class JournalSave(Save[S]):
    entry: Document

    @override
    def new_document(self) -> Document:
        return {**super().new_document(), JOURNAL: [self.entry]}

    @property
    @override
    def appended(self) -> dict[str, list[Document]]:
        return {**super().appended, JOURNAL: [self.entry]}


class JournalRecords(Records[S]):
    """`truth` is the world's clock, which no fault changes."""

    def __init__(self, model: type[S], source: str, truth: Clock) -> None:
        super().__init__(model, source, None)
        self._truth = truth
        self._of = source

    @override
    def state(self, document: Document) -> S:
        return super().state(_without(document))

    @override
    def read(self, document: Document) -> Stored[S]:
        return super().read(_without(document))

    @override
    def save(
        self, stored: Stored[S] | None, id: str, decision: Decision[S], cause: Cause, now: datetime
    ) -> Save[S]:
        made = super().save(stored, id, decision, cause, now)
        told = envelopes(self._of, stored or Stored(id, decision.state), decision.events, cause, now)
        events = [
            {
                "id": str(envelope.id),
                "aggregate": envelope.aggregate,
                "sequence": envelope.sequence,
                "type": envelope.type,
                "subject": envelope.subject,
                **_transition(event),
            }
            for envelope, event in zip(told, decision.events, strict=True)
        ]
        message = str(cause.message_id) if cause.message_id else None
        entry = {"cause": message, "at": self._truth.now(), "events": events}
        return JournalSave(made.after, made.state, made.outbox, made.trail, entry)


class JournalStore(Store[S]):
    """`before_write` can delay a writer between its decision and its write, as a busy machine would."""

    def __init__(
        self, collection: Collection, model: type[S], *, source: str, clock: Clock, wakes: Wakes, truth: Clock
    ) -> None:
        super().__init__(collection, model, source=source, clock=clock, wakes=wakes)
        self._records = JournalRecords(model, source, truth)
        self.before_write: Callable[[], Awaitable[None]] = no_delay

    @override
    async def save(
        self, stored: Stored[S] | None, decision: Decision[S], cause: Cause, *, id: str | UUID
    ) -> Stored[S]:
        await self.before_write()
        return await super().save(stored, decision, cause, id=id)

    @override
    async def save_each(self, changes: Iterable[tuple[Stored[S] | None, str, Decision[S], Cause]]) -> bool:
        decided = list(changes)
        await self.before_write()
        return await super().save_each(decided)


class ForgetfulStore(JournalStore[S]):
    """Broken: it does not remember which messages it handled."""

    @override
    async def load(self, id: str | UUID) -> Stored[S] | None:
        stored = await super().load(id)
        return replace(stored, handled={}) if stored else None


def _without(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != JOURNAL}


def _transition(event: Event) -> dict[str, Any]:
    """The fields of an event that changes a subscription's stage, or reminds within a stage."""
    if not isinstance(event, SubscriptionExpiring | AccessLocked | AccessRestored | SubscriptionTerminated):
        return {}
    old, new = event.old_stage.value, event.new_stage.value
    return {"old": old, "stage": new, "day": event.effective_on.isoformat()}
