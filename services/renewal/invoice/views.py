"""The JSON of an invoice. Texts for people are pairs: Vietnamese, English."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.issued_invoice import InvoiceKind, IssuedInvoice
from services.renewal.domain.invoice.request_steps import invoice_lines
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.invoice.warnings import InvoiceWarning, InvoiceWarningKind
from services.renewal.domain.renewal import Renewal
from services.renewal.invoice.texts import lookup_url_of, warning_text
from services.renewal.texts import INVOICE_STATUSES
from shared.events.base import DocumentRef
from shared.events.invoice import InvoiceBuyer, InvoiceLine
from shared.text.i18n import Text


class InvoiceFileView(BaseModel):
    """A file, to be fetched at `href`."""

    name: str
    media_type: str
    size: int
    sha256: str
    href: str

    @classmethod
    def of(cls, renewal_id: UUID, file: DocumentRef) -> Self:
        href = f"/v1/registrations/{renewal_id}/invoice/files/{file.sha256}"
        return cls(**file.model_dump(), href=href)


class IssuedInvoiceView(BaseModel):
    """`total` in đồng; that of an adjustment is the difference. `lookup_url`: where `lookup_code` is typed
    in. Who recorded it is in the audit."""

    id: UUID
    kind: InvoiceKind
    symbol: str
    number: str
    dated: date
    total: int
    lookup_code: str
    lookup_url: str
    reason: str
    request_revision: int | None
    recorded_at: datetime
    files: list[InvoiceFileView]

    @classmethod
    def of(cls, renewal_id: UUID, issued: IssuedInvoice, lookup_url: str) -> Self:
        fields = issued.model_dump(exclude={"recorded_by", "files", "lookup_url"})
        files = [InvoiceFileView.of(renewal_id, file) for file in issued.files]
        return cls(**fields, lookup_url=lookup_url_of(issued, lookup_url), files=files)


class InvoiceWarningView(BaseModel):
    kind: InvoiceWarningKind
    message: Text

    @classmethod
    def of(cls, warning: InvoiceWarning) -> Self:
        return cls(kind=warning.kind, message=warning_text(warning))


class InvoiceChangeView(BaseModel):
    side: Literal["office", "desk"]
    at: datetime
    reason: str


class InvoiceLookView(BaseModel):
    at: datetime
    reason: str


class InvoiceView(BaseModel):
    """The invoice of a registration. `revision`: the version of the request that the e-invoice system was
    sent, 0 before the first. Only for the vendor: `warnings`; `look_since`, since when the issued invoice
    waits for a correction or for a clerk; `looked`, the clerk's answer. `correct_by`: until when the issued
    invoice is adjusted or replaced, because money was given back."""

    renewal_id: UUID
    registration_no: str
    contract_number: str | None
    contract_date: date | None
    status: InvoiceStatus
    status_text: Text
    buyer: InvoiceBuyer
    wanted_on: date | None
    lines: tuple[InvoiceLine, ...]
    total: int
    total_in_words: str
    revision: int
    requested_at: datetime | None
    waiting_since: datetime | None
    change: InvoiceChangeView | None
    cancelled: str | None
    issued: list[IssuedInvoiceView]
    warnings: list[InvoiceWarningView]
    look_since: datetime | None
    looked: InvoiceLookView | None
    correct_by: date | None

    @classmethod
    def of(
        cls,
        invoice: RequestedInvoice,
        renewal: Renewal,
        lookup_url: str,
        warnings: tuple[InvoiceWarning, ...] | None = None,
    ) -> Self:
        """`warnings`: None for an office."""
        change, number = invoice.change, renewal.contract_number
        looked = invoice.looked if warnings is not None else None
        return cls(
            renewal_id=invoice.renewal_id,
            registration_no=renewal.registration.number,
            contract_number=str(number) if number else None,
            contract_date=renewal.contract_date,
            status=invoice.status,
            status_text=INVOICE_STATUSES[invoice.status],
            buyer=invoice.buyer,
            wanted_on=invoice.wanted_on,
            lines=invoice_lines(renewal.registration),
            total=invoice.total,
            total_in_words=invoice.total_in_words,
            revision=invoice.revision,
            requested_at=invoice.requested_at,
            waiting_since=invoice.waiting_since,
            change=InvoiceChangeView.model_validate(change.model_dump()) if change else None,
            cancelled=invoice.cancelled,
            issued=[IssuedInvoiceView.of(invoice.renewal_id, each, lookup_url) for each in invoice.issued],
            warnings=[InvoiceWarningView.of(each) for each in warnings or ()],
            look_since=invoice.look_since if warnings is not None else None,
            looked=InvoiceLookView.model_validate(looked.model_dump()) if looked else None,
            correct_by=invoice.correct_by,
        )


class RecordedInvoiceView(BaseModel):
    """What the e-invoice system is told of what it recorded: nothing of the office."""

    renewal_id: UUID
    status: InvoiceStatus
    invoices: list[UUID]

    @classmethod
    def of(cls, invoice: RequestedInvoice) -> Self:
        ids = [each.id for each in invoice.issued]
        return cls(renewal_id=invoice.renewal_id, status=invoice.status, invoices=ids)
