"""Copies how a registration is paid and invoiced, and what resources its contract gives."""

from dataclasses import dataclass
from typing import Any

from services.notifier.domain.payment.matter import CommitmentEvent
from services.notifier.notices.status_copies import StatusCopies
from shared.events.commitment import CommitmentAccepted, CommitmentExtended, CommitmentRefused, PaymentAwaited
from shared.events.invoice import (
    InvoiceIssued,
    InvoiceRequestCancelled,
    InvoiceRequestChanged,
    InvoiceRequested,
)
from shared.events.payment import PaymentClaimed, PaymentClaimRefused, PaymentRecorded, PaymentReversed
from shared.events.resources import ResourcesRequested
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.storage.projection import CopyWrite


@dataclass(frozen=True, slots=True)
class MoneyHandlers:
    copies: StatusCopies

    def add_routes(self, routes: Routes) -> None:
        routes.latest(CommitmentAccepted, self.copy_commitment)
        routes.latest(CommitmentRefused, self.copy_commitment)
        routes.latest(CommitmentExtended, self.copy_commitment)
        routes.latest(PaymentAwaited, self.copy_payment_reminder)
        routes.latest(PaymentClaimed, self.copy_claim)
        routes.latest(PaymentClaimRefused, self.copy_claim)
        routes.latest(PaymentRecorded, self.copy_receipt)
        routes.latest(PaymentReversed, self.copy_receipt)
        routes.latest(InvoiceRequested, self.copy_invoice_request)
        routes.latest(InvoiceRequestChanged, self.copy_invoice_request)
        routes.latest(InvoiceRequestCancelled, self.copy_invoice_cancellation)
        routes.latest(InvoiceIssued, self.copy_invoice)
        routes.latest(ResourcesRequested, self.copy_grant)

    def copy_commitment(self, event: CommitmentEvent, at: Position) -> list[CopyWrite]:
        if isinstance(event, CommitmentRefused):
            decided, pay_by, until = "refused", event.due_on or event.pay_by, None
        else:
            decided, pay_by, until = "accepted", event.pay_by, event.access_until
        fields = {
            "payment.commitment": decided,
            "payment.pay_by": pay_by,
            "payment.access_until": until,
        }
        return self.copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_payment_reminder(self, event: PaymentAwaited, at: Position) -> list[CopyWrite]:
        """That a claimed payment isn't seen is no reminder of a day to pay."""
        if event.why == "not_seen":
            return []
        fields = {"payment.pay_by": event.due_on, "payment.reminded": event.reminder}
        return self.copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_claim(self, event: PaymentClaimed | PaymentClaimRefused, at: Position) -> list[CopyWrite]:
        fields: dict[str, Any] = {"payment.claim_refused": isinstance(event, PaymentClaimRefused)}
        if isinstance(event, PaymentClaimed):
            fields |= {"payment.claimed_on": event.paid_on, "payment.seen_by": event.seen_by}
        elif event.due_on:
            fields["payment.pay_by"] = event.due_on
        return self.copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_receipt(self, event: PaymentRecorded | PaymentReversed, at: Position) -> list[CopyWrite]:
        paid, total = event.asked_of_office
        fields: dict[str, Any] = {"payment.paid": paid, "payment.total": total}
        if isinstance(event, PaymentRecorded):
            fields["payment.received_on"] = event.received_on
        if isinstance(event, PaymentReversed) and not event.refunded:
            fields[f"payment.misrecorded.{event.receipt_id}"] = True
        return self.copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_invoice_request(
        self, event: InvoiceRequested | InvoiceRequestChanged, at: Position
    ) -> list[CopyWrite]:
        fields = {"invoice.requested": True, "invoice.wanted_on": event.wanted_on}
        return self.copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_invoice_cancellation(self, event: InvoiceRequestCancelled, at: Position) -> list[CopyWrite]:
        return self.copies.put_renewal(event, event.renewal_id, at, {"invoice.requested": False})

    def copy_invoice(self, event: InvoiceIssued, at: Position) -> list[CopyWrite]:
        return self.copies.put_renewal(event, event.renewal_id, at, {"invoice.issued_on": event.dated})

    def copy_grant(self, event: ResourcesRequested, at: Position) -> list[CopyWrite]:
        """Only a contract's grant is told to the office."""
        if event.cause != "contract" or event.renewal_id is None:
            return []
        fields = {
            "grant.id": event.grant_id,
            "grant.revision": event.revision,
            "grant.withdrawn": event.voided_by is not None,
        }
        return self.copies.put_renewal(event, event.renewal_id, at, fields)
