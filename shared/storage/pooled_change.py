"""A pooled change: how one message changes one aggregate, decided from the aggregate's state and one copy.

Alone it costs two reads and a write. The changes by many messages cost the same three round trips: two read
all aggregates and all copies, one writes. Each document's write is the one that `Store.change` makes: it sets
the state, appends the events, remembers the message, and is conditional on the version that was read.

Dies before the write: nothing happened. Dies in the middle of it: some aggregates are changed, each of them
whole. Dies after it: all are. The messages come again, and an aggregate that was changed remembers its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from shared.storage.aggregate import Cause, Decision, State, Stored
from shared.storage.projection import Projection
from shared.storage.store import Store

S = TypeVar("S", bound=State)
M = TypeVar("M", bound=BaseModel)

_ROUNDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class PooledChange(Generic[S, M]):
    """`decide` gets the aggregate's state and the copy, or None for one that is missing. It reads nothing
    else. It returns None to leave all as it is, and raises NotYet or another error to refuse."""

    store: Store[S]
    id: str
    copies: Projection[M]
    copy_id: str
    decide: Callable[[S | None, M | None], Decision[S] | None]
    cause: Cause

    async def save(self) -> None:
        """Raises what `decide` and `Store.change` raise."""
        copy = await self.copies.get(self.copy_id)
        await self.store.change(self.id, lambda state: self.decide(state, copy), self.cause)


AnyPooled = PooledChange[Any, Any]
_Save = tuple[Stored[Any] | None, str, Decision[Any], Cause]


async def save_pooled(changes: Sequence[AnyPooled]) -> list[AnyPooled]:
    """Save many changes, of any stores. Returns those that `PooledChange.save` must save or refuse: what
    `decide` refused, what lost its races, what can't be read, and all but the first of one aggregate.

    Raises what the database raises, and TooLarge. Then some may be saved.
    """
    of_each: dict[tuple[int, int], list[AnyPooled]] = {}
    for change in changes:
        of_each.setdefault((id(change.store), id(change.copies)), []).append(change)
    return [left for group in of_each.values() for left in await _save_group(group)]


async def _save_group(changes: Sequence[AnyPooled]) -> list[AnyPooled]:
    """The changes have one store and one projection. After a lost race all are read and decided again: those
    that were saved remember their messages."""
    store, copies = changes[0].store, changes[0].copies
    first = {change.id: change for change in reversed(changes)}
    found_copies, damaged_copies = await copies.get_readable({change.copy_id for change in first.values()})
    for _ in range(_ROUNDS):
        found, damaged = await store.find_readable({"_id": {"$in": list(first)}})
        unreadable = [
            change for change in first.values() if change.id in damaged or change.copy_id in damaged_copies
        ]
        readable = [change for change in first.values() if change not in unreadable]
        saves, refused = decide_all(readable, {stored.id: stored for stored in found}, found_copies)
        if await store.save_each(saves):
            left = {id(change) for change in [*refused, *unreadable]}
            return [change for change in changes if change is not first[change.id] or id(change) in left]
    return list(changes)


def decide_all(
    changes: Sequence[AnyPooled], known: Mapping[str, Stored[Any]], copies: Mapping[str, Any]
) -> tuple[list[_Save], list[AnyPooled]]:
    """What is to be saved of changes of different aggregates, and the changes that are refused. One whose
    message the aggregate remembers, or that leaves all as it is, is neither."""
    saves: list[_Save] = []
    refused: list[AnyPooled] = []
    for change in changes:
        stored = known.get(change.id)
        if stored and change.cause.message_id in stored.handled:
            continue
        try:
            decision = change.decide(stored.state if stored else None, copies.get(change.copy_id))
        except Exception:  # it is decided again, alone, and then handled as the error says
            refused.append(change)
            continue
        if decision is not None:
            saves.append((stored, change.id, decision, change.cause))
    return saves, refused
