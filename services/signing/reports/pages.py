"""The pages of validation reports: of a form or contract of ours, and of a PDF that the visitor chooses."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.signing.domain.report.document import Kind
from services.signing.domain.report.report import ValidationReport
from services.signing.reports.authorized import AuthorizedReports
from services.signing.reports.printer import ReportPrinter, pdf_response
from services.signing.reports.views import template_values, words
from shared.web.pages.guard import FileSubmission, RequestGuard
from shared.web.pages.language import language
from shared.web.pages.session import Visitor
from shared.web.pages.shell import Shell
from shared.web.problems import Problem


@dataclass(frozen=True, slots=True)
class ReportPages:
    site: Shell
    reports: AuthorizedReports
    printer: ReportPrinter

    def choose(self, request: Request, visitor: Visitor, wrong: str = "") -> Response:
        """`wrong`: why the file was not checked."""
        values = {"r": words(language(request)), "wrong": wrong}
        return self.site.page(request, "reports/choose.html", visitor, values, status=422 if wrong else 200)

    async def check(self, request: Request, sent: FileSubmission) -> Response:
        visitor, chosen = sent.submission.visitor, language(request)
        if not sent.file:
            return self.choose(request, visitor, words(chosen)("report.empty"))
        try:
            report = await self.reports.of_upload(sent.file, visitor.person)
        except Problem as refused:
            if refused.status != 422:
                raise
            return self.choose(request, visitor, refused.title.pick(chosen))
        if sent.submission.get("as") == "pdf":
            return pdf_response(await self.printer.print(report, chosen))
        return self._show(request, visitor, report)

    async def show(self, request: Request, kind: Kind, renewal: UUID, visitor: Visitor) -> Response:
        report = await self.reports.of_document(kind, renewal, visitor.person)
        return self._show(request, visitor, report, kind, f"{self.site.root}/{kind}s/{renewal}")

    async def pdf(self, request: Request, kind: Kind, renewal: UUID, visitor: Visitor) -> Response:
        report = await self.reports.of_document(kind, renewal, visitor.person)
        return pdf_response(await self.printer.print(report, language(request), kind))

    def _show(
        self, request: Request, visitor: Visitor, report: ValidationReport, kind: str = "", back: str = ""
    ) -> Response:
        """`back` is the page of the document that is ours."""
        values = template_values(report, language(request), kind)
        more = {"back": back, "download": f"{back}/report.pdf" if back else ""}
        return self.site.page(request, "reports/report.html", visitor, {**values, **more})


def report_pages(pages: ReportPages, guard: RequestGuard) -> APIRouter:
    site = pages.site
    routes = APIRouter(prefix=site.root, route_class=site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("/report")
    async def choose(request: Request, visitor: Annotated[Visitor, visiting]) -> Response:
        return pages.choose(request, visitor)

    @routes.post("/report")
    async def check(
        request: Request, sent: Annotated[FileSubmission, Depends(guard.file_submission)]
    ) -> Response:
        """Checks a PDF and answers with its report, as a page or as a PDF. Nothing is stored."""
        return await pages.check(request, sent)

    @routes.get("/{kind}s/{renewal}/report")
    async def show(
        request: Request, kind: Kind, renewal: UUID, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        return await pages.show(request, kind, renewal, visitor)

    @routes.get("/{kind}s/{renewal}/report.pdf")
    async def pdf(
        request: Request, kind: Kind, renewal: UUID, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        return await pages.pdf(request, kind, renewal, visitor)

    return routes
