"""The desk's page of bank lines: those that wait for a clerk, those set aside, and those that a clerk looks
for. A decision that another clerk was faster with brings the line back, with what was typed and who decided
what."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.payment.bank_line import LINE_FLOW, BankLine, LineStatus, LineStep
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.payment.pages.form import read_shares
from services.renewal.payment.pages.line_query import LineQuery, Said
from services.renewal.payment.service import Clerk
from services.renewal.payment.statement_service import AssignmentRequest, StatementService
from services.renewal.texts import REFUSALS
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.storage.aggregate import Stored
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor

_LINES = 50
AnyQuery = Annotated[LineQuery, Query()]
_SAID: Mapping[LineStep, Said] = {
    LineStep.ASSIGN: "assigned",
    LineStep.SET_ASIDE: "set_aside",
    LineStep.REOPEN: "reopened",
}


@dataclass(frozen=True, slots=True)
class UndoneDecision:
    """What a clerk typed at the line `id`, and why the step wasn't done."""

    id: UUID
    step: LineStep
    typed: Mapping[str, str]
    wrong: str


@dataclass(frozen=True, slots=True)
class BankLineDesk:
    shell: DeskShell
    statements: StatementService

    async def show(
        self, request: Request, visitor: Visitor, query: LineQuery, undone: UndoneDecision | None = None
    ) -> Response:
        wrong, found = undone.wrong if undone else "", list[Stored[BankLine]]()
        try:
            found = await self._listed(query)
        except (InvalidInput, RenewalError) as error:
            wrong = wrong or why(error, self.shell.site.words(request))
        lines = await self._with_undone(found[:_LINES], undone)
        values = {
            "lines": lines,
            "orders": (orders := await self._orders(lines)),
            "replacing": await self._replacing(orders),
            "query": query,
            "after": found[_LINES - 1].state.id if len(found) > _LINES else None,
            "undone": undone,
            "further": partial(_further, query),
            "most": _LINES,
            "may": LINE_FLOW.may,
            "key": fresh(),
        }
        return self.shell.page(request, "payment/bank_lines.html", visitor, values, wrong)

    async def _listed(self, query: LineQuery) -> list[Stored[BankLine]]:
        """One more than fit on a page, if there are more. Raises InvalidInput and RenewalError."""
        lines, sought = self.statements.lines, query.sought()
        if sought.is_empty:
            return await lines.with_status(LineStatus(query.listed), _LINES + 1, query.skip)
        last = await lines.load(query.after) if query.after else None
        return await lines.found(sought, _LINES + 1, last.state if last else None)

    async def _with_undone(
        self, found: list[Stored[BankLine]], undone: UndoneDecision | None
    ) -> list[Stored[BankLine]]:
        """The line that a clerk typed at is shown first where it isn't listed any more."""
        if undone is None or any(stored.state.id == undone.id for stored in found):
            return found
        missing = await self.statements.lines.load(undone.id)
        return [missing, *found] if missing else found

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
        step: LineStep,
        do: Callable[[Mapping[str, str], Clerk], Awaitable[object]],
        query: LineQuery,
    ) -> Response:
        """Do the step; show the lines again with what was typed, and why, if it can't be done."""
        words, (seen, key) = self.shell.site.words(request), submission.seen_and_key()
        typed = {name: submission.get(name).strip() for name in ("shares", "reason")}
        try:
            await do(typed, Clerk(submission.visitor.person, key, seen))
        except KeyReused:
            wrong = words("transfer.moved")
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(urls.desk("bank-lines", said=_SAID[step], **query.kept), 303)
        return await self.show(request, submission.visitor, query, UndoneDecision(id, step, typed, wrong))


def _further(query: LineQuery, **change: object) -> str:
    """The address of another page of the same lines."""
    return urls.desk("bank-lines", **query.kept | change)


def _last(known: Mapping[UUID, Renewal], id: UUID) -> Renewal:
    while (after := known[id].replaced_by) and after in known:
        id = after
    return known[id]


def bank_line_pages(page: BankLineDesk, guard: DeskGuard) -> APIRouter:
    routes = page.shell.routes()
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/bank-lines")
    async def lines(request: Request, query: AnyQuery, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.show(request, visitor, query)

    @routes.post("/bank-lines/{id}/assign")
    async def assign(
        request: Request, id: UUID, query: AnyQuery, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        async def do(typed: Mapping[str, str], clerk: Clerk) -> None:
            shares = read_shares(typed["shares"], submission.get("open"))
            why = page.shell.read_reason(request, typed["reason"]) if typed["reason"] else None
            line = await page.statements.assign(id, AssignmentRequest(shares=shares, reason=why), clerk)
            if line.status is LineStatus.WAITING and line.undone in REFUSALS:
                raise RenewalError(line.undone)

        return await page.take(request, submission, id, LineStep.ASSIGN, do, query)

    @routes.post("/bank-lines/{id}/set-aside")
    async def set_aside(
        request: Request, id: UUID, query: AnyQuery, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        async def do(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.statements.set_aside(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, LineStep.SET_ASIDE, do, query)

    @routes.post("/bank-lines/{id}/reopen")
    async def reopen(
        request: Request, id: UUID, query: AnyQuery, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        async def do(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.statements.reopen(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, LineStep.REOPEN, do, query)

    return routes
