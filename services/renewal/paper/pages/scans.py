"""Pages for the scans of a batch: the feeder's files, one form with its pages, and each page's picture."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import urls
from services.renewal.pages.typed import why
from services.renewal.pages.urls import PATH
from services.renewal.paper.feeder import Feeder
from services.renewal.paper.pages.view import IntakeDesk
from services.renewal.scans.limits import FEEDER, ONE_FORM
from shared.storage.documents import Documents
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FileSubmission, not_found
from shared.web.pages.session import Visitor

_FIELDS = 64 * 1024
_BATCH = f"{PATH}/desk/intake/{{batch}}"
LARGER = {
    f"{_BATCH}/feed": FEEDER.bytes + _FIELDS,
    f"{_BATCH}/entries/{{entry}}/scan": ONE_FORM.bytes + _FIELDS,
}
"""The largest request bodies of the forms with a file, in bytes, by path."""
_HEADERS = {"cache-control": "private, max-age=3600, immutable", "x-content-type-options": "nosniff"}


def scan_pages(desk: IntakeDesk, guard: DeskGuard, feeder: Feeder) -> APIRouter:
    routes, intake = desk.routes(), desk.intake
    bringing = Depends(guard.file_submission)

    @routes.post("/{batch}/feed")
    async def feed(request: Request, batch: UUID, upload: Annotated[FileSubmission, bringing]) -> Response:
        visitor, words = upload.submission.visitor, desk.site.words(request)
        if not upload.file:
            return await desk.batch(request, visitor, batch, wrong=words("show.empty"))
        try:
            await feeder.feed(batch, upload.file, visitor.person)
        except RenewalError as refused:
            return await desk.batch(request, visitor, batch, wrong=why(refused, words))
        return RedirectResponse(f"{urls.intake(batch)}?said=fed", 303)

    @routes.post("/{batch}/entries/{entry}/scan")
    async def attach(
        request: Request, batch: UUID, entry: UUID, upload: Annotated[FileSubmission, bringing]
    ) -> Response:
        visitor, words = upload.submission.visitor, desk.site.words(request)
        if not upload.file:
            return await _one(desk, request, visitor, batch, entry, words("show.empty"))
        try:
            await feeder.feed(batch, upload.file, visitor.person, entry)
        except RenewalError as refused:
            return await _one(desk, request, visitor, batch, entry, why(refused, words))
        found = await intake.batches.entry(batch, entry)
        return RedirectResponse(f"{urls.intake(batch)}?said=fed&entry={found.id}", 303)

    return routes


def sheet_pages(desk: IntakeDesk, guard: DeskGuard, documents: Documents) -> APIRouter:
    routes, visiting = desk.routes(), Depends(guard.visitor)

    @routes.get("/{batch}/entries/{entry}")
    async def form(
        request: Request, batch: UUID, entry: UUID, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        return await _one(desk, request, visitor, batch, entry)

    @routes.get("/{batch}/sheets/{sheet}/picture")
    async def picture(batch: UUID, sheet: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        """The page's picture, rendered again from the upload, and upright."""
        found = await desk.intake.batches.sheet(batch, sheet)
        if found.image is None:
            raise not_found()
        data = await documents.get(found.image.sha256)
        return Response(data, media_type="image/jpeg", headers=_HEADERS)

    return routes


async def _one(
    desk: IntakeDesk, request: Request, visitor: Visitor, batch_id: UUID, entry_id: UUID, wrong: str = ""
) -> Response:
    batches = desk.intake.batches
    values = {
        "batch": await batches.batch(batch_id),
        "line": await desk.intake.line(await batches.entry(batch_id, entry_id)),
        "pages": await batches.pages(entry_id),
    }
    return desk.page(request, "paper/entry.html", visitor, values, wrong)
