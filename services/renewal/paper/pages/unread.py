"""Pages on which a clerk says what a scanned page shows: first the unread ones, then corrections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.desk.search import RegistrationSearch
from services.renewal.domain.paper.sheet import Sheet, SheetStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form_code
from services.renewal.domain.renewal import Renewal
from services.renewal.pages import urls
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.paper.pages.view import IntakeDesk
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor

_BLANK, _PREVIOUS, _ASIDE = "0", "+", "-"
_PUT_AWAY = {_BLANK: SheetStatus.BLANK, _ASIDE: SheetStatus.SET_ASIDE}
"""What a clerk may type instead of a code."""


class SeveralFound(Exception):
    """The text matches several registrations, or one by its words: the clerk must choose."""

    def __init__(self, found: list[Renewal]) -> None:
        super().__init__(len(found))
        self.found = found


def unread_pages(desk: IntakeDesk, guard: DeskGuard, search: RegistrationSearch) -> APIRouter:
    routes, intake = desk.routes(), desk.intake
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/{batch}/unread")
    async def first(request: Request, batch: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        waiting = await intake.batches.sheets_with(batch, SheetStatus.UNREAD, 1)
        return await _show(desk, request, visitor, batch, waiting[0] if waiting else None)

    @routes.post("/{batch}/sheets/{sheet}")
    async def settle(
        request: Request, batch: UUID, sheet: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        """Field `is`: a code, a tax code, a name, or one of the signs 0, + and -. Field `of`: the one that
        was chosen of several."""
        typed, visitor = submission.get("of") or submission.get("is").strip(), submission.visitor
        try:
            await _classify(desk, search, submission, batch, sheet, typed)
        except SeveralFound as several:
            page = await intake.batches.sheet(batch, sheet)
            return await _show(desk, request, visitor, batch, page, typed, several.found)
        except (RenewalError, InvalidInput) as error:
            page, wrong = await intake.batches.sheet(batch, sheet), why(error, desk.site.words(request))
            return await _show(desk, request, visitor, batch, page, typed, wrong=wrong)
        return RedirectResponse(urls.intake(batch, "unread"), 303)

    return routes


def correction_pages(desk: IntakeDesk, guard: DeskGuard) -> APIRouter:
    """Pages for scans that already have a status, by their code or by a clerk. It can be changed."""
    routes, intake = desk.routes(), desk.intake
    visiting = Depends(guard.visitor)

    @routes.get("/{batch}/sheets")
    async def alike(
        request: Request, batch: UUID, shows: SheetStatus, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        """All scans with the same status."""
        found = await intake.batches.sheets_with(batch, shows)
        values = {"batch": await intake.batches.batch(batch), "shows": shows, "sheets": found}
        return desk.page(request, "paper/sheets.html", visitor, values)

    @routes.get("/{batch}/sheets/{sheet}")
    async def one(
        request: Request, batch: UUID, sheet: UUID, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        return await _show(desk, request, visitor, batch, await intake.batches.sheet(batch, sheet))

    return routes


async def _show(
    desk: IntakeDesk,
    request: Request,
    visitor: Visitor,
    batch_id: UUID,
    sheet: Sheet | None,
    typed: str = "",
    found: list[Renewal] | None = None,
    wrong: str = "",
) -> Response:
    intake = desk.intake
    values = {
        "batch": await intake.batches.batch(batch_id),
        "left": (await intake.tally(batch_id)).sheets[SheetStatus.UNREAD],
        "sheet": sheet,
        "typed": typed,
        "found": found or [],
    }
    return desk.page(request, "paper/unread.html", visitor, values, wrong)


async def _classify(
    desk: IntakeDesk,
    search: RegistrationSearch,
    submission: FormSubmission,
    batch: UUID,
    sheet: UUID,
    typed: str,
) -> Sheet:
    """Raises RenewalError; Several where the text must be chosen from; InvalidInput where nothing matches."""
    intake, person = desk.intake, submission.visitor.person
    if typed in _PUT_AWAY:
        return await intake.mark_sheet(batch, sheet, _PUT_AWAY[typed], person)
    if typed == _PREVIOUS:
        return await intake.match_previous(batch, sheet, person)
    if code := form_code.parse(typed):
        renewal = await intake.entry_service.find_renewal(code)
        return await intake.match(batch, sheet, renewal, code, person)
    found = [stored.state for stored in await search.find(typed)]
    if not found:
        raise InvalidInput("intake.nothing_found")
    raise SeveralFound(found)
