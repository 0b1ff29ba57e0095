"""The desk's pages of invoices: the requests that wait, the issued invoices to look at, and the record of one
registration's invoice."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.requested_invoice import (
    RequestedInvoice,
    is_invoiced,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.invoice.pages.form import (
    DETAILS,
    ENTRY,
    InvalidInvoice,
    read_details,
    read_entry,
    read_reason,
    refusal_errors,
    typed_details,
)
from services.renewal.invoice.service import Author, InvoiceService, ListedInvoice
from services.renewal.invoice.texts import lookup_url_of, warning_text
from services.renewal.office.invoice_state import InvoiceState
from services.renewal.pages import urls
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.text.amounts import digits
from shared.time.calendar import civil_date
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FileSubmission, FormSubmission, not_found
from shared.web.pages.session import Visitor
from shared.web.pages.words import PageWords

_MOST = 200
Typed = Mapping[str, str]
Step = Callable[[Typed, Author, PageWords], Awaitable[object]]
_FORM = "/registrations/{id}/invoice"


@dataclass(frozen=True, slots=True)
class InvoiceDesk:
    site: Site
    invoices: InvoiceService
    lookup_url: str
    zone: str

    def routes(self) -> APIRouter:
        prefix = f"{PATH}/desk"
        return APIRouter(prefix=prefix, route_class=self.site.route_class(), include_in_schema=False)

    async def list(self, request: Request, visitor: Visitor) -> Response:
        today = civil_date(self.invoices.clock.now(), self.zone)

        def with_days(listed: Sequence[ListedInvoice]) -> list[tuple[ListedInvoice, int]]:
            since = [(each, each.invoice.waiting_since or each.invoice.look_since) for each in listed]
            return [(each, (today - civil_date(at, self.zone)).days) for each, at in since if at]

        values = {
            "tab": "invoices",
            "rows": with_days(await self.invoices.waiting(_MOST)),
            "looks": with_days(await self.invoices.to_look_at(_MOST)),
            "most": _MOST,
            "warning_text": warning_text,
        }
        return self.site.page(request, "invoice/waiting.html", visitor, values)

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        id: UUID,
        typed: Typed | None = None,
        errors: Typed | None = None,
        said: str = "",
        at: str = "",
    ) -> Response:
        """`at`: the form in which `typed` was typed: record, change, request, cancel, look, or an invoice's
        id."""
        stored = await self.invoices.renewals.load(id)
        if stored is None:
            raise not_found()
        renewal = stored.state
        invoice, version = await self.invoices.of(renewal)
        values = {
            "tab": "invoices",
            "zone": self.zone,
            "made": renewal.registration,
            "invoice": invoice,
            "state": InvoiceState.of(invoice, renewal),
            "warnings": [warning_text(w) for w in await self.invoices.warnings(invoice, renewal)],
            "lookup": {each.id: lookup_url_of(each, self.lookup_url) for each in invoice.issued},
            "details": DETAILS,
            "first": self._first(invoice, renewal),
            "may_request": is_invoiced(renewal)
            and invoice.status in (InvoiceStatus.DECLARED, InvoiceStatus.CANCELLED),
            "may_change": is_invoiced(renewal) and invoice.may_change,
            "may_cancel": invoice.may_change
            and (is_invoiced(renewal) or invoice.status is InvoiceStatus.REQUESTED),
            "typed": typed or {},
            "errors": errors or {},
            "said": said,
            "at": at,
            "seen": version,
            "key": fresh(),
        }
        status = 422 if errors else 200
        return self.site.page(request, "invoice/desk.html", visitor, values, status=status)

    def _first(self, invoice: RequestedInvoice, renewal: Renewal) -> Typed:
        """What the forms show at first. A correction's total is typed: that of an adjustment is the
        difference."""
        today = civil_date(self.invoices.clock.now(), renewal.registration.zone)
        entry = dict.fromkeys(ENTRY, "") | {
            "kind": "replacement" if invoice.issued else "original",
            "dated": f"{today:%d/%m/%Y}",
            "total": "" if invoice.issued else digits(invoice.total),
        }
        return entry | typed_details(invoice)

    async def take(
        self, request: Request, submission: FormSubmission, id: UUID, step: Step, said: str, at: str
    ) -> Response:
        """Do the step; show the page again with what was typed, and why, if it can't be done."""
        words, (seen, key) = self.site.words(request), submission.seen_and_key()
        typed = {name: submission.get(name).strip() for name in (*DETAILS, *ENTRY)}
        try:
            await step(typed, Author(submission.visitor.person, key, seen), words)
        except (InvalidInvoice, RenewalError, KeyReused) as error:
            errors = refusal_errors(error, words)
            return await self.show(request, submission.visitor, id, typed, errors, at=at)
        return RedirectResponse(f"{urls.case(id, 'invoice')}?said={said}", 303)


