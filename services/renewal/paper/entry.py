"""Enters a form into a batch, whether a clerk scanned its code or the feeder read it.

It is one conditional save. If the process dies before it, nothing is entered; after it, a repeat finds the
entry.
"""

from dataclasses import dataclass

from services.renewal.domain.paper import entry as entries
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import Entry, EntryStatus, ManualInput
from services.renewal.domain.paper.paper_form import awaited_paper
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.domain.renewal import Renewal
from services.renewal.paper.batches import Batches
from services.renewal.stores.renewals import Renewals
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class EnteredForm:
    """An entered form with its registration. `fresh`: it wasn't in the batch before."""

    entry: Entry
    renewal: Renewal
    fresh: bool


@dataclass(frozen=True, slots=True)
class EntryService:
    batches: Batches
    renewals: Renewals
    clock: Clock

    async def find_renewal(self, code: FormCode) -> Renewal:
        """The renewal whose number the code has. Raises RenewalError where there is none."""
        if (renewal := await self.renewals.by_number(code.number)) is None:
            raise RenewalError("registration-unknown")
        return renewal

    async def enter(
        self, batch: Batch, renewal: Renewal, code: FormCode, typed: ManualInput, cause: Cause
    ) -> EnteredForm:
        """Enters the form. A `code` without a revision means the awaited paper: the current contract, or the
        form's current revision, or its oldest revision for which the office must agree to the new term first.
        Raises RenewalError for an impossible postmark."""
        paper = code.paper if code.revision else awaited_paper(renewal)
        newest = renewal.nth_contract if paper == "contract" else renewal.form_revision
        oldest = () if paper == "contract" else renewal.unconfirmed
        revision = code.revision or min(oldest, default=newest)
        now = self.clock.now()
        fresh = False

        def decide(entry: Entry | None) -> Decision[Entry] | None:
            nonlocal fresh
            fresh = entry is None or entry.at is EntryStatus.UNDONE
            return entries.enter(entry, batch, renewal, revision, typed, now, paper)

        id = entries.entry_id(batch.id, renewal.registration.renewal_id, revision, paper)
        stored = await self.batches.entries.change(id, decide, cause)
        assert stored is not None  # entered now or before
        return EnteredForm(stored.state, renewal, fresh)
