"""The effects of one message, for callers that report them: a redrive's result.

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
    """The effect of the message on one document."""

    CHANGED = "changed"
    HANDLED = "handled"
    """The document had handled the message before."""
    NEWER = "newer"
    """The document had seen this event or a newer one of the same aggregate."""
    UNCHANGED = "unchanged"
    """The message changed nothing, but the document remembers it."""


@dataclass(slots=True)
class HandlingResult:
    """`effects` are by document: `collection/id`."""

    message_id: UUID
    effects: dict[str, Effect] = field(default_factory=dict)

    def note_loaded(self, document: str, handled: Collection[UUID]) -> None:
        """Note whether the document, just loaded, had handled the message before."""
        if self.message_id in handled:
            self.note(document, Effect.HANDLED)

    def note(self, document: str, effect: Effect) -> None:
        """Record the effect on a document. It never replaces CHANGED: another handler of the same message may
        have nothing to do."""
        if self.effects.get(document) is not Effect.CHANGED:
            self.effects[document] = effect


def current_recorder() -> HandlingResult | None:
    """The result to which this message's effects are recorded; None if nobody records them."""
    return _current.get()


@contextmanager
def record_effects(message_id: UUID) -> Iterator[HandlingResult]:
    """Record the effects of the message within the block."""
    token = _current.set(result := HandlingResult(message_id))
    try:
        yield result
    finally:
        _current.reset(token)
