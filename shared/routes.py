"""Which function handles which event, and what each kind of handler may rely on.

`latest` copies state: it gets the event's `Position` and applies it only if that is newer than the
last one from the same source aggregate. `once` has an effect: it gets the `Cause`, whose message id
the aggregate remembers, so that a repeat or a redrive changes nothing. `placed` has an effect that a later
event of the same source aggregate ends: it gets both.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.aggregate import Cause
from shared.envelope import BadRecord, Envelope, read_event
from shared.events.base import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Position:
    """Where an event stands in its source aggregate's own order."""

    aggregate: str
    sequence: int


Latest = Callable[[E, Position], Awaitable[None]]
Once = Callable[[E, Cause], Awaitable[None]]
Placed = Callable[[E, Cause, Position], Awaitable[None]]
_Call = Callable[[Any, Envelope], Awaitable[None]]


class Routes:
    """A service's table of handlers; several of one event type run in the order they were added."""

    def __init__(self) -> None:
        self._calls: dict[str, list[_Call]] = {}
        self._models: dict[str, type[Event]] = {}

    def latest(self, model: type[E], *handlers: Latest[E]) -> None:
        for handler in handlers:
            self._add(model, _with_position(handler))

    def once(self, model: type[E], *handlers: Once[E]) -> None:
        for handler in handlers:
            self._add(model, _with_cause(handler))

    def placed(self, model: type[E], *handlers: Placed[E]) -> None:
        for handler in handlers:
            self._add(model, _with_both(handler))

    def _add(self, model: type[Event], call: _Call) -> None:
        self._models[model.TYPE] = model
        self._calls.setdefault(model.TYPE, []).append(call)

    @property
    def producers(self) -> list[str]:
        """The services whose topics hold the events handled here."""
        return sorted({event_type.split(".")[2] for event_type in self._models})

    async def handle(self, envelope: Envelope) -> None:
        """Run the handlers of this event; events of other types are ignored, that is the contract.

        Raises BadRecord for a body that doesn't fit its model and for another version of an event handled
        here, whose effect would be lost in silence; and whatever the handlers raise.
        """
        model = self._models.get(envelope.type)
        if model is None:
            self._refuse_other_versions(envelope.type)
            return
        event = read_event(model, envelope.body)
        for call in self._calls[envelope.type]:
            await call(event, envelope)

    def _refuse_other_versions(self, event_type: str) -> None:
        name = event_type.rpartition(".")[0]
        if any(known.rpartition(".")[0] == name for known in self._models):
            raise BadRecord(f"a version of {name} that is not known here")


def _with_position(handler: Latest[Any]) -> _Call:
    return lambda event, envelope: handler(event, Position(envelope.aggregate, envelope.sequence))


def _with_cause(handler: Once[Any]) -> _Call:
    return lambda event, envelope: handler(event, Cause.message(envelope))


def _with_both(handler: Placed[Any]) -> _Call:
    return lambda event, envelope: handler(
        event, Cause.message(envelope), Position(envelope.aggregate, envelope.sequence)
    )
