"""The aggregate `RequestedInvoice`: the invoice of one registration, from the request on the form to what the
e-invoice system issued.

The form carries the request, so the rule sends it when the contract is in force. The e-invoice system is the
vendor's other system: here is recorded what it did.
"""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, model_validator

from services.renewal.domain.flow import VALID, RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.invoice.invoice_flow import INVOICE_FLOW, InvoiceStatus, InvoiceStep
from services.renewal.domain.invoice.issued_invoice import IssuedInvoice
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.registration.rules import broken
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.working_days import working_day_after
from shared import ids
from shared.events.invoice import (
    InvoiceBuyer,
)
from shared.storage.aggregate import State
from shared.text.identifiers import BudgetCode, Email, Phone, TaxCode
from shared.text.names import Address, OrganisationName, required_text
from shared.time.calendar import civil_date

LONGEST_EMAIL, LONGEST_PHONE = 50, 20

Side = Literal["office", "desk"]


_BY_KIND = {
    "original": InvoiceStatus.ISSUED,
    "adjustment": InvoiceStatus.ADJUSTED,
    "replacement": InvoiceStatus.REPLACED,
}


class InvoiceDetails(Frozen):
    """What can be changed until the invoice is issued. The lengths are those of the invoice's own fields."""

    name: OrganisationName
    tax_code: TaxCode | None = None
    budget_code: BudgetCode | None = None
    address: Address
    email: Annotated[Email, AfterValidator(required_text(LONGEST_EMAIL))] | None = None
    phone: Annotated[Phone, AfterValidator(required_text(LONGEST_PHONE))] | None = None
    wanted_on: date | None = None

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if not (self.tax_code or self.budget_code):
            raise broken("buyer_code_missing")
        return self

    @property
    def buyer(self) -> InvoiceBuyer:
        return InvoiceBuyer(**self.model_dump(exclude={"wanted_on"}))


class RequestChange(Frozen):
    """The newest change of the request: who, when, and a clerk's reason."""

    side: Side
    at: datetime
    reason: str


class InvoiceLook(Frozen):
    """A clerk looked at an issued invoice that was odd, and why nothing is left to do."""

    at: datetime
    reason: str


class InvoiceRefund(Frozen):
    """Money that was given back, in đồng: a receipt that no longer counts. `left` is what was paid after it.
    `by`: the clerk who noted it."""

    receipt_id: UUID
    amount: int
    left: int
    by: str
    at: datetime


class RequestedInvoice(State):
    """`total` in đồng. `revision` counts the versions of the request that were sent to the e-invoice system,
    `changes` those changes that the office made. `cancelled` is why the invoice isn't wanted any more.
    `waiting_since`: the request waits to be issued since then. `look_since`: the issued invoice waits for a
    correction since then, or for a clerk who says that none is needed (`looked`). `before_contract`: it was
    issued while its registration could still be closed. `refunds`: what was given back, the newest last; a
    clerk looked at the first `refunds_looked_at` of them. `paid`: what counted as received when the invoice
    last followed them. `correct_by`: the last day to adjust or replace the issued invoice because of that;
    None: nothing is to be corrected."""

    id: UUID
    renewal_id: UUID
    buyer: InvoiceBuyer
    wanted_on: date | None
    total: int
    total_in_words: str
    revision: int = 0
    changes: int = 0
    requested_at: datetime | None = None
    change: RequestChange | None = None
    cancelled: str | None = None
    issued: tuple[IssuedInvoice, ...] = ()
    waiting_since: datetime | None = None
    look_since: datetime | None = None
    looked: InvoiceLook | None = None
    before_contract: bool = False
    refunds: tuple[InvoiceRefund, ...] = ()
    refunds_looked_at: int = 0
    paid: int | None = None
    correct_by: date | None = None

    @classmethod
    def of(cls, registration: Registration, total_in_words: str) -> Self:
        """As the form declares it."""
        office, buyer = registration.office, registration.invoice.buyer or registration.office
        return cls(
            id=invoice_id(registration.renewal_id),
            renewal_id=registration.renewal_id,
            buyer=InvoiceBuyer(
                name=buyer.name,
                tax_code=buyer.tax_code,
                budget_code=buyer.budget_code,
                address=buyer.address,
                email=office.contact_email,
                phone=office.contact_phone,
            ),
            wanted_on=registration.invoice.wanted_on,
            total=registration.total,
            total_in_words=total_in_words,
        )

    @property
    def status(self) -> InvoiceStatus:
        if self.issued:
            return _BY_KIND[self.issued[-1].kind]
        if self.cancelled is not None:
            return InvoiceStatus.CANCELLED
        return InvoiceStatus.REQUESTED if self.requested_at else InvoiceStatus.DECLARED

    def late_after(self, zone: str) -> date | None:
        """The last day on which the e-invoice system isn't late with it. None where it isn't awaited."""
        if self.waiting_since is None:
            return None
        limit = INVOICE_FLOW.limits[InvoiceStatus.REQUESTED]
        requested_on = civil_date(self.waiting_since, zone)
        return working_day_after(max(self.wanted_on or requested_on, requested_on), limit.working_days)

    @property
    def whole(self) -> IssuedInvoice:
        """The newest one that isn't an adjustment: it stands for the whole. Raises StopIteration where none
        is issued."""
        return next(each for each in reversed(self.issued) if each.kind != "adjustment")

    @property
    def invoiced(self) -> int:
        """The sum of the issued invoices that count, in đồng: the whole one and its adjustments."""
        since = self.issued[self.issued.index(self.whole) :]
        return sum(each.total for each in since)

    @property
    def to_refund(self) -> tuple[InvoiceRefund, ...]:
        """The refunds because of which the issued invoice says more than is paid. None once a clerk looked at
        them, it was corrected, or the office paid again."""
        if not (self.issued and self.refunds):
            return ()
        left = self.refunds[-1].left if self.paid is None else self.paid
        unseen = self.refunds[self.refunds_looked_at :]
        return tuple(each for each in unseen if max(each.left, left) < self.invoiced)

    @property
    def may_change(self) -> bool:
        return INVOICE_FLOW.may(self.status, InvoiceStep.CHANGE)

    def with_changes(self, **changes: object) -> Self:
        changed = self.model_copy(update=changes)
        waits = changed.status is InvoiceStatus.REQUESTED
        return changed.model_copy(update={"waiting_since": changed.requested_at if waits else None})


def invoice_id(renewal_id: UUID) -> UUID:
    """An id of its own: its events are numbered apart from the renewal's."""
    return ids.derived("requested-invoice", renewal_id)


def is_invoiced(renewal: Renewal) -> bool:
    """Whether an invoice belongs to the registration: not if it is cancelled or refused, or costs nothing."""
    return renewal.status in VALID and renewal.registration.total > 0


def is_shown(state: RequestedInvoice, renewal: Renewal) -> bool:
    """Whether an invoice is to be expected or was issued. Not where a contract of an earlier release is in
    force: its invoice may have been issued outside."""
    if state.issued:
        return True
    in_force = renewal.status is RegistrationStatus.CONTRACT_ISSUED
    return is_invoiced(renewal) and not (in_force and state.status is InvoiceStatus.DECLARED)
