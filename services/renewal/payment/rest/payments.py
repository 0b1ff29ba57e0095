"""HTTP: how a registration is paid, what the office says that it paid, and what the vendor received.

The idempotency key is required: nothing about money may be done twice. `If-Match` with the version of the
last answer prevents two clerks from recording the same transfer.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.domain.payment.receivable import Receipt, Receivable
from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.office.payment_state import status_text
from services.renewal.payment.service import (
    ClaimRequest,
    Clerk,
    PaymentService,
    ReceiptRequest,
    ReversalRequest,
)
from services.renewal.rest.requests import ReasonRequest, Seen, refusals, unknown
from shared.events.order import TransferDetails
from shared.text.i18n import Text
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

LARGEST = 200


class PaymentClaimView(BaseModel):
    paid_on: date
    memo: str
    claimed_at: datetime
    refused: str | None


class ReceiptView(BaseModel):
    """`reversed`: why it no longer counts. Who recorded it is in the audit."""

    id: UUID
    amount: int
    received_on: date
    reference: str
    recorded_at: datetime
    reversed: str | None
    refunded: bool

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        reversal = receipt.reversal
        return cls(
            id=receipt.id,
            amount=receipt.amount,
            received_on=receipt.received_on,
            reference=receipt.reference,
            recorded_at=receipt.recorded_at,
            reversed=reversal.reason if reversal else None,
            refunded=reversal.refunded if reversal else False,
        )


class PaymentSlipView(BaseModel):
    """`href`: where the file is."""

    sha256: str
    uploaded_at: datetime
    href: str


class PaymentView(BaseModel):
    """What is to be paid for a registration, in đồng, and what was. `over`: received, but not due.

    `claim`: what the office says that it paid; `slips`: its payment orders, the oldest first. `earlier`: the
    replaced registrations to which it may have paid, and `here` what came for them and isn't moved yet.
    `transfer`: how to pay what is open and not here; null where nothing is."""

    renewal_id: UUID
    status: PaymentStatus
    status_text: Text
    amount: int
    paid: int
    open_amount: int
    over: int
    here: int
    due_on: date | None
    claim: PaymentClaimView | None
    claimed_since: datetime | None
    receipts: list[ReceiptView]
    slips: list[PaymentSlipView]
    earlier: list[UUID]
    transfer: TransferDetails | None

    @classmethod
    def of(cls, receivable: Receivable, renewal: Renewal, balance: PaymentBalance, vendor: Vendor) -> Self:
        claim = receivable.claim
        return cls(
            renewal_id=receivable.renewal_id,
            status=balance.status,
            status_text=status_text(balance),
            amount=balance.amount,
            paid=balance.paid,
            open_amount=balance.open_amount,
            over=balance.over,
            here=balance.here,
            due_on=balance.due_on,
            claim=PaymentClaimView.model_validate(claim, from_attributes=True) if claim else None,
            claimed_since=receivable.claimed_since,
            receipts=[ReceiptView.of(receipt) for receipt in receivable.receipts],
            slips=[
                PaymentSlipView(
                    sha256=slip.document.sha256,
                    uploaded_at=slip.uploaded_at,
                    href=f"/v1/registrations/{receivable.renewal_id}/payment/slips/{slip.document.sha256}",
                )
                for slip in receivable.slips
            ],
            earlier=list(receivable.earlier),
            transfer=transfer_of(renewal, vendor, balance.asked) if balance.asked else None,
        )


@dataclass(frozen=True, slots=True)
class PaymentAnswers:
    payments: PaymentService
    vendor: Vendor

    def view(self, receivable: Receivable, renewal: Renewal) -> PaymentView:
        return PaymentView.of(receivable, renewal, self.payments.balance(receivable, renewal), self.vendor)

    async def of(self, id: UUID, who: Person, response: Response) -> PaymentView:
        """The payment as it is stored. Its ETag is the version."""
        stored = await self.payments.renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        kept = await self.payments.receivables.stored(id)
        response.headers["etag"] = f'"{kept.version if kept else 0}"'
        receivable = kept.state if kept else Receivable.of(stored.state.registration)
        return self.view(receivable, stored.state)


def payment_routers(answers: PaymentAnswers, verifier: TokenVerifier) -> list[APIRouter]:
    return [payment_routes(answers, verifier), receipt_routes(answers, verifier)]


def payment_routes(answers: PaymentAnswers, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}")
    anyone = Depends(require_person(verifier))
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK))

    @routes.get("/payment")
    async def payment(id: UUID, who: Annotated[Person, anyone], response: Response) -> PaymentView:
        """How the registration is to be paid, and what was received."""
        return await answers.of(id, who, response)

    @routes.post("/payment-claim")
    async def claim(
        id: UUID,
        body: ClaimRequest,
        who: Annotated[Person, theirs],
        response: Response,
        key: RequiredIdempotencyKey,
    ) -> PaymentView:
        """The office says that it has paid. The vendor's desk looks for the money."""
        with refusals():
            await answers.payments.claim(id, body, who, key)
        return await answers.of(id, who, response)

    return routes


def receipt_routes(answers: PaymentAnswers, verifier: TokenVerifier) -> APIRouter:
    routes, payments = APIRouter(prefix="/v1"), answers.payments
    desk = Depends(require_person(verifier, Role.DESK))

    def clerk(who: Annotated[Person, desk], key: RequiredIdempotencyKey, seen: Seen = None) -> Clerk:
        return Clerk(who, key, int(seen.strip('"')) if seen else None)

    asking = Depends(clerk)

    @routes.post("/registrations/{id}/receipts")
    async def record(
        id: UUID, body: ReceiptRequest, clerk: Annotated[Clerk, asking], response: Response
    ) -> PaymentView:
        """Records money that the vendor received. Part of the sum, or more than it, is recorded too."""
        with refusals():
            await payments.record(id, body, clerk)
        return await answers.of(id, clerk.who, response)

    @routes.post("/registrations/{id}/receipts/{receipt_id}/reversal")
    async def reverse(
        id: UUID, receipt_id: UUID, body: ReversalRequest, clerk: Annotated[Clerk, asking], response: Response
    ) -> PaymentView:
        """A receipt no longer counts: it was recorded in error, or given back. It stays, with the reason."""
        with refusals():
            await payments.reverse(id, receipt_id, body, clerk)
        return await answers.of(id, clerk.who, response)

    @routes.post("/registrations/{id}/payment-claim/refusal")
    async def refuse(
        id: UUID, body: ReasonRequest, clerk: Annotated[Clerk, asking], response: Response
    ) -> PaymentView:
        """The desk didn't find the money that the office says to have paid. The office reads the reason."""
        with refusals():
            await payments.refuse_claim(id, body.reason, clerk)
        return await answers.of(id, clerk.who, response)

    @routes.get("/desk/payments")
    async def claimed(who: Annotated[Person, desk]) -> list[PaymentView]:
        """What offices say to have paid and the vendor hasn't found, the longest waiting first; at most
        200."""
        return [answers.view(*each) for each in await payments.claimed(LARGEST)]

    return routes
