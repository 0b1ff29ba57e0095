"""The page that closes a batch, with the expected outcomes first."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import urls
from services.renewal.pages.typed import why
from services.renewal.paper.intake import IntakeLine
from services.renewal.paper.pages.view import IntakeDesk
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor


def closure_pages(desk: IntakeDesk, guard: DeskGuard) -> APIRouter:
    routes, intake = desk.routes(), desk.intake
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    async def show(request: Request, visitor: Visitor, batch_id: UUID, wrong: str = "") -> Response:
        lines = await intake.lines(batch_id)
        values = {
            "batch": await intake.batches.batch(batch_id),
            "tally": await intake.tally(batch_id),
            "received": sum(line.why_not is None for line in lines),
            "refused": _by_reason(lines),
        }
        return desk.page(request, "paper/closure.html", visitor, values, wrong)

    @routes.get("/{batch}/close")
    async def preview(request: Request, batch: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        return await show(request, visitor, batch)

    @routes.post("/{batch}/close")
    async def close(
        request: Request, batch: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        try:
            await intake.close(batch, submission.visitor.person)
        except RenewalError as refused:
            wrong = why(refused, desk.site.words(request))
            return await show(request, submission.visitor, batch, wrong)
        return RedirectResponse(f"{urls.intake(batch)}?said=closed", 303)

    return routes


def _by_reason(lines: Iterable[IntakeLine]) -> dict[str, list[IntakeLine]]:
    found: dict[str, list[IntakeLine]] = {}
    for line in lines:
        if line.why_not:
            found.setdefault(line.why_not.reason, []).append(line)
    return found
