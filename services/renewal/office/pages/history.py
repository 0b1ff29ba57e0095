"""The history: all registrations of an office, how each stands, and the link to its next step."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.domain.flow import VALID
from services.renewal.domain.progress.next_step import NextStep
from services.renewal.domain.renewal import Renewal
from services.renewal.office.pages.step_link import StepLink, step_link
from services.renewal.office.progress import ShownProgress
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import shell
from services.renewal.pages.paths import OfficeRef
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.web.pages.guard import RequestGuard
from shared.web.pages.session import Visitor


def history_pages(site: Site, guard: RequestGuard, queries: OfficeQueries) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("/o/{office_ref}/history")
    async def history(
        request: Request, office_ref: OfficeRef, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        summaries = await queries.summaries(office_ref, visitor)
        renewals = await queries.renewals.of_office(office_ref)
        progress = await queries.progress.of_all(renewals)
        may = visitor.person.may_register(office_ref)
        values: dict[str, object] = {
            "office": shell(summaries[0]),
            "renewals": renewals,
            "progress": progress,
            "grants": await queries.grant_states(renewals),
            "steps": _step_links(renewals, progress, site, may_register=may),
        }
        return site.page(request, "office/history.html", visitor, values)

    return routes


def _step_links(
    renewals: Sequence[Renewal],
    progress: Mapping[UUID, ShownProgress],
    site: Site,
    *,
    may_register: bool,
) -> dict[UUID, StepLink]:
    """By the registration's id."""
    found = {}
    for renewal in renewals:
        id = renewal.registration.renewal_id
        step = progress[id].step
        if step is NextStep.REGISTER_AGAIN and _is_overtaken(renewal, renewals):
            step = NextStep.FOLLOW
        found[id] = step_link(renewal, step, site, may_register=may_register)
    return found


def _is_overtaken(renewal: Renewal, renewals: Sequence[Renewal]) -> bool:
    """Whether a later registration of the subscription is open or has a contract."""
    made = renewal.registration
    return any(
        other.status in VALID
        and other.registration.subscription_id == made.subscription_id
        and other.registration.registered_at > made.registered_at
        for other in renewals
    )
