"""Events about the invoice of a registration: what the vendor's e-invoice system is to issue, and what it
issued. Amounts are in đồng."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import DocumentRef, Event, Value


class InvoiceBuyer(Value):
    """Who the invoice is for. It has a tax code, a budget code, or both. Personal data."""

    name: str
    tax_code: str | None
    budget_code: str | None
    address: str
    email: str | None
    phone: str | None


class InvoiceLine(Value):
    """One line of the invoice. `vat_percent` null means "not subject to VAT", which is not 0%. `net_vnd` is
    before VAT, `vat_vnd` the VAT, rounded for each line by itself."""

    item: str
    unit: str
    quantity: int
    unit_price: int
    vat_percent: int | None
    net_vnd: int
    vat_vnd: int


class _InvoiceEvent(Event):
    renewal_id: UUID
    registration_no: str


class _RequestEvent(_InvoiceEvent):
    """The whole request. A later `revision` replaces an earlier one. `wanted_on` null: the vendor chooses the
    date. `contract_number` null: requested before the contract."""

    revision: int
    buyer: InvoiceBuyer
    wanted_on: date | None
    lines: tuple[InvoiceLine, ...]
    total_vnd: int
    total_in_words: str
    contract_number: str | None
    contract_date: date | None


class InvoiceRequested(_RequestEvent):
    """The invoice of a registration is to be issued. By rule this is published once, when the contract is in
    force."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.invoice_requested.v1"


class InvoiceRequestChanged(_RequestEvent):
    """The buyer or the date changed before the invoice was issued. `reason` is a clerk's text, or empty."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.invoice_request_changed.v1"

    changed_by: Literal["office", "desk"]
    reason: str


class InvoiceRequestCancelled(_InvoiceEvent):
    """The invoice is not to be issued. `revision`: of the request that is cancelled. `reason` is a clerk's
    text, or says that the registration was closed."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.invoice_request_cancelled.v1"

    revision: int
    reason: str


class _IssuedEvent(_InvoiceEvent):
    """`number` is without leading zeros, `dated` the date on the invoice. `request_revision`: the revision of
    the request on which it was issued; null: not known. `files`: the PDF and the XML, as far as they are
    here."""

    invoice_id: UUID
    symbol: str
    number: str
    dated: date
    lookup_code: str
    lookup_url: str
    total_vnd: int
    request_revision: int | None
    files: tuple[DocumentRef, ...]


class InvoiceIssued(_IssuedEvent):
    """The e-invoice system issued the invoice."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.invoice_issued.v1"


class _CorrectionEvent(_IssuedEvent):
    """`of_symbol` and `of_number` name the invoice that is corrected. `reason` is a clerk's text, or the
    e-invoice system's."""

    of_symbol: str
    of_number: str
    reason: str


class InvoiceAdjusted(_CorrectionEvent):
    """Another invoice adjusts the one before it, which may be an adjustment. `total_vnd` is the difference,
    and may be negative."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.invoice_adjusted.v1"


class InvoiceReplaced(_CorrectionEvent):
    """Another invoice replaces the last one that isn't an adjustment; that one and its adjustments no longer
    count."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.invoice_replaced.v1"
