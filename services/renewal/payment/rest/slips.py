"""HTTP: the office uploads the payment order of what it says to have paid, and people look at it.

The body is the file: PDF, JPEG or PNG, up to 20 MB and 20 pages.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.renewal.domain.vendor import Vendor
from services.renewal.pages.paths import Sha256
from services.renewal.payment.download import slip_response
from services.renewal.payment.rest.payments import PaymentAnswers, PaymentView
from services.renewal.payment.service import PaymentService
from services.renewal.rest.requests import refusals, unknown
from services.renewal.scans.limits import SLIP
from shared.web.body_limit import whole_body
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

SLIPS = "/v1/registrations/{id}/payment/slips"


def slip_routes(payments: PaymentService, vendor: Vendor, verifier: TokenVerifier) -> APIRouter:
    routes, answers = APIRouter(), PaymentAnswers(payments, vendor)
    anyone = Depends(require_person(verifier))
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK, cost=4))

    @routes.post(SLIPS)
    async def attach(
        id: UUID,
        request: Request,
        who: Annotated[Person, theirs],
        response: Response,
        key: RequiredIdempotencyKey,
    ) -> PaymentView:
        """Uploads the payment order beside the claim (`payment-claim`). A later one removes none. The desk
        looks at it; it is no payment."""
        upload = await whole_body(request, SLIP.bytes)
        with refusals():
            await payments.attach_slip(id, upload, who, key)
        return await answers.of(id, who, response)

    @routes.get(f"{SLIPS}/{{sha256}}")
    async def slip(id: UUID, sha256: Sha256, who: Annotated[Person, anyone]) -> Response:
        """The payment order as a PDF: its pages were rendered again."""
        stored = await payments.renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        receivable = await payments.receivables.of(stored.state.registration)
        with refusals():
            return slip_response(*await payments.slips.file(receivable, sha256))

    return routes
