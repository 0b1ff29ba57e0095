"""The deletions that wait for a second person or for the platform: as a list, and as a metric."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Depends
from prometheus_client import Gauge
from pydantic import BaseModel

from services.subscription.domain.deletion_flow import DELETION_FLOW, DeletionStatus
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.store import Subscriptions
from shared.flow_table import Owner
from shared.observability.metrics import Metrics, Refresh
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Role, TokenVerifier, require_person

_MOST = 200


class WaitingDeletionView(BaseModel):
    """A deletion that isn't done. `waits_for` acts next, until `act_by`; after that it is `late`."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    name: str
    status: DeletionStatus
    waits_for: Owner
    terminated_on: date
    proposed_by: str
    reason: str
    act_by: date
    late: bool

    @classmethod
    def of(cls, state: Subscription, policies: Policies, today: date) -> Self | None:
        """None where it waits for nobody."""
        if (deletion := state.deletion) is None:
            return None
        if (act_by := deletion.late_after(StageContext.of(state, policies).deletion_due_on)) is None:
            return None
        return cls(
            subscription_id=state.id,
            office_ref=state.office_ref,
            product_code=state.product_code,
            name=state.licence.name,
            status=deletion.status,
            waits_for=DELETION_FLOW.limits[deletion.status].owner,
            terminated_on=deletion.terminated_on,
            proposed_by=deletion.proposed_by,
            reason=deletion.reason,
            act_by=act_by,
            late=today > act_by,
        )


@dataclass(frozen=True, slots=True)
class WaitingDeletions:
    subscriptions: Subscriptions
    policies: Policies
    clock: Clock
    late: Gauge

    @classmethod
    def of(cls, subscriptions: Subscriptions, policies: Policies, clock: Clock) -> Self:
        what = "Deletions of data for which somebody has been waited too long"
        return cls(subscriptions, policies, clock, Gauge("giahan_deletions_late", what, registry=None))

    async def waiting(self) -> list[WaitingDeletionView]:
        """At most 200, the longest late first."""
        now = self.clock.now()
        found = await self.subscriptions.with_waiting_deletion(_MOST)
        rows = [WaitingDeletionView.of(each, self.policies, civil_date(now, each.zone)) for each in found]
        return sorted([row for row in rows if row], key=lambda row: (row.act_by, row.subscription_id))

    def router(self, verifier: TokenVerifier) -> APIRouter:
        routes = APIRouter(prefix="/v1/deletions", dependencies=[Depends(require_person(verifier, Role.OPS))])

        @routes.get("")
        async def waiting() -> list[WaitingDeletionView]:
            """The deletions that wait for a second person, or for the platform's proof."""
            return await self.waiting()

        return routes

    def register(self, metrics: Metrics) -> Refresh:
        metrics.registry.register(self.late)
        return self._refresh

    async def _refresh(self) -> None:
        self.late.set(sum(row.late for row in await self.waiting()))
