"""HTTP: the desk decides about offices' commitments to pay. The idempotency key is required: a decision gives
or ends access."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.commitments import CommitmentService, ExtensionRequest
from services.renewal.payment.service import Clerk
from services.renewal.rest.requests import ReasonRequest, Seen, refusals
from services.renewal.texts import COMMITMENT_STATUSES
from shared.text.i18n import Text
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

_MOST = 200


class CommitmentView(BaseModel):
    """A commitment to pay. `access_until`: the last day of the access that it gives once it is accepted,
    while the contract is awaited. `extended_from`: the last day before the extension."""

    renewal_id: UUID
    registration_no: str
    office_name: str
    amount: int
    status: CommitmentStatus
    status_text: Text
    pay_by: date
    access_until: date
    reason: str
    extended_from: date | None

    @classmethod
    def of(cls, renewal: Renewal) -> Self | None:
        registration, commitment = renewal.registration, renewal.commitment
        if commitment is None:
            return None
        return cls(
            renewal_id=registration.renewal_id,
            registration_no=registration.number,
            office_name=registration.office.name,
            amount=registration.total,
            status=commitment.status,
            status_text=COMMITMENT_STATUSES[commitment.shown_as],
            pay_by=commitment.pay_by,
            access_until=commitment.access_until,
            reason=commitment.reason,
            extended_from=commitment.extended_from,
        )


def commitment_routes(commitments: CommitmentService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    desk = Depends(require_person(verifier, Role.DESK))

    def clerk(who: Annotated[Person, desk], key: RequiredIdempotencyKey, seen: Seen = None) -> Clerk:
        return Clerk(who, key, int(seen.strip('"')) if seen else None)

    asking = Depends(clerk)

    @routes.get("/desk/commitments")
    async def waiting(who: Annotated[Person, desk]) -> list[CommitmentView]:
        """Commitments that wait for a decision, then those that weren't kept, then those that weren't
        accepted and are unpaid after the last reminder: at most 200 of each."""
        found = await commitments.waiting(_MOST)
        views = (CommitmentView.of(renewal) for status in found for renewal in found[status])
        return [view for view in views if view]

    @routes.post("/registrations/{id}/commitment/acceptance")
    async def accept(id: UUID, body: ReasonRequest, clerk: Annotated[Clerk, asking]) -> CommitmentView | None:
        """Accepts the day that the office proposes. It has access meanwhile, until its contract is there."""
        with refusals():
            return CommitmentView.of(await commitments.accept(id, body.reason, clerk))

    @routes.post("/registrations/{id}/commitment/refusal")
    async def refuse(id: UUID, body: ReasonRequest, clerk: Annotated[Clerk, asking]) -> CommitmentView | None:
        """Doesn't accept the day. It ends no access; the office reads the reason."""
        with refusals():
            return CommitmentView.of(await commitments.refuse(id, body.reason, clerk))

    @routes.post("/registrations/{id}/commitment/extension")
    async def extend(
        id: UUID, body: ExtensionRequest, clerk: Annotated[Clerk, asking]
    ) -> CommitmentView | None:
        """Gives the office until another day, once, also after it broke its commitment."""
        with refusals():
            return CommitmentView.of(await commitments.extend(id, body, clerk))

    return routes
