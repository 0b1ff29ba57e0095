"""HTTP: the desk's queue, also as a file, and one registration with everything about it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from services.renewal.desk.case import CaseReader
from services.renewal.desk.export import QueueExport
from services.renewal.desk.queue import Queue
from services.renewal.desk.rest.views import CaseView, ClaimView, CountView, QueueView
from services.renewal.domain.desk.queue_filter import QueueFilter
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.rest.requests import PlaceText, refusals
from shared.spreadsheet.sheet_file import SheetKind
from shared.web.people import Person, Role, TokenVerifier, require_person

PATH = "/v1/desk"
LARGEST = 2000


class StrictQueueFilter(QueueFilter):
    """An unknown filter is an error: a list without the filter must not look filtered."""

    model_config = ConfigDict(extra="forbid")


class QueueParameters(StrictQueueFilter):
    """`after`: from the last answer, for the next page."""

    limit: int = Field(100, ge=1, le=LARGEST)
    after: PlaceText = ""


def queue_routes(queue: Queue, export: QueueExport, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=f"{PATH}/queue")
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("")
    async def page(query: Annotated[QueueParameters, Query()], who: Annotated[Person, clerk]) -> QueueView:
        """The longest waiting first."""
        after = QueuePosition.read(query.after) if query.after else None
        return QueueView.of(await queue.page(query, who, query.limit, after))

    @routes.get("/counts")
    async def counts(who: Annotated[Person, clerk]) -> list[CountView]:
        return [CountView.of(status, count) for status, count in (await queue.counts()).items()]

    @routes.get("/file.{kind}")
    async def file(
        kind: SheetKind, sought: Annotated[StrictQueueFilter, Query()], who: Annotated[Person, clerk]
    ) -> Response:
        """All rows that match the filter, for a spreadsheet."""
        with refusals():
            exported = await export.file(kind, sought, who)
        return Response(exported.data, media_type=exported.media_type, headers=exported.headers)

    return routes


def case_routes(queue: Queue, cases: CaseReader, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=PATH)
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.post("/queue/next")
    async def take_next(
        sought: Annotated[StrictQueueFilter, Query()], who: Annotated[Person, clerk]
    ) -> CaseView | None:
        """Claims the longest waiting registration that nobody has claimed; null where there is none."""
        stored = await queue.next(sought, who)
        return CaseView.of(await cases.case(UUID(stored.id))) if stored else None

    @routes.get("/registrations/{id}")
    async def case(id: UUID, who: Annotated[Person, clerk]) -> CaseView:
        with refusals():
            return CaseView.of(await cases.case(id))

    @routes.put("/registrations/{id}/claim")
    async def claim(id: UUID, who: Annotated[Person, clerk], over: bool = False) -> ClaimView:
        """Claims the registration for half an hour, or until its status changes. 409 where another clerk's
        claim is in force, unless it is taken `over`."""
        with refusals():
            return ClaimView.of(await cases.claim(id, who, over=over))

    @routes.delete("/registrations/{id}/claim", status_code=204)
    async def let_go(id: UUID, who: Annotated[Person, clerk]) -> None:
        """Ends the clerk's own claim; does nothing to another clerk's."""
        await cases.claims.release(id, who)

    return routes
