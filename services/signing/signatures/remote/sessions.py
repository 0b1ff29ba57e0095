"""The store of remote signatures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.signing.domain.remote import (
    UNFINISHED,
    RemoteFailure,
    RemoteRefused,
    RemoteSession,
    count_start,
    next_starts,
    session_id,
)
from services.signing.signatures.transfers import Kind
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import IndexModel
from shared.storage.store import Store

INDEX = IndexModel([("status", 1)], name="status")


@dataclass(frozen=True, slots=True)
class SessionKey:
    """One session of a document: that of this attempt."""

    kind: Kind
    renewal_id: UUID
    attempt: int

    @classmethod
    def of(cls, session: RemoteSession) -> "SessionKey":
        return cls(session.kind, session.renewal_id, session.attempt)


@dataclass(frozen=True, slots=True)
class RemoteSessions:
    """Each document's newest session."""

    store: Store[RemoteSession]

    async def find(self, kind: Kind, renewal_id: UUID) -> RemoteSession | None:
        return await self.store.state(session_id(kind, renewal_id))

    async def find_unfinished(self) -> list[RemoteSession]:
        return await self.store.states({"status": {"$in": [each.value for each in UNFINISHED]}})

    async def open(self, session: RemoteSession, now: datetime) -> None:
        """Raises RemoteRefused if too many were opened of late, or if a newer one overtook this one. Dies
        before it: the attempt stays open, and nobody was asked to confirm. After it: whoever starts next goes
        on."""

        def replace(earlier: RemoteSession | None) -> Decision[RemoteSession]:
            if earlier and earlier.is_newer(session, now):
                raise RemoteRefused(RemoteFailure.REPLACED)
            return Decision(session.model_copy(update={"starts": next_starts(earlier, now)}))

        id = session_id(session.kind, session.renewal_id)
        await self.store.change(id, replace, Cause.command())

    async def count_start(self, unstarted: RemoteSession, now: datetime) -> None:
        """Count a one-time password before it is sent, or a name before it is told. Dies after it: one fewer
        is left."""
        id = session_id(unstarted.kind, unstarted.renewal_id)
        await self.store.change(id, lambda earlier: count_start(earlier, unstarted, now), Cause.command())

    async def change(
        self, key: SessionKey, decide: Callable[[RemoteSession], Decision[RemoteSession] | None]
    ) -> RemoteSession | None:
        """The session after it. None if a newer session has replaced it."""

        def decide_known(state: RemoteSession | None) -> Decision[RemoteSession] | None:
            return decide(state) if state and state.attempt == key.attempt else None

        stored = await self.store.change(session_id(key.kind, key.renewal_id), decide_known, Cause.command())
        return stored.state if stored and stored.state.attempt == key.attempt else None
