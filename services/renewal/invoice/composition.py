"""The invoice flow: the rule that requests, REST, and the pages of office and desk."""

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.invoice import rest
from services.renewal.invoice.files import LARGEST, InvoiceFiles
from services.renewal.invoice.handlers import InvoiceHandlers
from services.renewal.invoice.pages.desk import (
    InvoiceDesk,
    invoice_desk_pages,
    invoice_list_pages,
    invoice_record_pages,
)
from services.renewal.invoice.pages.office import InvoicePage, invoice_pages
from services.renewal.invoice.service import InvoiceService
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard
from shared.web.people import TokenVerifier

_DESK_PAGE = f"{PATH}/desk/registrations/{{id}}/invoice"
LARGER_BODIES = {
    rest.RECORDS: rest.LARGEST,
    rest.FILES: LARGEST,
    f"{_DESK_PAGE}/record": LARGEST + 64 * 1024,
    f"{_DESK_PAGE}/{{issued}}/file": LARGEST + 64 * 1024,
}
"""The largest request bodies in bytes, by path."""


@dataclass(frozen=True, slots=True)
class InvoiceFlow:
    service: InvoiceService
    handlers: InvoiceHandlers
    lookup_url: str
    zone: str

    @classmethod
    def of(cls, core: Core) -> Self:
        files = InvoiceFiles(core.service.documents)
        service = InvoiceService(core.renewals, core.invoices, core.receivables, files, core.clock)
        settings = core.settings
        return cls(service, InvoiceHandlers(service), settings.invoice_lookup_url, settings.vendor_zone)

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return rest.invoice_routers(self.service, self.lookup_url, verifier)

    def pages(self, site: Site, guard: RequestGuard, queries: OfficeQueries) -> list[APIRouter]:
        desk = InvoiceDesk(site, self.service, self.lookup_url, self.zone)
        return [
            invoice_pages(InvoicePage(site, queries, self.service, self.lookup_url), guard),
            invoice_list_pages(desk, DeskGuard(guard)),
            invoice_desk_pages(desk, DeskGuard(guard)),
            invoice_record_pages(desk, DeskGuard(guard)),
        ]
