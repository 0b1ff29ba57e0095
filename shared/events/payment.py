"""Events about what an office pays for a registration. Amounts are in đồng."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.base import RegistrationEvent


class _PaymentEvent(RegistrationEvent):
    renewal_id: UUID
    registration_no: str


class PaymentClaimed(_PaymentEvent):
    """The office says that it has paid. Nobody has seen the money yet: it is a claim, and gives nothing.
    The vendor looks for it until `seen_by`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.payment_claimed.v1"

    paid_on: date
    claimed_by: Literal["office", "desk"]
    seen_by: date | None = None


class PaymentClaimRefused(_PaymentEvent):
    """The vendor didn't find the money that the office says to have paid. `reason` is a clerk's text.
    `due_on`: a last day to pay that the office didn't have before."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.payment_claim_refused.v1"

    reason: str
    due_on: date | None = None


class _ReceiptEvent(_PaymentEvent):
    """`paid_vnd` is all that has been received for the registration now, of the `total_vnd` to be paid.

    In a joint registration, each product is told its own share and price. `form_paid_vnd` and
    `form_total_vnd` are then those of the whole form. The body leaves them out otherwise.
    """

    receipt_id: UUID
    amount_vnd: int
    paid_vnd: int
    total_vnd: int
    form_paid_vnd: int | None = Field(default=None, exclude_if=lambda value: value is None)
    form_total_vnd: int | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def asked_of_office(self) -> tuple[int, int]:
        """What has been received, and what is to be paid, as the office is told: of the whole form, but of
        one joined product where the event is about that."""
        if self.lead_id or self.form_paid_vnd is None or self.form_total_vnd is None:
            return self.paid_vnd, self.total_vnd
        return self.form_paid_vnd, self.form_total_vnd


class PaymentRecorded(_ReceiptEvent):
    """The vendor received money for the registration, on the day `received_on`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.payment_recorded.v1"

    received_on: date


class PaymentReversed(_ReceiptEvent):
    """A recorded payment no longer counts: it was recorded in error, or given back (`refunded`). `reason` is
    a clerk's text."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.payment_reversed.v1"

    reason: str
    refunded: bool
