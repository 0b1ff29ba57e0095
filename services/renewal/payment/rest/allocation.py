"""HTTP: the desk allocates a part payment to the products of a joint registration."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.renewal.domain.joint.shares import ProductShare
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.payment.allocation import AllocationRequest, AllocationService
from services.renewal.payment.service import Clerk
from services.renewal.rest.requests import Seen, refusals
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person


class AllocationView(BaseModel):
    """What came of the whole `amount`, in đồng, and what is allocated, by the products' registrations."""

    amount: int
    paid: int
    allocated: tuple[ProductShare, ...]

    @classmethod
    def of(cls, receivable: Receivable) -> Self:
        return cls(amount=receivable.amount, paid=receivable.paid, allocated=receivable.allocated)


def allocation_routes(allocations: AllocationService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/joint-registrations/{id}")
    desk = Depends(require_person(verifier, Role.DESK))

    @routes.put("/allocation")
    async def allocate(
        id: UUID,
        body: AllocationRequest,
        who: Annotated[Person, desk],
        key: RequiredIdempotencyKey,
        seen: Seen = None,
    ) -> AllocationView:
        """Allocates a part payment to the products. Until then it counts for none of them."""
        clerk = Clerk(who, key, int(seen.strip('"')) if seen else None)
        with refusals():
            return AllocationView.of(await allocations.allocate(id, body, clerk))

    return routes
