"""The aggregate: state, the events a decision made, and the message that caused it.

One MongoDB document an aggregate: `{_id, version, sequence, ...state, outbox, handled}`. A save is one
conditional write that sets the state, appends the events to the outbox and remembers the cause, so
that either all of it happened or none. docs/adr/0003 has the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared import ids
from shared.envelope import Envelope
from shared.events.base import Event

# Longer than topics (30 days) and dead letters (60 days) are kept, so that nothing that can still be
# delivered has been forgotten.
MEMORY = timedelta(days=90)


class State(BaseModel):
    """An aggregate's state. Frozen: a change makes a new one (`model_copy`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """What a domain function decided: the new state and what to tell the others, in order."""

    state: S
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a change is made. `message_id` is the event handled, remembered so that it is handled once."""

    message_id: UUID | None
    correlation_id: UUID
    traceparent: str | None = None

    @classmethod
    def command(cls) -> Self:
        """A person or the schedule asked: nothing to remember, a new chain begins."""
        return cls(message_id=None, correlation_id=ids.fresh())

    @classmethod
    def message(cls, envelope: Envelope) -> Self:
        return cls(envelope.id, envelope.correlation_id, envelope.traceparent)


@dataclass(frozen=True, slots=True)
class Stored(Generic[S]):
    """An aggregate as it was read: `version` guards the next save, `sequence` numbers its events."""

    id: str
    state: S
    version: int = 0
    sequence: int = 0
    handled: Mapping[UUID, datetime] = field(default_factory=dict)

    def next(self, decision: Decision[S], cause: Cause, now: datetime) -> "Stored[S]":
        """As it stands once `decision` is saved; messages handled too long ago are forgotten."""
        handled = {id: at for id, at in self.handled.items() if now - at < MEMORY}
        if cause.message_id:
            handled[cause.message_id] = now
        return replace(
            self,
            state=decision.state,
            version=self.version + 1,
            sequence=self.sequence + len(decision.events),
            handled=handled,
        )


def envelopes(
    source: str, stored: Stored[S], events: tuple[Event, ...], cause: Cause, now: datetime
) -> list[Envelope]:
    """The events of one decision as they will be published, numbered on from the aggregate's last."""
    aggregate = f"{source}/{stored.id}"
    return [
        Envelope(
            id=ids.event_id(aggregate, number, event.TYPE),
            type=event.TYPE,
            source=f"/giahan/{source}",
            subject=str(event.subscription_id),
            time=now,
            aggregate=aggregate,
            sequence=number,
            correlation_id=cause.correlation_id,
            causation_id=cause.message_id,
            traceparent=cause.traceparent,
            body=event.model_dump_json().encode(),
        )
        for number, event in enumerate(events, stored.sequence + 1)
    ]
