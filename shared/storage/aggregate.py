"""The aggregate: its state, the events of a decision, and the message that caused it.

One MongoDB document for each aggregate: `{_id, version, sequence, ...state, outbox, handled}`. A save is one
conditional write that sets the state, appends the events to the outbox and remembers the cause, so that all
of it happens or nothing. docs/adr/0003 has the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared import ids
from shared.events.base import Event
from shared.messaging.envelope import Envelope

# Longer than the retention of topics (30 days) and dead letters (60 days): an aggregate remembers every
# message that can still be delivered again.
MEMORY = timedelta(days=90)


class State(BaseModel):
    """An aggregate's state. It is frozen: a change makes a new one (`model_copy`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """The result of a domain function: the new state, and the events to publish, in order.

    `snapshot`, if any, is the aggregate's whole public state for the compacted topic of its type.
    """

    state: S
    events: tuple[Event, ...] = ()
    snapshot: Event | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a change is made, and by whom.

    `message_id` is the event or request that is handled; the aggregate remembers it, so that it is handled
    once. `content_id` is remembered with it if a repeat must also have the same content. `actor` is
    `service`, `person:SUB` or `event:TYPE`; `reason` is the person's text.
    """

    message_id: UUID | None
    correlation_id: UUID
    traceparent: str | None = None
    actor: str = "service"
    action: str = ""
    reason: str = ""
    content_id: UUID | None = None

    @classmethod
    def command(cls, action: str = "") -> Self:
        """The service itself (its schedule) decided. There is no message to remember, and the correlation id
        is new."""
        return cls(message_id=None, correlation_id=ids.fresh(), action=action)

    @classmethod
    def message(cls, envelope: Envelope) -> Self:
        return cls(
            envelope.id,
            envelope.correlation_id,
            envelope.traceparent,
            actor=f"event:{envelope.type}",
            action="handle",
        )

    @classmethod
    def request(
        cls, sub: str, action: str, reason: str = "", *, key: str | None = None, content: bytes = b""
    ) -> Self:
        """A person's request. `key` is its idempotency key: a repeat of the same person with the same key
        changes nothing, and is refused (KeyReused) if its `content` is different."""
        named = (sub, action, key)
        return cls(
            message_id=ids.derived("request", *named) if key else None,
            correlation_id=ids.fresh(),
            actor=f"person:{sub}",
            action=action,
            reason=reason,
            content_id=ids.derived("request", *named, sha256(content).hexdigest()) if key else None,
        )

    @property
    def remembered(self) -> tuple[UUID, ...]:
        return tuple(id for id in (self.message_id, self.content_id) if id)


@dataclass(frozen=True, slots=True)
class Stored(Generic[S]):
    """An aggregate as it was read. The next save is refused if `version` has changed since. `sequence` is the
    number of its last event.

    `filled` are fields that the model filled in because an older release's document lacks them: the next save
    writes them.
    """

    id: str
    state: S
    version: int = 0
    sequence: int = 0
    handled: Mapping[UUID, datetime] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()

    def next(self, decision: Decision[S], cause: Cause, now: datetime) -> "Stored[S]":
        """The aggregate after `decision` is saved. Messages handled longer ago than MEMORY are forgotten."""
        handled = {id: at for id, at in self.handled.items() if now - at < MEMORY}
        handled |= dict.fromkeys(cause.remembered, now)
        return replace(
            self,
            state=decision.state,
            version=self.version + 1,
            sequence=self.sequence + len(decision.events),
            handled=handled,
            filled=frozenset(),
        )


def snapshot_envelope(
    source: str, after: Stored[S], snapshot: Event, cause: Cause, now: datetime
) -> Envelope:
    """The record of `after` for the compacted topic. Its sequence is the document's version, so that the
    sequence of the events has no gaps. A reader keeps the snapshot with the highest one."""
    aggregate = f"{source}.{snapshot.TOPIC}/{after.id}"
    return _envelope(source, aggregate, after.version, snapshot, cause, now)


def envelopes(
    source: str, stored: Stored[S], events: tuple[Event, ...], cause: Cause, now: datetime
) -> list[Envelope]:
    """The events of one decision as they will be published, numbered after the aggregate's last event."""
    aggregate = f"{source}/{stored.id}"
    return [
        _envelope(source, aggregate, number, event, cause, now)
        for number, event in enumerate(events, stored.sequence + 1)
    ]


def _envelope(
    source: str, aggregate: str, sequence: int, event: Event, cause: Cause, now: datetime
) -> Envelope:
    return Envelope(
        id=ids.event_id(aggregate, sequence, event.TYPE),
        type=event.TYPE,
        source=f"/giahan/{source}",
        subject=str(event.subscription_id),
        time=now,
        aggregate=aggregate,
        sequence=sequence,
        correlation_id=cause.correlation_id,
        causation_id=cause.message_id,
        traceparent=cause.traceparent,
        body=event.model_dump_json().encode(),
    )
