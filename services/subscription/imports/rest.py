"""HTTP: imports of a list of licences. One request proposes an import, another confirms it
(docs/reference/import.md)."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from services.subscription.changes import refusals
from services.subscription.imports import report, state, views
from services.subscription.imports.proposer import ImportProposer
from services.subscription.imports.state import Import
from services.subscription.imports.store import Imports
from services.subscription.imports.views import MOST_REMARKS, ImportPage, ImportSummary, ImportView
from services.subscription.requests import ReasonedRequest, Requester, requester
from services.subscription.spreadsheet.reader import LARGEST_BYTES, Unreadable
from services.subscription.texts import TITLES
from shared.storage.aggregate import Cause
from shared.time.clock import Clock
from shared.web.body_limit import whole_body
from shared.web.people import Person, Role, TokenVerifier, require_person
from shared.web.problems import FieldError, Problem

log = structlog.get_logger()


class ImportPaging(BaseModel):
    """`cursor` is the `next` of the previous page."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True)
class ImportRoutes:
    imports: Imports
    proposer: ImportProposer
    clock: Clock

    def router(self, verifier: TokenVerifier) -> APIRouter:
        routes = APIRouter(prefix="/v1/imports")
        ops = Depends(require_person(verifier, Role.OPS))
        by_ops = Depends(requester(verifier, Role.OPS))

        @routes.post("", status_code=201)
        async def propose(request: Request, who: Annotated[Person, ops], response: Response) -> ImportView:
            """Propose a CSV of licences: a dry run. The same bytes are the same import."""
            one, new = await self._propose(await whole_body(request, LARGEST_BYTES), who)
            response.status_code = 201 if new else 200
            response.headers["location"] = f"/v1/imports/{one.id}"
            return await self._whole(one)

        @routes.post("/{id}/confirmation", status_code=202)
        async def confirm(id: UUID, body: ReasonedRequest, by: Annotated[Requester, by_ops]) -> ImportSummary:
            """A named person confirms that the list is right. It is then applied in the background."""
            cause = by.cause(f"confirm import {id}", body, body.reason)
            return ImportSummary.of(await self._confirm(id, by.who.sub, body.reason, cause))

        @routes.get("", dependencies=[ops])
        async def listed(paging: Annotated[ImportPaging, Query()]) -> ImportPage:
            after = views.decode_cursor(paging.cursor) if paging.cursor else None
            return views.page(await self.imports.page(after, paging.limit + 1), paging.limit)

        @routes.get("/{id}", dependencies=[ops])
        async def shown(id: UUID) -> ImportView:
            return await self._whole(await self._known(id))

        @routes.get("/{id}/report.csv", dependencies=[ops], response_class=StreamingResponse)
        async def reported(id: UUID) -> Response:
            """One line for each row of the file."""
            return await self._report(id)

        return routes

    async def _propose(self, file: bytes, who: Person) -> tuple[Import, bool]:
        cause = Cause.request(who.sub, "propose import")
        try:
            one, new = await self.proposer.propose(file, cause, who.sub)
        except Unreadable as unreadable:
            error = unreadable.error
            where = FieldError(
                pointer=f"/{error.row}/{error.field}".rstrip("/"), rule=error.rule, message=error.message
            )
            raise Problem(422, "unreadable-file", TITLES["unreadable-file"], [where]) from None
        log.info("import.proposed", id=str(one.id), by=who.sub, new=new, **one.counts.model_dump())
        return one, new

    async def _confirm(self, id: UUID, by: str, reason: str, cause: Cause) -> Import:
        def decide(one: Import | None) -> state.Decided | None:
            if one is None:
                raise _unknown()
            return state.confirm(one, by, reason, self.clock.now())

        with refusals():
            stored = await self.imports.change(id, decide, cause)
        assert stored is not None
        log.info("import.confirmed", id=str(id), by=stored.state.confirmed_by)
        return stored.state

    async def _known(self, id: UUID) -> Import:
        one = await self.imports.get(id)
        if one is None:
            raise _unknown()
        return one

    async def _whole(self, one: Import) -> ImportView:
        """While its file is read, the counts are of the rows that were read so far."""
        rows = self.imports.rows
        if one.phase == "reading":
            one = one.model_copy(update={"counts": await rows.counts(one.id, one.readings)})
        refused, doubtful = await rows.refused(one, MOST_REMARKS), await rows.doubtful(one, MOST_REMARKS)
        return ImportView.whole(one, await rows.left(one), refused, doubtful)

    async def _report(self, id: UUID) -> Response:
        one = await self._known(id)
        with refusals():
            state.check_was_read(one)
        headers = {"content-disposition": f'attachment; filename="import-{id}.csv"'}
        lines = report.lines(self.imports.rows.all(one))
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _unknown() -> Problem:
    return Problem(404, "unknown-import", TITLES["unknown-import"])
