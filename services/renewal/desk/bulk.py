"""One decision on many registrations, with a preview. Each registration is decided on its own.

Each decision is one conditional save with its own idempotency id (`desk`). If the process dies half way, the
first ones are decided; the same request with the same key leaves them alone and decides the others.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from services.renewal.desk.claims import Claims
from services.renewal.desk.service import DecisionRequest, Desk
from services.renewal.domain.desk.claim import Claim
from services.renewal.domain.desk.verdict import QueueDecision, Verdict
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.resilience.errors import Conflict, KeyReused
from shared.web.people import Person

MOST = 50
"""The most decided in one request: each acceptance makes a contract, and somebody waits for the answer."""
MOST_PICKED = 500
"""The most picked in one request: they are decided part by part."""


class Picked(Frozen):
    """A registration picked in the queue. `seen`: the version that was on the screen."""

    id: UUID
    seen: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """The new status of one registration (in a preview: the expected one), or the name of the refusal in
    `why_not`. `renewal` is None if there is no such registration."""

    picked: Picked
    renewal: Renewal | None
    status: RegistrationStatus | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    desk: Desk
    claims: Claims

    async def preview(self, picked: Sequence[Picked], step: QueueDecision, who: Person) -> list[BulkOutcome]:
        """The expected outcomes; changes nothing."""
        return await self._each(
            picked, who, lambda each: self.desk.foresee(DecisionRequest(each.id, who, each.seen), step)
        )

    async def decide(
        self, picked: Sequence[Picked], verdict: Verdict, who: Person, key: str
    ) -> list[BulkOutcome]:
        async def decided(each: Picked) -> RegistrationStatus:
            return (await self.desk.decide(DecisionRequest(each.id, who, each.seen, key), verdict)).status

        return await self._each(picked, who, decided)

    async def _each(
        self, picked: Sequence[Picked], who: Person, do: Callable[[Picked], Awaitable[RegistrationStatus]]
    ) -> list[BulkOutcome]:
        """One after the other, because all requests share the renderer's processes."""
        ids = [each.id for each in picked]
        claims, found = await self.claims.of(ids), await self.desk.renewals.by_ids(ids)
        outcomes = []
        for each in picked:
            renewal, claim = found.get(each.id), claims.get(each.id)
            if renewal and claim and self._is_anothers(claim, renewal, who):
                outcomes.append(BulkOutcome(each, renewal, why_not="claimed-by-another"))
            else:
                outcomes.append(await _try(each, renewal, do))
        return outcomes

    def _is_anothers(self, claim: Claim, renewal: Renewal, who: Person) -> bool:
        return claim.by != who.sub and claim.is_in_force(renewal.waits_since, self.desk.clock.now())


async def _try(
    picked: Picked, renewal: Renewal | None, do: Callable[[Picked], Awaitable[RegistrationStatus]]
) -> BulkOutcome:
    try:
        return BulkOutcome(picked, renewal, await do(picked))
    except RenewalError as refused:
        return BulkOutcome(picked, renewal, why_not=refused.name)
    except (Conflict, KeyReused):  # others decide it now; or decided before with another text
        return BulkOutcome(picked, renewal, why_not="registration-moved")
