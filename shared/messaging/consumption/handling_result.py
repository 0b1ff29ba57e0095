"""What the handling of one message changed, for callers that report it: a redrive's result.

Handlers return nothing. The stores record their effects here, if the caller used `record_effects`.
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
        """A recorded change stays, even if another handler then found nothing to do."""
        if self.effects.get(document) is not Effect.CHANGED:
            self.effects[document] = did


def current_recorder() -> HandlingResult | None:
    """The result to which this message's effects are recorded; None if nobody records them."""
    return _current.get()


@contextmanager
def record_effects(message_id: UUID) -> Iterator[HandlingResult]:
    """Records what the block does for the message."""
    token = _current.set(result := HandlingResult(message_id))
    try:
        yield result
    finally:
        _current.reset(token)
