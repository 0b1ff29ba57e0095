"""The same decision on many registrations, each looked at beforehand and decided on its own.

Each is one conditional save with a key of its own (`desk`): dead among them, those before are decided; asked
again with the same key, those change nothing and the others follow.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from services.renewal.desk.claims import Claims
from services.renewal.desk.service import DecisionRequest, Desk
from services.renewal.domain.desk.claim import Claim
from services.renewal.domain.desk.verdict import Decidable, Verdict
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.resilience.errors import Conflict, KeyReused
from shared.web.people import Person

MOST = 50
"""Decided at once: accepting makes a contract each, and somebody waits for the answer."""
MOST_PICKED = 500
"""Picked at once: they are decided part by part."""


class Picked(Frozen):
    """`seen`: the version that was on the screen."""

    id: UUID
    seen: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """Where one of them stands or would stand, or why not (`why_not`: the name of the refusal). `renewal`:
    None where there is no such registration."""

    picked: Picked
    renewal: Renewal | None
    status: RegistrationStatus | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    desk: Desk
    claims: Claims

    async def preview(self, picked: Sequence[Picked], step: Decidable, who: Person) -> list[BulkOutcome]:
        """Nothing is changed."""
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
        """One after the other: the renderer's processes are for everybody."""
        ids = [each.id for each in picked]
        claims, found = await self.claims.of(ids), await self.desk.renewals.several(ids)
        outcomes = []
        for each in picked:
            renewal, claim = found.get(each.id), claims.get(each.id)
            if renewal and claim and self._is_anothers(claim, renewal, who):
                outcomes.append(BulkOutcome(each, renewal, why_not="claimed-by-another"))
            else:
                outcomes.append(await _tried(each, renewal, do))
        return outcomes

    def _is_anothers(self, claim: Claim, renewal: Renewal, who: Person) -> bool:
        return claim.by != who.sub and claim.holds(renewal.waits_since, self.desk.clock.now())


async def _tried(
    picked: Picked, renewal: Renewal | None, do: Callable[[Picked], Awaitable[RegistrationStatus]]
) -> BulkOutcome:
    try:
        return BulkOutcome(picked, renewal, await do(picked))
    except RenewalError as refused:
        return BulkOutcome(picked, renewal, why_not=refused.name)
    except (Conflict, KeyReused):  # others are at it this moment; decided in other words before
        return BulkOutcome(picked, renewal, why_not="registration-moved")
