"""Makes the renewals of the joined products, once the joint registration is accepted.

| the process dies                     | left behind                    | the loop's next step             |
|--------------------------------------|--------------------------------|----------------------------------|
| before a product's save              | the lead, which still stands   | makes that product's renewal,    |
|                                      | for it; its contract's number  | with the same number and date    |
| between the saves of two products    | the first one's renewal        | finds it; makes the second one's |
| before the lead's own save           | all renewals                   | finds them; releases the lead    |

While the lead stands for a product, no other registration of that product can be made. A product that can't
be made holds up no other; the lead is marked, and a person looks.
"""

from contextlib import suppress
from dataclasses import dataclass

import structlog

from services.renewal.contract.preparation import ContractFactory
from services.renewal.domain.joint.members import accept_joined, is_due, mark_unmade, release_joined
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewals import Renewals
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.background.workers import WorkFailed
from shared.resilience.errors import AlreadyExists, Conflict
from shared.resilience.retry import error_names
from shared.storage.aggregate import Cause, Stored
from shared.storage.projection import Projection
from shared.time.clock import Clock

_UNMADE = (AlreadyExists, WorkFailed, ValueError, LookupError)
"""Why a product can't be made: something else has its place, its contract can't be rendered, or a stored
document is damaged or missing."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class JoinedRenewals:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    contract_factory: ContractFactory
    clock: Clock

    async def make(self, lead: Stored[Renewal]) -> None:
        """All renewals that the lead stands for; then it stands for its own product only."""
        if not is_due(lead.state):
            return
        unmade = []
        for place, joined in enumerate(lead.state.registration.joined):
            try:
                await self._make_one(lead.state, place)
            except _UNMADE as error:
                log.error("joint.not_made", renewal_id=lead.id, place=place, errors=error_names(error))
                unmade.append(joined.number)
        if unmade:
            decision, cause = mark_unmade(lead.state, unmade), Cause.command("mark joined")
        else:
            decision, cause = release_joined(lead.state), Cause.command("release joined")
        if decision:
            with suppress(Conflict):  # it changed meanwhile: the next step does it
                await self.renewals.save(lead, decision, cause, id=lead.id)

    async def _make_one(self, lead: Renewal, place: int) -> None:
        joined, now = lead.registration.joined[place], self.clock.now()
        if await self.renewals.load(joined.renewal_id):
            return
        licence = await self.licences.get(joined.subscription_id)
        moved = licence is None or licence.expires_on != joined.term.basis_expires_on
        decision = accept_joined(lead, place, now, moved=moved)
        decision = await self.contract_factory.with_contract(decision, now)
        with suppress(Conflict):  # made by another process
            await self.renewals.add(decision, Cause.command("accept joined"))


@dataclass(frozen=True, slots=True)
class JoinedRenewalLoop:
    """The loop that makes the renewals of the products that stand on an accepted form."""

    joined: JoinedRenewals
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        """All of them: those that can't be finished hold up nothing behind them."""
        async for leads in self.joined.renewals.accepted_carrying():
            for lead in leads:
                await check_leadership()
                if stored := await self.joined.renewals.load(lead.registration.renewal_id):
                    await self.joined.make(stored)