def invoice_list_pages(page: InvoiceDesk, guard: DeskGuard) -> APIRouter:
    """What waits, and how an issued invoice leaves the list."""
    routes, invoices = page.routes(), page.invoices
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/invoices")
    async def waiting(request: Request, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.list(request, visitor)

    @routes.post(f"{_FORM}/look")
    async def clear_look(
        request: Request, id: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        async def step(typed: Typed, author: Author, words: PageWords) -> None:
            await invoices.clear_look(id, read_reason(typed["reason"], words), author)

        return await page.take(request, submission, id, step, "looked", "look")

    return routes


def invoice_desk_pages(page: InvoiceDesk, guard: DeskGuard) -> APIRouter:
    routes, invoices = page.routes(), page.invoices
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get(_FORM)
    async def show(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, visiting],
        said: Literal["", "requested", "changed", "cancelled", "looked", "recorded", "filed"] = "",
    ) -> Response:
        return await page.show(request, visitor, id, said=said)

    @routes.post(f"{_FORM}/request")
    async def ask(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Typed, author: Author, words: PageWords) -> None:
            await invoices.request(id, author)

        return await page.take(request, submission, id, step, "requested", "request")

    @routes.post(f"{_FORM}/change")
    async def change(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Typed, author: Author, words: PageWords) -> None:
            details, reason = read_details(typed, words), read_reason(typed["reason"], words)
            await invoices.change(id, details, reason, author)

        return await page.take(request, submission, id, step, "changed", "change")

    @routes.post(f"{_FORM}/cancel")
    async def cancel(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Typed, author: Author, words: PageWords) -> None:
            await invoices.cancel(id, read_reason(typed["reason"], words), author)

        return await page.take(request, submission, id, step, "cancelled", "cancel")

    return routes


def invoice_record_pages(page: InvoiceDesk, guard: DeskGuard) -> APIRouter:
    """The forms with a file."""
    routes, invoices, sending = page.routes(), page.invoices, Depends(guard.file_submission)

    @routes.post(f"{_FORM}/record")
    async def record(request: Request, id: UUID, upload: Annotated[FileSubmission, sending]) -> Response:
        submission, file = upload.submission, upload.file

        async def step(typed: Typed, author: Author, words: PageWords) -> None:
            entry = {name: typed[name] for name in ENTRY}
            read = read_entry(entry, submission.number("revision") or 0, words)
            await invoices.record(id, read, (file,) if file else (), author)

        return await page.take(request, submission, id, step, "recorded", "record")

    @routes.post(f"{_FORM}/{{issued}}/file")
    async def add_file(
        request: Request, id: UUID, issued: UUID, upload: Annotated[FileSubmission, sending]
    ) -> Response:
        async def step(typed: Typed, author: Author, words: PageWords) -> None:
            if not upload.file:
                raise InvalidInvoice({"file": words("show.empty")})
            await invoices.add_file(id, issued, upload.file, author)

        return await page.take(request, upload.submission, id, step, "filed", str(issued))

    return routes
