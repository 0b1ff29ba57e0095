"""Pages of the desk items: work for a person that is no decision on a registration."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.desk.items.item_list import ItemFilter, ItemList
from services.renewal.desk.items.item_texts import (
    KINDS,
    STAGES,
    contradiction,
    notice,
    why_dossier,
    why_held,
    why_withheld,
)
from services.renewal.desk.items.items import DeskItems
from services.renewal.desk.pages.board import Board
from services.renewal.domain.desk.desk_item import ItemKind
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import reasons, urls
from services.renewal.pages.paths import queue_position
from services.renewal.texts import refusal_text
from shared.ids import fresh
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor

_MOST = 50
_TEXTS = {
    "kinds": KINDS,
    "stages": STAGES,
    "notice": notice,
    "why_held": why_held,
    "why_dossier": why_dossier,
    "why_withheld": why_withheld,
    "contradiction": contradiction,
}


class ItemQuery(ItemFilter):
    """`after`: the position of the last row on the page before. `said`: the message to show."""

    after: str = ""
    said: Literal["", "done", "released"] = ""
    lang: str = ""

    @property
    def sought(self) -> ItemFilter:
        return ItemFilter(kind=self.kind, office=self.office)


@dataclass(frozen=True, slots=True)
class ItemsPage:
    board: Board
    items: DeskItems
    item_list: ItemList

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        query: ItemQuery,
        *,
        at: UUID | None = None,
        note: str = "",
        wrong: str = "",
    ) -> Response:
        """`note` was typed at the item `at`, which is shown first where it isn't listed any more."""
        page = await self.item_list.page(query.sought, _MOST, queue_position(query.after))
        rows = page.rows
        if at and all(row.position.id != at for row in rows) and (item := await self.items.load(at)):
            rows = [await self.item_list.row(item), *rows]
        values = {"tab": "items", "query": query, "at": at, "note": note, "link": partial(_link, query)}
        values |= {"rows": rows, "after": page.after, "key": fresh(), **_TEXTS}
        return self.board.page(request, "desk/items.html", visitor, values, wrong)

    async def complete(
        self,
        request: Request,
        id: UUID,
        query: ItemQuery,
        submission: FormSubmission,
        *,
        confirms: bool = False,
    ) -> Response:
        words, visitor, typed = self.board.site.words(request), submission.visitor, submission.get("note")
        seen, key = submission.seen_and_key()
        note, wrong = reasons.read(typed, "items.note_empty", words)
        if wrong:
            return await self.show(request, visitor, query, at=id, note=typed, wrong=wrong)
        try:
            await self.items.complete(id, note, visitor.person, confirms=confirms, seen=seen, key=key)
        except RenewalError as refused:
            wrong = words.pick(refusal_text(refused))
            return await self.show(request, visitor, query, at=id, note=typed, wrong=wrong)
        return RedirectResponse(_link(query, said="released" if confirms else "done"), 303)


def item_pages(page: ItemsPage, guard: DeskGuard) -> APIRouter:
    routes = page.board.routes()
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/items")
    async def show(
        request: Request, query: Annotated[ItemQuery, Query()], visitor: Annotated[Visitor, visiting]
    ) -> Response:
        return await page.show(request, visitor, query)

    @routes.post("/items/{id}/done")
    async def complete(
        request: Request,
        id: UUID,
        query: Annotated[ItemQuery, Query()],
        submission: Annotated[FormSubmission, writing],
    ) -> Response:
        return await page.complete(request, id, query, submission)

    @routes.post("/items/{id}/release")
    async def confirm(
        request: Request,
        id: UUID,
        query: Annotated[ItemQuery, Query()],
        submission: Annotated[FormSubmission, writing],
    ) -> Response:
        return await page.complete(request, id, query, submission, confirms=True)

    return routes


def _link(query: ItemQuery, step: str = "", **change: ItemKind | QueuePosition | str) -> str:
    """A link with the same filters and these changes."""
    filters = query.sought.model_dump(mode="json", exclude_none=True)
    return urls.desk(f"items{step}", **{**filters, **change})
