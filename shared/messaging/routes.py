"""Which function handles which event, and what each kind of handler gets.

`latest` handlers copy state: from the event and its `Position` they compute what is written, and do nothing
else. A write counts only if it is newer than the last one from the same source aggregate; those of many
records are made together. `checked` handlers copy state too, but read first, or refuse. `once` handlers have
an effect: they get the `Cause`, whose message id the aggregate remembers, so that a repeat or a redrive
changes nothing. `pooled` handlers have an effect too, on one aggregate: they return a `PooledChange`, and
those of many records are saved together. `placed` handlers get cause and position: they have an effect that a
later event of the same source aggregate ends.

Of a republished event only the state is copied: it runs `latest` and `checked` handlers.

Of one event type the `latest` handlers come first.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from shared import ids
from shared.events.base import Event
from shared.messaging.consumption.subscriber import EventMessage, EventSubscriber
from shared.messaging.envelope import BadRecord, Envelope, Position, read_event
from shared.resilience.errors import NotYet
from shared.storage.aggregate import Cause
from shared.storage.pooled_change import AnyPooled
from shared.storage.projection import CopyWrite, write_copies

E = TypeVar("E", bound=Event)

Latest = Callable[[E, Position], Sequence[CopyWrite]]
Checked = Callable[[E, Position], Awaitable[Sequence[CopyWrite]]]
Once = Callable[[E, Cause], Awaitable[None]]
Pooled = Callable[[E, Cause], AnyPooled | None]
Placed = Callable[[E, Cause, Position], Awaitable[None]]
_Call = Callable[[Any, Envelope], Awaitable[None]]


class Routes:
    """A service's table of handlers. Several handlers of one event type run in the order they were added."""

    def __init__(self) -> None:
        self._copies: dict[str, list[Latest[Any]]] = {}
        self._pooled: dict[str, Pooled[Any]] = {}
        self._effects: dict[str, list[_Call]] = {}
        self._checked: dict[str, list[_Call]] = {}
        self._models: dict[str, type[Event]] = {}

    def latest(self, model: type[E], *handlers: Latest[E]) -> None:
        if self._effects.get(model.TYPE):
            raise ValueError(f"{model.TYPE}: its `latest` handlers come first")
        self._models[model.TYPE] = model
        self._copies.setdefault(model.TYPE, []).extend(handlers)

    def checked(self, model: type[E], *handlers: Checked[E]) -> None:
        for handler in handlers:
            self._add(model, call := _with_check(handler))
            self._checked.setdefault(model.TYPE, []).append(call)

    def once(self, model: type[E], *handlers: Once[E]) -> None:
        for handler in handlers:
            self._add(model, _with_cause(handler))

    def pooled(self, model: type[E], handler: Pooled[E]) -> None:
        self._pooled[model.TYPE] = handler
        self._add(model, _with_pooled(handler))

    def placed(self, model: type[E], *handlers: Placed[E]) -> None:
        for handler in handlers:
            self._add(model, _with_both(handler))

    def _add(self, model: type[Event], call: _Call) -> None:
        self._models[model.TYPE] = model
        self._effects.setdefault(model.TYPE, []).append(call)

    @property
    def producers(self) -> list[str]:
        """The services whose topics hold the events handled here."""
        return sorted({_producer(event_type) for event_type in self._models})

    def check_origin(self, envelope: Envelope, topic: str) -> None:
        """Raises BadRecord for an event that its own service did not publish: its type, its `ce_source` and
        the topic from which it was read must name the same service. Types without a handler are not
        checked."""
        if envelope.type not in self._models:
            return
        producer = _producer(envelope.type)
        if envelope.source != f"/giahan/{producer}":
            raise BadRecord(f"ce_source is not /giahan/{producer}, whose event this is")
        if topic.split(".")[-2:-1] != [producer]:
            raise BadRecord(f"an event of {producer} on a topic that isn't its own")

    def register(self, subscriber: EventSubscriber) -> None:
        """Register one handler for each event type with FastStream. It runs ours that have effects in their
        order, because FastStream runs only the first handler whose filter fits."""
        for model in self._models.values():
            subscriber(
                self._registered(model, subscriber), filter=_is(model), decoder=partial(_decode, model)
            )

    def _registered(self, model: type[Event], subscriber: EventSubscriber) -> Callable[..., Awaitable[None]]:
        async def handle(event: Any) -> None:
            await self.run(event, cast("Envelope", subscriber.message.envelope))

        handle.__name__, handle.__doc__ = model.__name__, model.__doc__
        handle.__annotations__ = {"event": model, "return": None}
        return handle

    def read(self, envelope: Envelope) -> Event | None:
        """The event, if `copies` or `pooled_change` needs it. Raises BadRecord for a body that does not
        fit."""
        if envelope.type in self._copies or envelope.type in self._pooled:
            return _read(self._models[envelope.type], envelope)
        return None

    def copies(self, event: Event, envelope: Envelope) -> list[CopyWrite]:
        """What the `latest` handlers of an event write. Raises whatever they raise."""
        handlers = self._copies.get(envelope.type, ())
        return [write for handler in handlers for write in handler(event, envelope.position)]

    def pooled_change(self, event: Event, envelope: Envelope) -> AnyPooled | None:
        """The change that is the event's only effect; None if it has another effect or none. Raises whatever
        the handler raises."""
        handler = self._pooled.get(envelope.type)
        if handler is None or envelope.republished or len(self._effects[envelope.type]) > 1:
            return None
        return handler(event, Cause.message(envelope))

    def has_effects(self, envelope: Envelope) -> bool:
        """Whether the event has handlers of the other kinds to run."""
        return bool(self._calls(envelope))

    def _calls(self, envelope: Envelope) -> Sequence[_Call]:
        return (self._checked if envelope.republished else self._effects).get(envelope.type, ())

    async def handle(self, envelope: Envelope) -> None:
        """Run all handlers of an event that is no record now: it was parked, or is redriven.

        Raises BadRecord like `model_of`, or for a body that does not fit; and whatever the handlers raise.
        """
        model = self.model_of(envelope)
        if model is not None:
            event = _read(model, envelope)
            await _write(self.copies(event, envelope))
            await self.run(event, envelope)

    async def run(self, event: Event, envelope: Envelope) -> None:
        """Run the handlers that have effects."""
        for call in self._calls(envelope):
            await call(event, envelope)

    def model_of(self, envelope: Envelope) -> type[Event] | None:
        """The event's model; None for an event type without a handler, which is ignored by contract.

        Raises BadRecord for another version of a handled event, whose effect would be lost silently.
        """
        model = self._models.get(envelope.type)
        name = envelope.type.rpartition(".")[0]
        if model is None and any(known.rpartition(".")[0] == name for known in self._models):
            raise BadRecord(f"a version of {name} that is not known here")
        return model


