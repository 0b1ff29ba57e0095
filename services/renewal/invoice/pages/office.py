"""The office's page of an invoice: who it is for, what was issued, and what can still be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.invoice.download import invoice_file_response
from services.renewal.invoice.pages.form import (
    DETAILS,
    InvalidInvoice,
    read_details,
    refusal_errors,
    typed_details,
)
from services.renewal.invoice.service import Author, InvoiceService
from services.renewal.invoice.texts import lookup_url_of
from services.renewal.office.invoice_state import InvoiceState
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import urls
from services.renewal.pages.paths import Sha256
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.web.pages.guard import FormSubmission, RequestGuard, not_found
from shared.web.pages.session import Visitor


@dataclass(frozen=True, slots=True)
class InvoicePage:
    site: Site
    queries: OfficeQueries
    invoices: InvoiceService
    lookup_url: str

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        renewal: Renewal,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        said: str = "",
    ) -> Response:
        """404 where nothing is to be invoiced and nothing was."""
        registration = renewal.registration
        invoice, version = await self.invoices.of(renewal)
        if (state := InvoiceState.of(invoice, renewal)) is None:
            raise not_found()
        values = {
            "office": {"ref": registration.office_ref, "name": registration.office.name},
            "made": registration,
            "invoice": invoice,
            "state": state,
            "lookup": {each.id: lookup_url_of(each, self.lookup_url) for each in invoice.issued},
            "names": DETAILS,
            "may_change": invoice.may_change and visitor.person.may_register(registration.office_ref),
            "typed": typed or typed_details(invoice),
            "errors": errors or {},
            "said": said,
            "seen": version,
            "key": fresh(),
        }
        status = 422 if errors else 200
        return self.site.page(request, "invoice/office.html", visitor, values, status=status)

    async def change(self, request: Request, submission: FormSubmission, id: UUID) -> Response:
        visitor, words = submission.visitor, self.site.words(request)
        renewal = await self.queries.to_change(id, visitor)
        typed = {name: submission.get(name).strip() for name in DETAILS}
        seen, key = submission.seen_and_key()
        try:
            details = read_details(typed, words)
            await self.invoices.change(id, details, "", Author(visitor.person, key, seen))
        except (InvalidInvoice, RenewalError, KeyReused) as error:
            return await self.show(request, visitor, renewal, typed, refusal_errors(error, words))
        return RedirectResponse(f"{urls.registration(id, 'invoice')}?said=changed", 303)


def invoice_pages(page: InvoicePage, guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=page.site.route_class(), include_in_schema=False)
    path, visiting = "/registrations/{id}/invoice", Depends(guard.visitor)

    @routes.get(path)
    async def show(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, visiting],
        said: Literal["", "changed"] = "",
    ) -> Response:
        return await page.show(request, visitor, await page.queries.renewal(id, visitor), said=said)

    @routes.post(path)
    async def change(
        request: Request, id: UUID, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        return await page.change(request, submission, id)

    @routes.get(f"{path}/files/{{sha256}}")
    async def file(id: UUID, sha256: Sha256, visitor: Annotated[Visitor, visiting]) -> Response:
        renewal = await page.queries.renewal(id, visitor)
        return invoice_file_response(*await page.invoices.file(renewal, sha256))

    return routes
