"""HTTP: how a registration is paid, what the office says that it paid, and what the vendor received."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.renewal.domain.payment.receivable import PaymentClaim, PaymentStatus, Receipt, Receivable
from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.payment.service import ClaimRequest, PaymentService, ReceiptRequest
from services.renewal.rest.requests import ReasonRequest, refusals, unknown
from services.renewal.texts import PAYMENT_STATUSES
from shared.events.renewal import TransferDetails
from shared.text.i18n import Text
from shared.time.calendar import civil_date
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

LARGEST = 200


class PaymentView(BaseModel):
    """What is to be paid for a registration, in đồng, and what was. `open_amount` is negative where more was
    received. `claim`: what the office says that it paid. `transfer`: how to pay; null where nothing is to be
    paid any more."""

    renewal_id: UUID
    status: PaymentStatus
    status_text: Text
    amount: int
    due_on: date
    paid: int
    open_amount: int
    claim: PaymentClaim | None
    claimed_since: datetime | None
    receipts: tuple[Receipt, ...]
    transfer: TransferDetails | None

    @classmethod
    def of(cls, receivable: Receivable, renewal: Renewal, vendor: Vendor, today: date) -> Self:
        status = receivable.status(today)
        return cls(
            renewal_id=receivable.renewal_id,
            status=status,
            status_text=PAYMENT_STATUSES[status],
            amount=receivable.amount,
            due_on=receivable.due_on,
            paid=receivable.paid,
            open_amount=receivable.open_amount,
            claim=receivable.claim,
            claimed_since=receivable.claimed_since,
            receipts=receivable.receipts,
            transfer=transfer_of(renewal, vendor) if receivable.open_amount > 0 else None,
        )


def payment_routes(payments: PaymentService, vendor: Vendor, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}")
    anyone = Depends(require_person(verifier))
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK))

    @routes.get("/payment")
    async def payment(id: UUID, who: Annotated[Person, anyone]) -> PaymentView:
        """How the registration is to be paid, and what was received."""
        renewal = await _visible(payments, id, who)
        return _view(payments, vendor, renewal, await payments.receivables.of(renewal.registration))

    @routes.post("/payment-claim")
    async def claim(
        id: UUID, body: ClaimRequest, who: Annotated[Person, theirs], key: IdempotencyKey = None
    ) -> PaymentView:
        """The office says that it has paid. The vendor's desk looks for the money."""
        with refusals():
            changed = await payments.claim(id, body, who, key=key)
        return _view(payments, vendor, await _visible(payments, id, who), changed)

    return routes


def receipt_routes(payments: PaymentService, vendor: Vendor, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    desk = Depends(require_person(verifier, Role.DESK))

    @routes.post("/registrations/{id}/receipts")
    async def record(
        id: UUID, body: ReceiptRequest, who: Annotated[Person, desk], key: IdempotencyKey = None
    ) -> PaymentView:
        """Records money that the vendor received. Part of the sum, or more than it, is recorded too."""
        with refusals():
            changed = await payments.record(id, body, who, key=key)
        return _view(payments, vendor, await _visible(payments, id, who), changed)

    @routes.post("/registrations/{id}/receipts/{receipt_id}/reversal")
    async def reverse(
        id: UUID,
        receipt_id: UUID,
        body: ReasonRequest,
        who: Annotated[Person, desk],
        key: IdempotencyKey = None,
    ) -> PaymentView:
        """A receipt no longer counts: it was recorded in error, or given back. It stays, with the reason."""
        with refusals():
            changed = await payments.reverse(id, receipt_id, body.reason, who, key=key)
        return _view(payments, vendor, await _visible(payments, id, who), changed)

    @routes.get("/desk/payments")
    async def claimed(who: Annotated[Person, desk]) -> list[PaymentView]:
        """What offices say to have paid and the vendor hasn't found, the longest waiting first; at most
        200."""
        found = await payments.receivables.claimed(LARGEST)
        renewals = await payments.renewals.by_ids(each.renewal_id for each in found)
        return [
            _view(payments, vendor, renewals[each.renewal_id], each)
            for each in found
            if each.renewal_id in renewals
        ]

    return routes


async def _visible(payments: PaymentService, id: UUID, who: Person) -> Renewal:
    stored = await payments.renewals.load(id)
    if stored is None or not who.may_see(stored.state.registration.office_ref):
        raise unknown()
    return stored.state


def _view(payments: PaymentService, vendor: Vendor, renewal: Renewal, receivable: Receivable) -> PaymentView:
    today = civil_date(payments.clock.now(), renewal.registration.zone)
    return PaymentView.of(receivable, renewal, vendor, today)
