"""HTTP: the timeline of one subscription: what happened to it and what will happen, date by date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, JsonValue, ValidationError

from services.subscription.changes import unknown_subscription
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.domain.timeline.changes import RecordedChange, past_items
from services.subscription.domain.timeline.items import Item, future_items
from services.subscription.store import Subscriptions
from shared.audit.entries import AuditEntry
from shared.events.base import Stage
from shared.text.csv_lines import BOM, csv_line
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Role, TokenVerifier, require_person

log = structlog.get_logger()

_COLUMNS = ("on", "recorded_at", "kind", "who", "why", "needs", "vi", "en")


class Timeline(BaseModel):
    """`happened` in the order in which it was recorded, `to_come` by rising date: what comes if nothing
    else happens. Both in the office's zone; `stage` is in force `today`."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    today: date
    stage: Stage
    happened: list[Item]
    to_come: list[Item]


@dataclass(frozen=True, slots=True)
class TimelineRoutes:
    subscriptions: Subscriptions
    policies: Policies
    clock: Clock

    def router(self, verifier: TokenVerifier) -> APIRouter:
        reading = [Depends(require_person(verifier, Role.OPS, Role.DESK))]
        routes = APIRouter(prefix="/v1/subscriptions", dependencies=reading)

        @routes.get("/{id}/timeline")
        async def timeline(id: UUID) -> Timeline:
            """The timeline, from the audit and from the calendar as of now."""
            return await self._of(id)

        @routes.get("/{id}/timeline.csv")
        async def sheet(id: UUID) -> Response:
            """The timeline as CSV, one line per item."""
            timeline = await self._of(id)
            lines = [BOM + csv_line(_COLUMNS), *map(_line, (*timeline.happened, *timeline.to_come))]
            headers = {"content-disposition": f'attachment; filename="timeline-{id}.csv"'}
            return Response(b"".join(lines), media_type="text/csv; charset=utf-8", headers=headers)

        return routes

    async def _of(self, id: UUID) -> Timeline:
        stored = await self.subscriptions.load(id)
        if stored is None:
            raise unknown_subscription()
        state, context = stored.state, StageContext.of(stored.state, self.policies)
        today = civil_date(self.clock.now(), state.zone)
        changes = changes_of(await self.subscriptions.history(id))
        return Timeline(
            subscription_id=state.id,
            office_ref=state.office_ref,
            product_code=state.product_code,
            today=today,
            stage=context.stage_on(today),
            happened=[item for change in changes for item in past_items(change, self.policies)],
            to_come=future_items(context, today),
        )


def changes_of(entries: list[AuditEntry]) -> Iterator[RecordedChange]:
    """Each audit entry with the states before and after it."""
    known: dict[str, JsonValue] = {}
    before: Subscription | None = None
    for entry in entries:
        known |= entry.after
        if (after := _state(known, entry)) is not None:
            yield RecordedChange(entry.at, entry.actor, entry.reason, before, after)
            before = after


def _state(known: dict[str, JsonValue], entry: AuditEntry) -> Subscription | None:
    """The state, or None if the entries so far make no valid one: the next valid state has the difference."""
    fields = {name: value for name, value in known.items() if name in Subscription.model_fields}
    try:
        return Subscription.model_validate(fields, extra="ignore")
    except ValidationError:
        log.error("timeline.unreadable", aggregate=entry.aggregate, n=entry.n)
        return None


def _line(item: Item) -> bytes:
    at = item.at.isoformat(timespec="seconds") if item.at else ""
    cells = (item.on.isoformat(), at, item.kind, item.who or "", item.why, " ".join(item.needs), *item.text)
    return csv_line(cells)
