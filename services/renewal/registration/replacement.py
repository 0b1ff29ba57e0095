"""Replaces a registration by another, in two saves: of the cancelled one and of the new one.

| the process dies               | left behind                      | the repeat, or the repair loop       |
|--------------------------------|----------------------------------|--------------------------------------|
| before the first save          | the old one, open                | replaces the old one                 |
| between the two saves          | the old one cancelled, with the  | puts the new one on record, as it    |
|                                | new one complete in              | was declared, under the same id      |
|                                | `replacement`                    |                                      |
| before the new one's payment   | both, the new one open           | finds the new one, takes over what   |
| says what the old one's said   |                                  | the office said or paid, once        |
| before `replacement` is        | both, the new one open           | finds the new one, clears            |
| cleared in the old one         |                                  | `replacement`                        |

No other registration can be made in between: a cancelled one with a `replacement` blocks it. If the old one
is accepted first, nothing is replaced.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from services.renewal.domain.payment.claims.takeover import asked_after
from services.renewal.domain.registration.form import register
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.registration.sending import cancel
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.replacement import Replacement
from services.renewal.domain.vendor import Vendor
from services.renewal.replaced_payments import take_over
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from services.renewal.texts import ACTIONS
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.base import DocumentRef
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class ReplacementService:
    renewals: Renewals
    receivables: Receivables
    vendor: Vendor
    clock: Clock

    async def replace(
        self,
        old: Stored[Renewal],
        registration: Registration,
        form: DocumentRef,
        by: Literal["office", "desk"],
        cause: Cause,
    ) -> Renewal:
        """The new renewal. Raises RenewalError where the old one is already accepted, Conflict where it
        changed since it was read."""
        replacement = Replacement(registration=registration, form=form)
        decision = cancel(old.state, by, ACTIONS["replace"].vi, self.clock.now(), replacement)
        saved = await self.renewals.save(old, decision, cause, id=old.id)
        return await self.finish(saved, cause)

    async def finish(self, old: Stored[Renewal], cause: Cause | None = None) -> Renewal:
        """The new renewal, saved if it wasn't yet. `old` is as it was read."""
        if replacement := old.state.replacement:
            registration, now = replacement.registration, self.clock.now()
            before = await self.receivables.of(old.state.registration)
            asked = asked_after(before, registration.total)
            decision = register(registration, replacement.form, self.vendor, now, asked=asked)
            with suppress(Conflict):  # saved before: by another process, or by one that died after it
                await self.renewals.add(decision, cause or Cause.command("replace"))
            await take_over(self.renewals, self.receivables, old.state, now)
            await self._clear(old)
        assert old.state.replaced_by is not None
        new = await self.renewals.load(old.state.replaced_by)
        assert new is not None  # saved before `replacement` is cleared
        return new.state

    async def _clear(self, old: Stored[Renewal]) -> None:
        decision = Decision(old.state.with_changes(replacement=None))
        with suppress(Conflict):  # cleared by another
            await self.renewals.save(old, decision, Cause.command("replace"), id=old.id)


@dataclass(frozen=True, slots=True)
class ReplacementRepair:
    """The loop that finishes replacements of processes that died in between."""

    replacements: ReplacementService
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        for old in await self.replacements.renewals.unfinished_replacements():
            await check_leadership()
            await self.replacements.finish(old)
