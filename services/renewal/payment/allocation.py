"""The desk allocates a part payment to the products of a joint registration.

It is one conditional save with its events. If the process dies before it, nothing has happened; after it,
everything has, and the same request with its key finds it done. The commitment and the grants of resources
follow (`settlement` says how they aren't forgotten).
"""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.joint.allocation import allocate
from services.renewal.domain.joint.declaration import MOST
from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.service import Clerk
from services.renewal.payment.settlement import Settlement
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Decision
from shared.time.clock import Clock


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AllocatedAmount(_Request):
    """`registration_id`: the product's own registration. `amount` in đồng."""

    registration_id: UUID
    amount: int = Field(ge=0, le=LIMIT, strict=True)


class AllocationRequest(_Request):
    """What each product gets of the money that came. It replaces an earlier allocation."""

    products: tuple[AllocatedAmount, ...] = Field(max_length=MOST)


@dataclass(frozen=True, slots=True)
class AllocationService:
    renewals: Renewals
    receivables: Receivables
    settlement: Settlement
    clock: Clock

    async def waiting(self, most: int) -> list[tuple[Receivable, Renewal]]:
        """Joint registrations of which a part is paid and not allocated, the longest waiting first."""
        found = await self.receivables.unallocated(most)
        renewals = await self.renewals.by_ids(each.renewal_id for each in found)
        return [(each, renewals[each.renewal_id]) for each in found if each.renewal_id in renewals]

    async def allocate(self, renewal_id: UUID, request: AllocationRequest, clerk: Clerk) -> Receivable:
        """Raises RenewalError where there is no such joint registration or the amounts can't be right, and
        KeyReused."""
        if (stored := await self.renewals.load(renewal_id)) is None:
            raise RenewalError("registration-unknown")
        renewal, first, now = stored.state, Receivable.of(stored.state.registration), self.clock.now()
        amounts = {each.registration_id: each.amount for each in request.products}
        if len(amounts) < len(request.products):
            raise RenewalError("allocation-untrue")
        cause = clerk.cause(f"allocate payment {renewal_id}", request.model_dump_json())

        def decide(state: Receivable | None) -> Decision[Receivable] | None:
            return allocate(state or first, renewal, amounts, now)

        try:
            kept = await self.receivables.change(first.id, decide, cause, expected_version=clerk.seen)
        except VersionMismatch:
            raise RenewalError("payment-moved") from None
        await self.settlement.settle([renewal_id])
        return kept.state if kept else first
