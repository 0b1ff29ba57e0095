"""The list of held changes, and the watch that alerts when there are too many: a person must check them."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from services.subscription.domain.changes.hold_limit import HoldLimit
from services.subscription.lifecycle.listing import SubscriptionFilters, SubscriptionPage, page
from services.subscription.store import Subscriptions
from shared.background.heartbeat import Heartbeat
from shared.resilience.retry import suppress_transient
from shared.storage import mongo
from shared.storage.mongo import Collection
from shared.web.people import Role, TokenVerifier, require_person

log = structlog.get_logger()


class HoldCounts(BaseModel):
    """The number of holds, by reason. `all` counts all subscriptions. `many`: a person must check the
    holds."""

    held: int
    by_reason: dict[str, int]
    all: int
    many: bool


class HoldList(HoldCounts, SubscriptionPage):
    """The number of holds, with the held subscriptions page by page."""


class HoldsPaging(BaseModel):
    """`cursor` is the `next` of the previous page."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


async def count_holds(subscriptions: Subscriptions, hold_limit: HoldLimit) -> HoldCounts:
    counted = await subscriptions.count()
    held = sum(counted.held.values())
    many = hold_limit.exceeded(held, counted.all)
    return HoldCounts(held=held, by_reason=dict(counted.held), all=counted.all, many=many)


def router(subscriptions: Subscriptions, hold_limit: HoldLimit, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(
        prefix="/v1/holds", dependencies=[Depends(require_person(verifier, Role.OPS, Role.DESK))]
    )

    @routes.get("")
    async def holds(paging: Annotated[HoldsPaging, Query()]) -> HoldList:
        """How many changes are held, and for which subscriptions."""
        held = await count_holds(subscriptions, hold_limit)
        filters = SubscriptionFilters(held=True, **paging.model_dump())
        listed = await page(subscriptions, filters)
        return HoldList(**held.model_dump(), items=listed.items, next=listed.next)

    return routes


@dataclass(frozen=True, slots=True)
class HoldsWatch:
    """Logs that there are too many holds, once for each change of their number.

    The collection `told` has the number that was logged last. So only one of several processes logs it, and a
    restarted one doesn't log it again.
    """

    subscriptions: Subscriptions
    hold_limit: HoldLimit
    logged: Collection
    pause_seconds: float

    async def run(self, heartbeat: Heartbeat) -> None:
        while True:
            with suppress_transient("holds.transient_error"):
                heartbeat.beat(await self.check())
            await asyncio.sleep(self.pause_seconds)

    async def check(self) -> str:
        """Count the holds, and return the text for the probe. Too many holds don't make the service
        unready."""
        held = await count_holds(self.subscriptions, self.hold_limit)
        if await self._store_count(held.held if held.many else 0):
            write_log, name = (log.error, "holds.many") if held.many else (log.info, "holds.normal")
            write_log(name, held=held.held, all=held.all, **held.by_reason)
        return f"{held.held} held{': a person must look' if held.many else ''}"

    async def _store_count(self, held: int) -> bool:
        try:
            different = {"_id": "holds", "held": {"$ne": held}}
            result = await self.logged.update_one(different, {"$set": {"held": held}}, upsert=True)
        except mongo.DuplicateKeyError:
            return False
        return result.modified_count == 1 or held > 0
