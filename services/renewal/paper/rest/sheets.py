"""HTTP: the feeder's files of a batch, and their pages.

The body of an upload is the file: PDF, JPEG or PNG, up to 200 MB and 500 pages from the feeder, up to 20 MB
and 20 pages as the scan of one form.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.paper.sheet import Sheet, SheetStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form_code
from services.renewal.paper.feeder import Feeder
from services.renewal.paper.intake import Intake
from services.renewal.paper.rest.batches import PATH
from services.renewal.paper.rest.views import FeedView, SheetView
from services.renewal.rest.requests import refusals
from services.renewal.scans.limits import FEEDER, ONE_FORM
from shared.storage.documents import Documents
from shared.web.body_limit import whole_body
from shared.web.people import Person, Role, TokenVerifier, require_person

FEEDS = f"{PATH}/{{batch}}/feeds"
SCAN = f"{PATH}/{{batch}}/entries/{{entry}}/scan"
_SHEETS = f"{PATH}/{{batch}}/sheets"
PICTURE_HEADERS = {"cache-control": "private, max-age=3600, immutable", "x-content-type-options": "nosniff"}


class SheetRequest(BaseModel):
    """What a page shows: the form with `code` (matched), the same form as the page before (previous), nothing
    (blank), or something else than a form (set_aside)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shows: Literal["matched", "previous", "blank", "set_aside"]
    code: str = Field("", max_length=100)


def feed_routes(feeder: Feeder, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter()
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.post(FEEDS, status_code=202)
    async def feed(batch: UUID, request: Request, who: Annotated[Person, clerk]) -> FeedView:
        """Uploads a file of the feeder. Its pages are assigned to the forms whose code they show; pages
        without a code wait for a person."""
        upload = await whole_body(request, FEEDER.bytes)
        with refusals():
            return FeedView.of(await feeder.feed(batch, upload, who))

    @routes.post(SCAN, status_code=202)
    async def attach(batch: UUID, entry: UUID, request: Request, who: Annotated[Person, clerk]) -> FeedView:
        """Uploads the scan of one form."""
        upload = await whole_body(request, ONE_FORM.bytes)
        with refusals():
            return FeedView.of(await feeder.feed(batch, upload, who, entry))

    @routes.get(FEEDS)
    async def all_(batch: UUID, who: Annotated[Person, clerk]) -> list[FeedView]:
        """The batch's files, the oldest first, with the number of pages read."""
        with refusals():
            await feeder.batches.batch(batch)
        return [FeedView.of(each) for each in await feeder.batches.files(batch)]

    return routes


def sheet_routes(intake: Intake, documents: Documents, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=_SHEETS)
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("")
    async def showing(
        batch: UUID, who: Annotated[Person, clerk], shows: SheetStatus = SheetStatus.UNREAD
    ) -> list[SheetView]:
        """The batch's pages with that status, in the order in which they were fed."""
        with refusals():
            await intake.batches.batch(batch)
        return [SheetView.of(sheet) for sheet in await intake.batches.sheets_with(batch, shows)]

    @routes.put("/{sheet}")
    async def settle(
        batch: UUID, sheet: UUID, body: SheetRequest, who: Annotated[Person, clerk]
    ) -> SheetView:
        """A person says what a page shows. It can be changed while the batch is open."""
        with refusals():
            return SheetView.of(await _classify(intake, batch, sheet, body, who))

    @routes.get("/{sheet}/picture", response_class=Response)
    async def picture(batch: UUID, sheet: UUID, who: Annotated[Person, clerk]) -> Response:
        """The page's picture, rendered again from the upload, and upright: a JPEG."""
        with refusals():
            found = await intake.batches.sheet(batch, sheet)
            if found.image is None:
                raise RenewalError("sheet-unknown")
        data = await documents.get(found.image.sha256)
        return Response(data, media_type="image/jpeg", headers=PICTURE_HEADERS)

    return routes


async def _classify(intake: Intake, batch: UUID, sheet: UUID, body: SheetRequest, who: Person) -> Sheet:
    if body.shows == "previous":
        return await intake.match_previous(batch, sheet, who)
    if body.shows != "matched":
        return await intake.mark_sheet(batch, sheet, SheetStatus(body.shows), who)
    if (code := form_code.parse(body.code)) is None:
        raise RenewalError("code-unknown")
    renewal = await intake.entry_service.find_renewal(code)
    return await intake.match(batch, sheet, renewal, code, who)
