"""HTTP: the validation report on a form or contract of ours, and on any PDF that somebody sends.

It is JSON, or a PDF for a caller that accepts `application/pdf`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.signing.domain.report.report import ValidationReport
from services.signing.pades.uploaded.file import LARGEST
from services.signing.reports.authorized import AuthorizedReports
from services.signing.reports.printer import PDF, PRIVATE, ReportPrinter, pdf_response
from services.signing.reports.views import ReportView, report_view
from shared.text.i18n import Language
from shared.web.body_limit import whole_body
from shared.web.pages.language import requested_language
from shared.web.people import Person

_PRINTED: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: {}}}}

Reader = Callable[..., Awaitable[Person]]
"""A dependency: the person of the request."""


def report_routes(reports: AuthorizedReports, printer: ReportPrinter, reader: Reader) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    signed_in = Depends(reader)

    async def answer(request: Request, report: ValidationReport, kind: str = "") -> Response:
        if PDF in request.headers.get("accept", "").lower():
            return pdf_response(await printer.print(report, _language(request), kind))
        return Response(report_view(report).model_dump_json(), media_type="application/json", headers=PRIVATE)

    @routes.get("/forms/{renewal}/report", response_model=ReportView, responses=_PRINTED)
    async def form(request: Request, renewal: UUID, who: Annotated[Person, signed_in]) -> Response:
        """The report on the signed form, as of its signature. It is made once and kept."""
        return await answer(request, await reports.of_document("form", renewal, who), "form")

    @routes.get("/contracts/{renewal}/report", response_model=ReportView, responses=_PRINTED)
    async def contract(request: Request, renewal: UUID, who: Annotated[Person, signed_in]) -> Response:
        """The report on the signed contract, as of its newest signature. It is made once and kept."""
        return await answer(request, await reports.of_document("contract", renewal, who), "contract")

    @routes.post("/reports", response_model=ReportView, responses=_PRINTED)
    async def upload(request: Request, who: Annotated[Person, signed_in]) -> Response:
        """The report on any PDF of at most 20 MB, as of now; the body is the file. Nothing is stored."""
        return await answer(request, await reports.of_upload(await whole_body(request, LARGEST), who))

    return routes


def _language(request: Request) -> Language:
    """From `?lang=`, else from `accept-language`."""
    english = request.headers.get("accept-language", "vi").strip().lower().startswith("en")
    return requested_language(request) or ("en" if english else "vi")
