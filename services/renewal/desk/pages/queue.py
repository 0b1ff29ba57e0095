"""Pages of the desk's queue: the filtered list (filters are in the address), the next case, and a file."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.desk.bulk import MOST, MOST_PICKED
from services.renewal.desk.items.item_texts import KINDS
from services.renewal.desk.pages.board import Board
from services.renewal.domain.desk.queue_filter import QueueFilter
from services.renewal.domain.flow import REGISTRATION_FLOW, RegistrationStatus
from services.renewal.pages import urls
from services.renewal.pages.paths import queue_position
from shared.spreadsheet.sheet_file import SheetKind
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor


class QueueQuery(QueueFilter):
    """`after`: the position of the last row on the page before. `pick`: the page has up to MOST_PICKED rows
    instead of MOST, and all are ticked. `said`: the message to show."""

    after: str = ""
    pick: bool = False
    said: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include=set(QueueFilter.model_fields), exclude_none=True)


def queue_pages(board: Board, guard: DeskGuard) -> APIRouter:
    routes, queue = board.routes(), board.queue
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("")
    async def show(
        request: Request, query: Annotated[QueueQuery, Query()], visitor: Annotated[Visitor, visiting]
    ) -> Response:
        most = MOST_PICKED if query.pick else MOST
        page = await queue.page(query, visitor.person, most, queue_position(query.after))
        values = {
            "rows": page.rows,
            "after": page.after,
            "counts": await queue.counts(),
            "dossiers": await board.dossiers.counts(),
            "kinds": KINDS,
            "proposed": await board.void_proposals.waiting(MOST),
            "query": query,
            "link": partial(_link, query),
            "products": await queue.products(),
            "all_statuses": list(RegistrationStatus),
            "owners": REGISTRATION_FLOW.owners,
        }
        return board.page(request, "desk/queue.html", visitor, values)

    @routes.get("/file.{kind}")
    async def file(
        kind: SheetKind, sought: Annotated[QueueFilter, Query()], visitor: Annotated[Visitor, visiting]
    ) -> Response:
        exported = await board.export.file(kind, sought, visitor.person)
        return Response(exported.data, media_type=exported.media_type, headers=exported.headers)

    @routes.post("/next")
    async def take_next(
        sought: Annotated[QueueFilter, Query()], submission: Annotated[FormSubmission, writing]
    ) -> Response:
        stored = await queue.next(sought, submission.visitor.person)
        return RedirectResponse(urls.case(UUID(stored.id)) if stored else urls.desk(said="nothing"), 303)

    return routes


def _link(query: QueueQuery, step: str = "", **change: object) -> str:
    """A link with the same filters and these changes."""
    return urls.desk(step, **{**query.filters, **change})
