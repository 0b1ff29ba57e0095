"""HTTP: the contracts in force that wait for a second person to void them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.renewal.domain.renewal import Renewal
from services.renewal.stores.void_proposals import VoidProposals
from shared.web.people import Person, Role, TokenVerifier, require_person

MOST = 200


class ProposedVoidView(BaseModel):
    """A contract in force that `by` proposed to void, and why."""

    renewal_id: UUID
    registration_no: str
    office_ref: str
    office_name: str
    contract_number: str
    contract_date: date
    by: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, renewal: Renewal) -> Self:
        made, proposal = renewal.registration, renewal.void_proposal
        assert proposal is not None  # it was found by it
        return cls(
            renewal_id=made.renewal_id,
            registration_no=made.number,
            office_ref=made.office_ref,
            office_name=made.office.name,
            contract_number=str(renewal.contract_number),
            contract_date=renewal.contract_date or made.registered_on,
            **proposal.model_dump(),
        )


def void_proposal_routes(proposals: VoidProposals, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/desk")
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("/void-proposals")
    async def waiting(who: Annotated[Person, clerk]) -> list[ProposedVoidView]:
        """The longest waiting first."""
        return [ProposedVoidView.of(renewal) for renewal in await proposals.waiting(MOST)]

    return routes
