"""The desk's pages of bank statements: upload, and what came of each."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.payment.bank_line import LineStatus
from services.renewal.domain.payment.statement_file import StatementPhase
from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.typed import why
from services.renewal.pages.urls import PATH
from services.renewal.payment.statement_service import StatementService
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FileSubmission
from shared.web.pages.session import Visitor

UPLOADS = f"{PATH}/desk/statements"
_FILES = 30
Said = Literal["", "uploaded", "known"]


@dataclass(frozen=True, slots=True)
class StatementDesk:
    shell: DeskShell
    statements: StatementService

    async def files(
        self, request: Request, visitor: Visitor, layout: str = "", wrong: str = "", said: Said = ""
    ) -> Response:
        files = await self.statements.files.newest(_FILES)
        at_work = any(file.phase in (StatementPhase.UPLOADED, StatementPhase.READ) for file in files)
        values = {
            "files": files,
            "layouts": await self.statements.layouts.all(),
            "chosen": layout,
            "waiting": await self.statements.lines.count({"status": LineStatus.WAITING}),
            "reloads": at_work,
            "said": said,
        }
        return self.shell.page(request, "payment/statements.html", visitor, values, wrong)


def statement_pages(page: StatementDesk, guard: DeskGuard) -> APIRouter:
    routes, visiting = page.shell.routes(), Depends(guard.visitor)

    @routes.get("/statements")
    async def files(request: Request, visitor: Annotated[Visitor, visiting], said: Said = "") -> Response:
        return await page.files(request, visitor, said=said)

    @routes.post("/statements")
    async def upload(
        request: Request, sent: Annotated[FileSubmission, Depends(guard.file_submission)]
    ) -> Response:
        submission, words = sent.submission, page.shell.site.words(request)
        layout, visitor = submission.get("layout").strip(), submission.visitor
        if not sent.file:
            return await page.files(request, visitor, layout, words("show.empty"))
        try:
            _, is_new = await page.statements.upload(sent.file, layout, visitor.person)
        except RenewalError as error:
            return await page.files(request, visitor, layout, why(error, words))
        said: Said = "uploaded" if is_new else "known"
        return RedirectResponse(f"{urls.desk('statements')}?said={said}", 303)

    return routes
