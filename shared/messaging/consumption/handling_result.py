"""What the handling of one message did, for those who must say so: a redrive's result.

Handlers return nothing. The stores note here what they did for them, where somebody asked to know.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

_current: ContextVar["HandlingResult | None"] = ContextVar("outcome", default=None)


class Effect(StrEnum):
    """What came of the message in one document."""

    CHANGED = "changed"
    HANDLED = "handled"
    """It had handled the message before."""
    NEWER = "newer"
    """It knew this from the same aggregate, or something newer."""
    UNCHANGED = "unchanged"
    """Nothing in it was to change; the message is remembered."""


@dataclass(slots=True)
class HandlingResult:
    """`did` is by document: `collection/id`."""

    message_id: UUID
    effects: dict[str, Effect] = field(default_factory=dict)

    def loaded(self, document: str, handled: Collection[UUID]) -> None:
        if self.message_id in handled:
            self.note(document, Effect.HANDLED)

    def note(self, document: str, did: Effect) -> None:
        """A change says more than that another handler found nothing to do."""
        if self.effects.get(document) is not Effect.CHANGED:
            self.effects[document] = did


def current_recorder() -> HandlingResult | None:
    """Where the present message's outcome is noted, if anywhere."""
    return _current.get()


@contextmanager
def record_effects(message_id: UUID) -> Iterator[HandlingResult]:
    """Notes what is done for the message in the block."""
    token = _current.set(result := HandlingResult(message_id))
    try:
        yield result
    finally:
        _current.reset(token)
