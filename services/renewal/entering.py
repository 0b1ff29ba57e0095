"""Puts a form into a batch, whoever read its code: the clerk's scanner, or the feeder.

One conditional save: dead before it, nothing was entered; after it, the same form again is there already.
"""

from dataclasses import dataclass

from services.renewal.batches import Batches
from services.renewal.domain import entry as entries
from services.renewal.domain.batch import Batch
from services.renewal.domain.entry import At, Entry, Given
from services.renewal.domain.form_code import FormCode
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import Renewal
from services.renewal.store import Renewals
from shared.aggregate import Cause, Decision
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Entered:
    """`fresh`: it wasn't in the batch before."""

    entry: Entry
    renewal: Renewal
    fresh: bool


@dataclass(frozen=True, slots=True)
class Entering:
    batches: Batches
    renewals: Renewals
    clock: Clock

    async def of_code(self, code: FormCode) -> Renewal:
        """Raises Refused."""
        if (renewal := await self.renewals.by_number(code.number)) is None:
            raise Refused("registration-unknown")
        return renewal

    async def enter(
        self, batch: Batch, renewal: Renewal, revision: int | None, given: Given, cause: Cause
    ) -> Entered:
        """`revision` None: the one in force, or the oldest whose term the office must agree to first. Raises
        Refused for a postmark that can't be."""
        told = revision or min(renewal.unconfirmed, default=renewal.form_revision)
        now = self.clock.now()
        fresh = False

        def decide(entry: Entry | None) -> Decision[Entry] | None:
            nonlocal fresh
            fresh = entry is None or entry.at is At.UNDONE
            return entries.entered(entry, batch, renewal, told, given, now)

        id = entries.entry_id(batch.id, renewal.registration.renewal_id, told)
        stored = await self.batches.entries.change(id, decide, cause)
        assert stored is not None  # entered now or before
        return Entered(stored.state, renewal, fresh)
