"""HTTP: the progress of a registration, as the office's page shows it."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.renewal.office.progress import ProgressReader, ShownProgress
from services.renewal.office.texts import NEXT_STEPS, POINTS
from services.renewal.rest.requests import unknown
from services.renewal.stores.renewals import Renewals
from shared.progress.next_step import NextStep
from shared.progress.point import Milestone, PointDetail, PointState, ProgressPoint
from shared.text.i18n import Text
from shared.web.people import Person, TokenVerifier, require_person


class ProgressPointView(BaseModel):
    """One point of the line. `on`: the day on which it was done or stopped. `waits_for` must act next, at the
    latest on `until`, if there is such a day; `late`: that day has passed."""

    milestone: Milestone
    state: PointState
    detail: PointDetail
    detail_text: Text
    on: date | None
    waits_for: Literal["office", "vendor"] | None
    until: date | None
    late: bool

    @classmethod
    def of(cls, point: ProgressPoint) -> Self:
        return cls(
            milestone=point.milestone,
            state=point.state,
            detail=point.detail,
            detail_text=POINTS[point.detail],
            on=point.on,
            waits_for=point.waits_for,
            until=point.until,
            late=point.late,
        )


class ProgressView(BaseModel):
    """The line: what is done, by its day; at most one point that is `now`; then what comes next. `next_step`:
    what the office itself can do."""

    points: list[ProgressPointView]
    next_step: NextStep
    next_step_text: Text

    @classmethod
    def of(cls, progress: ShownProgress) -> Self:
        points = [ProgressPointView.of(point) for point in progress.line.points]
        return cls(points=points, next_step=progress.step, next_step_text=NEXT_STEPS[progress.step])


def progress_routes(renewals: Renewals, reader: ProgressReader, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations")
    anyone = Depends(require_person(verifier))

    @routes.get("/{id}/progress")
    async def progress(id: UUID, who: Annotated[Person, anyone]) -> ProgressView:
        """What is done of the renewal, where it is now, and what comes next."""
        stored = await renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        return ProgressView.of(await reader.of(stored.state))

    return routes
