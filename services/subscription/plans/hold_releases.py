"""HTTP: releases many held dates at once, by their ids or by the import that set them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, model_validator

from services.subscription.changes import SubscriptionChanges
from services.subscription.domain.changes.correction import release_hold
from services.subscription.domain.subscription import Subscription
from services.subscription.requests import PersonRequest, Requester, requester
from services.subscription.texts import FIELDS, TITLES
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Stored
from shared.text.names import Reason
from shared.text.rules import broken_rule
from shared.time.calendar import civil_date
from shared.web.people import Role, TokenVerifier
from shared.web.problems import Problem

BATCH = 500
MOST = 5_000
"""How many dates one request releases at most. It works in batches before it answers."""
_PASSES = 5


class ImportHolds(Protocol):
    def held(self, import_id: UUID) -> AsyncIterator[list[UUID]]:
        """The subscriptions whose dates that import set and that were held, BATCH at a time.

        Raises LookupError if there is no such import.
        """
        ...


class HoldReleaseRequest(PersonRequest):
    """Either `ids` or `import_id`."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=BATCH)] | None = None
    import_id: UUID | None = None
    reason: Reason

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) is (self.import_id is None):
            raise broken_rule(FIELDS, "ids_or_import")
        return self


class HoldReleaseResult(BaseModel):
    """The result. `not_held` and `unknown` are ids of the request.

    `changed` are held, but perhaps because of a later list: check them, and release them by id. `more`: send
    the request again for the rest.
    """

    released: int = 0
    changed: list[UUID] = Field(default_factory=list)
    not_held: list[UUID] = Field(default_factory=list)
    unknown: list[UUID] = Field(default_factory=list)
    more: bool = False


@dataclass(frozen=True, slots=True)
class HoldReleaser:
    """Releases held dates. If the process dies, what is released stays; the same request again does the
    rest."""

    changes: SubscriptionChanges
    rows: ImportHolds

    async def of(self, body: HoldReleaseRequest, cause: Cause) -> HoldReleaseResult:
        await self.changes.clocks_agree()
        if body.ids is not None:
            return await self._batch(body.ids, cause)
        assert body.import_id is not None
        return await self._of_import(body.import_id, cause)

    async def _of_import(self, import_id: UUID, cause: Cause) -> HoldReleaseResult:
        released = 0
        changed: list[UUID] = []
        try:
            async for ids in self.rows.held(import_id):
                if released >= MOST:
                    return HoldReleaseResult(released=released, changed=changed, more=True)
                known = await self.changes.subscriptions.many(ids)
                held = [stored for stored in known.values() if not stored.state.trust.named]
                by_it = {UUID(one.id): None for one in held if set_last_by(import_id, one)}
                changed += [UUID(one.id) for one in held if UUID(one.id) not in by_it]
                released += (await self._batch([*by_it], cause)).released
        except LookupError:
            raise Problem(404, "unknown-import", TITLES["unknown-import"]) from None
        return HoldReleaseResult(released=released, changed=changed)

    async def _batch(self, ids: Sequence[UUID], cause: Cause) -> HoldReleaseResult:
        """Save until none of them is held. A subscription that lost a race is decided again."""
        released: set[str] = set()
        for _ in range(_PASSES):
            known = await self.changes.subscriptions.many(ids)
            held = [stored for stored in known.values() if not stored.state.trust.named]
            if not held:
                others = [id for id in dict.fromkeys(ids) if str(id) not in released]
                return HoldReleaseResult(
                    released=len(released),
                    not_held=[id for id in others if str(id) in known],
                    unknown=[id for id in others if str(id) not in known],
                )
            now, policies = self.changes.clock.now(), self.changes.policies
            decided = [(one, UUID(one.id), release_hold(one.state, now, policies)) for one in held]
            await self.changes.subscriptions.save_many(decided, cause)
            released |= {one.id for one in held}
        raise Conflict("hold-releases: other changes kept coming in between")


def set_last_by(import_id: UUID, stored: Stored[Subscription]) -> bool:
    """Whether that import certainly set the held date: on that day, no later message or request came."""
    if (at := stored.handled.get(import_id)) is None:
        return False
    state = stored.state
    day = civil_date(at, state.zone)
    later = (time for time in stored.handled.values() if time > at)
    return state.trust.set_on == day and all(civil_date(time, state.zone) > day for time in later)


def router(releases: HoldReleaser, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/hold-releases")
    desk_or_ops = Depends(requester(verifier, Role.OPS, Role.DESK))

    @routes.post("")
    async def release(body: HoldReleaseRequest, by: Annotated[Requester, desk_or_ops]) -> HoldReleaseResult:
        """Releases the dates: they are right, and count from today. A repeat of the request releases nothing
        twice."""
        return await releases.of(body, by.cause("release holds", reason=body.reason))

    return routes
