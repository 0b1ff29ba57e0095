"""HTTP: the bank transfer that pays a registration."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.vendor import Vendor
from services.renewal.rest.requests import unknown
from services.renewal.store import Renewals
from shared.events.renewal import Transfer
from shared.web.people import Person, TokenVerifier, require_person


def payment_routes(renewals: Renewals, vendor: Vendor, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations")
    anyone = Depends(require_person(verifier))

    @routes.get("/{id}/transfer")
    async def transfer(id: UUID, who: Annotated[Person, anyone]) -> Transfer | None:
        """The bank transfer that pays the registration: `memo` is to be kept as it is. Null where nothing is
        to be paid."""
        stored = await renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        return transfer_of(stored.state, vendor)

    return routes
