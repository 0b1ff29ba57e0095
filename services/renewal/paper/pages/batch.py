"""Pages of the desk's batches of posted forms: open one, enter forms with the hand scanner, undo an entry."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.paper.entry import Entry, ManualInput
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import urls
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.paper.pages.view import IntakeDesk, Said, a_day, day_if_any, envelope_if_any
from shared.time.calendar import civil_date
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor

_BATCHES = 30
_CARRIED = ("envelope", "postmarked_on")


def batch_pages(desk: IntakeDesk, guard: DeskGuard) -> APIRouter:
    routes, intake = desk.routes(), desk.intake
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    async def show(request: Request, visitor: Visitor, typed: dict[str, str], wrong: str = "") -> Response:
        found = [(batch, await intake.tally(batch.id)) for batch in await intake.batches.newest(_BATCHES)]
        values = {"batches": found, "typed": typed}
        return desk.page(request, "paper/batches.html", visitor, values, wrong)

    @routes.get("")
    async def batches(request: Request, visitor: Annotated[Visitor, visiting]) -> Response:
        today = civil_date(intake.clock.now(), intake.zone)
        return await show(request, visitor, {"received_on": f"{today:%d/%m/%Y}", "postmarked_on": ""})

    @routes.post("")
    async def open_(request: Request, submission: Annotated[FormSubmission, writing]) -> Response:
        typed = {name: submission.get(name).strip() for name in ("received_on", "postmarked_on")}
        try:
            marked = day_if_any(typed["postmarked_on"])
            post = Post(received_on=a_day(typed["received_on"]), postmarked_on=marked)
            batch = await intake.open(post, submission.visitor.person)
        except (RenewalError, InvalidInput) as error:
            return await show(request, submission.visitor, typed, why(error, desk.site.words(request)))
        return RedirectResponse(urls.intake(batch.id), 303)

    return routes


def entry_pages(desk: IntakeDesk, guard: DeskGuard) -> APIRouter:
    routes, intake = desk.routes(), desk.intake
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/{batch}")
    async def one(
        request: Request,
        batch: UUID,
        visitor: Annotated[Visitor, visiting],
        entry: UUID | None = None,
        said: Said = "",
        envelope: str = "",
        postmarked_on: str = "",
    ) -> Response:
        """`said`: what was just done, to `entry`. `envelope` and `postmarked_on` stay in the form for the
        next entry."""
        spoken = await intake.batches.entry(batch, entry) if entry else None
        typed = {"envelope": envelope, "postmarked_on": postmarked_on}
        return await desk.batch(request, visitor, batch, entry=spoken, said=said, typed=typed)

    @routes.post("/{batch}/enter")
    async def enter(
        request: Request, batch: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        typed = {name: submission.get(name).strip() for name in ("code", *_CARRIED)}
        try:
            input = ManualInput(
                by=submission.visitor.person.sub,
                envelope=envelope_if_any(typed["envelope"]),
                postmarked_on=day_if_any(typed["postmarked_on"]),
            )
            entered = await intake.enter(batch, typed["code"], input)
        except (RenewalError, InvalidInput) as error:
            wrong = why(error, desk.site.words(request))
            return await desk.batch(request, submission.visitor, batch, typed=typed, wrong=wrong)
        said: Said = "fresh" if entered.fresh else "again"
        return _back(entered.entry, said, {name: typed[name] for name in _CARRIED if typed[name]})

    @routes.post("/{batch}/entries/{entry}/undo")
    async def undo(batch: UUID, entry: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        return _back(await intake.undo(batch, entry, submission.visitor.person), "undone", {})

    return routes


def _back(entry: Entry, said: Said, carried: dict[str, str]) -> Response:
    query = urlencode({"entry": entry.id, "said": said, **carried})
    return RedirectResponse(f"{urls.intake(entry.batch_id)}?{query}", 303)
