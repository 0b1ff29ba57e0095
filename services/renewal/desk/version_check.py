"""Saves a clerk's change only if the stored version is the one that was on the screen.

One conditional save. If the process dies before it, nothing happened. If it dies after it, the same request
with its key finds the work done.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from services.renewal.domain.refusal import RenewalError
from shared.resilience.errors import Conflict, KeyReused
from shared.storage.aggregate import Cause, Decision, State, Stored
from shared.storage.store import Store

S = TypeVar("S", bound=State)
_ATTEMPTS = 5


async def update_if_version(
    store: Store[S],
    id: UUID,
    seen: int | None,
    decide: Callable[[S | None], Decision[S]],
    cause: Cause,
    *,
    moved: str,
) -> Stored[S]:
    """The state after the change. `seen`: the version on the screen (0: nothing was stored; None: any).

    Raises RenewalError(`moved`) if the stored version is another, KeyReused, and whatever `decide` raises.
    """
    for _ in range(_ATTEMPTS):
        stored = await store.load(id)
        if stored and cause.message_id in stored.handled:
            if cause.content_id not in stored.handled:
                raise KeyReused
            return stored
        decision = decide(stored.state if stored else None)
        if seen not in (None, stored.version if stored else 0):
            raise RenewalError(moved)
        with suppress(Conflict):  # somebody else saved first: load again
            return await store.save(stored, decision, cause, id=id)
    raise Conflict(f"{store.collection.name}: lost {_ATTEMPTS} races in a row")
