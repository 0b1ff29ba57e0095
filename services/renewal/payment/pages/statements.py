"""The desk's pages of bank statements: upload, what came of each, and the lines that wait for a clerk."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.payment.bank_line import BankLine, LineStatus
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.statement_file import StatementPhase
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.pages.urls import PATH
from services.renewal.payment.pages.form import read_shares
from services.renewal.payment.service import Clerk
from services.renewal.payment.statement_service import AssignmentRequest, StatementService
from services.renewal.texts import REFUSALS
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.storage.aggregate import Stored
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FileSubmission, FormSubmission
from shared.web.pages.session import Visitor

UPLOADS = f"{PATH}/desk/statements"
_FILES, _LINES = 30, 50
Said = Literal["", "uploaded", "known", "assigned", "set_aside", "reopened"]
Listed = Literal["waiting", "set_aside"]


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

    async def lines(
        self,
        request: Request,
        visitor: Visitor,
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
        said: Said = "",
        at: UUID | None = None,
        listed: Listed = "waiting",
        skip: int = 0,
    ) -> Response:
        """`at`: the line in whose forms `typed` was typed."""
        found = await self.statements.lines.with_status(LineStatus(listed), _LINES + 1, skip)
        values = {
            "lines": found[:_LINES],
            "orders": (orders := await self._orders(found)),
            "replacing": await self._replacing(orders),
            "listed": listed,
            "before": max(skip - _LINES, 0) if skip else None,
            "after": skip + _LINES if len(found) > _LINES else None,
            "typed": typed or {},
            "at": at,
            "said": said,
            "key": fresh(),
        }
        return self.shell.page(request, "payment/bank_lines.html", visitor, values, wrong)

    async def _orders(self, lines: list[Stored[BankLine]]) -> dict[UUID, tuple[str, int, Receivable]]:
        """The office's name, what is open now, and what it says to have paid, of all candidates, by the
        registration."""
        matches = [stored.state.match for stored in lines if stored.state.match]
        ids = {each.renewal_id for match in matches for each in match.candidates}
        ids |= {share.renewal_id for stored in lines for share in stored.state.shares}
        recorder = self.statements.recorder
        renewals = await recorder.renewals.by_ids(ids)
        receivables = await recorder.receivables.of_all(renewals.values())
        return {
            id: (renewal.registration.office.name, max(known.amount - known.paid, 0), known)
            for id, renewal in renewals.items()
            if (known := receivables.get(id))
        }

    async def _replacing(self, ids: Collection[UUID]) -> dict[UUID, Registration]:
        """The registration that stands in place of each replaced one, also of one replaced in turn."""
        renewals = self.statements.recorder.renewals
        known = await renewals.by_ids(ids)
        while missing := {each.replaced_by for each in known.values() if each.replaced_by} - known.keys():
            if not (found := await renewals.by_ids(missing)):
                break
            known |= found
        return {
            id: last.registration for id in ids if id in known and (last := _last(known, id)) != known[id]
        }

    async def take(
        self,
        request: Request,
        submission: FormSubmission,
        id: UUID,
        step: Callable[[Mapping[str, str], Clerk], Awaitable[object]],
        said: Said,
    ) -> Response:
        """Do the step; show the lines again with what was typed, and why, if it can't be done."""
        words, (seen, key) = self.shell.site.words(request), submission.seen_and_key()
        typed = {name: submission.get(name).strip() for name in ("shares", "reason")}
        try:
            await step(typed, Clerk(submission.visitor.person, key, seen))
        except KeyReused:
            wrong = words("transfer.moved")
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(f"{urls.desk('bank-lines')}?said={said}", 303)
        return await self.lines(request, submission.visitor, typed, wrong, at=id)


def _last(known: Mapping[UUID, Renewal], id: UUID) -> Renewal:
    while (after := known[id].replaced_by) and after in known:
        id = after
    return known[id]


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


def bank_line_pages(page: StatementDesk, guard: DeskGuard) -> APIRouter:
    routes = page.shell.routes()
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/bank-lines")
    async def lines(
        request: Request,
        visitor: Annotated[Visitor, visiting],
        said: Said = "",
        listed: Listed = "waiting",
        skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        return await page.lines(request, visitor, said=said, listed=listed, skip=skip)

    @routes.post("/bank-lines/{id}/assign")
    async def assign(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            shares = read_shares(typed["shares"], submission.get("open"))
            why = page.shell.read_reason(request, typed["reason"]) if typed["reason"] else None
            line = await page.statements.assign(id, AssignmentRequest(shares=shares, reason=why), clerk)
            if line.status is LineStatus.WAITING and line.undone in REFUSALS:
                raise RenewalError(line.undone)

        return await page.take(request, submission, id, step, "assigned")

    @routes.post("/bank-lines/{id}/set-aside")
    async def set_aside(
        request: Request, id: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.statements.set_aside(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, step, "set_aside")

    @routes.post("/bank-lines/{id}/reopen")
    async def reopen(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.statements.reopen(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, step, "reopened")

    return routes
