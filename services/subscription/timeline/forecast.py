"""HTTP: which subscriptions enter which stage in the coming days."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.domain.timeline.forecast import ExpectedStage, Need, forecast_within
from services.subscription.store import Subscriptions
from shared.events.base import Stage
from shared.storage.mongo import Document
from shared.text.csv_lines import BOM, csv_line
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Role, TokenVerifier, require_person

_MOST_DAYS = 366


class ForecastWindow(BaseModel):
    """The next `days` days, counted from today in each office's zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=_MOST_DAYS)] = 30
    product_code: Annotated[str, Field(max_length=64)] | None = None


class ForecastPaging(ForecastWindow):
    """`cursor` is the `next` of the previous page."""

    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ForecastEntry(BaseModel):
    """One office enters a stage on a day `on` of its own zone, once all of `needs` are met."""

    subscription_id: UUID
    office_ref: str
    name: str
    product_code: str
    on: date
    old_stage: Stage
    new_stage: Stage
    needs: tuple[Need, ...]


class ForecastPage(BaseModel):
    """Entries by subscription, each with all of its own. `limit` counts subscriptions. `next` is None at the
    end."""

    items: list[ForecastEntry]
    next: UUID | None


class ForecastCount(BaseModel):
    """How many enter a stage on a day. `waiting` of `count` come only if people act before."""

    on: date
    old_stage: Stage
    new_stage: Stage
    count: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ForecastRoutes:
    subscriptions: Subscriptions
    policies: Policies
    clock: Clock

    def router(self, verifier: TokenVerifier) -> APIRouter:
        routes = APIRouter(
            prefix="/v1", dependencies=[Depends(require_person(verifier, Role.OPS, Role.DESK))]
        )

        @routes.get("/forecast")
        async def page(window: Annotated[ForecastPaging, Query()]) -> ForecastPage:
            """The subscriptions that enter a stage, page by page."""
            return await self._page(window)

        @routes.get("/forecast/days")
        async def days(window: Annotated[ForecastWindow, Query()]) -> list[ForecastCount]:
            """The number of subscriptions that enter a stage, by day and stage."""
            return await self._counts(window)

        @routes.get("/forecast.csv")
        async def sheet(window: Annotated[ForecastWindow, Query()]) -> StreamingResponse:
            """All entries as CSV."""
            headers = {"content-disposition": f'attachment; filename="forecast-{window.days}.csv"'}
            lines = self.lines(window)
            return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)

        return routes

    async def _page(self, window: ForecastPaging) -> ForecastPage:
        items: list[ForecastEntry] = []
        last: UUID | None = None
        found = 0
        async with aclosing(self._entries(window, window.cursor)) as every:
            async for state, entries in every:
                if found == window.limit:
                    return ForecastPage(items=items, next=last)
                items += entries
                last, found = state.id, found + 1
        return ForecastPage(items=items, next=None)

    async def _counts(self, window: ForecastWindow) -> list[ForecastCount]:
        """Counted by groups with equal stage facts: a million subscriptions have a few thousand groups."""
        every: Counter[tuple[date, Stage, Stage]] = Counter()
        waiting: Counter[tuple[date, Stage, Stage]] = Counter()
        async for state, count in self.subscriptions.alike(self._query(window)):
            for one in self._coming(state, window):
                every[one.on, one.old, one.new] += count
                waiting[one.on, one.old, one.new] += count if one.needs else 0
        return [
            ForecastCount(
                on=on, old_stage=old, new_stage=new, count=every[on, old, new], waiting=waiting[on, old, new]
            )
            for on, old, new in sorted(every)
        ]

    async def lines(self, window: ForecastWindow) -> AsyncIterator[bytes]:
        yield BOM + csv_line(ForecastEntry.model_fields)
        async for _, entries in self._entries(window):
            yield b"".join(csv_line(_cells(entry)) for entry in entries)
            await asyncio.sleep(0)  # lets other requests run

    async def _entries(
        self, window: ForecastWindow, after: UUID | None = None
    ) -> AsyncGenerator[tuple[Subscription, list[ForecastEntry]], None]:
        """Subscriptions that enter a stage, by rising id, with their entries."""
        query = self._query(window) | ({"_id": {"$gt": after}} if after else {})
        async for states in self.subscriptions.sweep(query, None):
            for state in states:
                if entries := [_entry(state, one) for one in self._coming(state, window)]:
                    yield state, entries

    def _coming(self, state: Subscription, window: ForecastWindow) -> Iterator[ExpectedStage]:
        today = civil_date(self.clock.now(), state.zone)
        return forecast_within(StageContext.of(state, self.policies), today, window.days)

    def _query(self, window: ForecastWindow) -> Document:
        """The subscriptions that may change within the window, with a day's reserve for time zones."""
        end = self.clock.now() + timedelta(days=window.days + 2)
        query: Document = {"$or": [{"next_change_at": {"$lte": end}}, {"ends_on": {"$lte": end.date()}}]}
        return query | ({"product_code": window.product_code} if window.product_code else {})


def _entry(state: Subscription, one: ExpectedStage) -> ForecastEntry:
    return ForecastEntry(
        subscription_id=state.id,
        office_ref=state.office_ref,
        name=state.licence.name,
        product_code=state.product_code,
        on=one.on,
        old_stage=one.old,
        new_stage=one.new,
        needs=one.needs,
    )


def _cells(entry: ForecastEntry) -> Iterator[str]:
    for value in entry.model_dump(mode="json").values():
        yield " ".join(value) if isinstance(value, list) else str(value)
