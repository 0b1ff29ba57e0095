"""What the desk decides about commitments to pay: accepted, refused, extended.

Each is one conditional save with its event. If the process dies before it, nothing has happened; after it,
everything has, and the same request with its key finds it done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.payment.commitment_steps import (
    accept_commitment,
    extend_commitment,
    refuse_commitment,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.service import Clerk
from services.renewal.stores.renewals import Renewals
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Decision
from shared.text.names import Item
from shared.time.clock import Clock

Step = Callable[[Renewal, datetime], Decision[Renewal]]


class ExtensionRequest(BaseModel):
    """`until`: the new last day to pay; a day off moves to the working day after it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: date
    reason: Item


@dataclass(frozen=True, slots=True)
class CommitmentService:
    """Each step raises RenewalError if there is no such registration, or the step isn't possible, and
    KeyReused. `Clerk.seen` is the registration's version."""

    renewals: Renewals
    clock: Clock

    async def waiting(self, most: int) -> dict[CommitmentStatus, list[Renewal]]:
        """Commitments that wait for the desk's decision, the longest waiting first; those that weren't kept,
        the newest first; and those that weren't accepted, unpaid after the last reminder."""
        return {
            CommitmentStatus.AWAITING: await self.renewals.commitments_to_decide(most),
            CommitmentStatus.BROKEN: await self.renewals.commitments_broken(most),
            CommitmentStatus.REFUSED: await self.renewals.commitments_refused(most),
        }

    async def accept(self, id: UUID, reason: str, clerk: Clerk) -> Renewal:
        by = clerk.who.sub
        return await self._decide(
            id, "accept", "", reason, clerk, lambda state, now: accept_commitment(state, by, reason, now)
        )

    async def refuse(self, id: UUID, reason: str, clerk: Clerk) -> Renewal:
        by = clerk.who.sub
        return await self._decide(
            id, "refuse", "", reason, clerk, lambda state, now: refuse_commitment(state, by, reason, now)
        )

    async def extend(self, id: UUID, request: ExtensionRequest, clerk: Clerk) -> Renewal:
        until, reason, by = request.until, request.reason, clerk.who.sub
        return await self._decide(
            id,
            "extend",
            until.isoformat(),
            reason,
            clerk,
            lambda state, now: extend_commitment(state, until, by, reason, now),
        )

    async def _decide(
        self, id: UUID, action: str, content: str, reason: str, clerk: Clerk, step: Step
    ) -> Renewal:
        def decide(state: Renewal | None) -> Decision[Renewal]:
            if state is None:
                raise RenewalError("registration-unknown")
            return step(state, self.clock.now())

        cause = clerk.cause(f"{action} commitment {id}", f"{content} {reason}", reason)
        try:
            stored = await self.renewals.change(id, decide, cause, expected_version=clerk.seen)
        except VersionMismatch:
            raise RenewalError("payment-moved") from None
        if stored is None:
            raise RenewalError("registration-unknown")
        return stored.state
