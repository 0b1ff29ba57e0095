"""HTTP: the history of an office as a file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.renewal.office.history_export import COST, HistoryExport
from services.renewal.rest.requests import refusals
from shared.spreadsheet.sheet_file import SheetKind
from shared.web.people import Person, TokenVerifier, require_person


def history_routes(export: HistoryExport, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/offices/{office_ref}/registrations")
    anyone = Depends(require_person(verifier))

    @routes.get("/file.{kind}")
    async def file(office_ref: str, kind: SheetKind, who: Annotated[Person, anyone]) -> Response:
        """All the office's registrations, the newest first, for a spreadsheet."""
        with refusals():
            verifier.spend(who, COST)
            exported = await export.file(kind, office_ref, who)
        return Response(exported.data, media_type=exported.media_type, headers=exported.headers)

    return routes