def _read(model: type[E], envelope: Envelope) -> E:
    """Raises BadRecord for a body that does not fit its model, and for a subscription that is not the one of
    office and product."""
    event = read_event(model, envelope.body)
    _check_subject(event, envelope)
    return event


def _is(model: type[Event]) -> Callable[[EventMessage], Awaitable[bool]]:
    async def fits(
        message: EventMessage,
    ) -> bool:  # a filter that is not async would run in a thread
        return message.envelope is not None and message.envelope.type == model.TYPE

    return fits


async def _decode(model: type[Event], message: EventMessage) -> Event:
    return _read(model, cast("Envelope", message.envelope))


def _producer(event_type: str) -> str:
    return event_type.split(".")[2]


def _check_subject(event: Event, envelope: Envelope) -> None:
    if event.subscription_id != ids.subscription_id(event.office_ref, event.product_code):
        raise BadRecord("subscription_id is not that of office_ref and product_code")
    if envelope.subject != str(event.subscription_id):
        raise BadRecord("ce_subject is not the subscription_id")


async def _write(copies: Sequence[CopyWrite]) -> None:
    """Raises NotYet if one waits for a missing document."""
    if waiting := await write_copies(copies):
        raise NotYet(waiting[0].document)


def _with_check(handler: Checked[Any]) -> _Call:
    async def call(event: Any, envelope: Envelope) -> None:
        await _write(await handler(event, envelope.position))

    return call


def _with_cause(handler: Once[Any]) -> _Call:
    return lambda event, envelope: handler(event, Cause.message(envelope))


def _with_pooled(handler: Pooled[Any]) -> _Call:
    async def call(event: Any, envelope: Envelope) -> None:
        if change := handler(event, Cause.message(envelope)):
            await change.save()

    return call


def _with_both(handler: Placed[Any]) -> _Call:
    return lambda event, envelope: handler(event, Cause.message(envelope), envelope.position)
