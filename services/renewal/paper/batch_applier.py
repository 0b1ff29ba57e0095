"""The loop that receives or refuses the forms of closed batches.

For each entry: first it is saved as applying, so that nobody can undo it any more; then the desk receives its
form; then the outcome is saved.

| the process dies                       | left behind                    | the next round                   |
|----------------------------------------|--------------------------------|----------------------------------|
| before or while the scan is bound      | the entry, entered             | binds the same bytes             |
| scan stored, entry not yet applying    | a document nobody refers to    | stores no second, continues      |
| applying, before the renewal is saved  | the entry, applying            | receives the form                |
| received, the outcome not saved        | the renewal, with our request  | finds the request handled, saves |
|                                        |                                | the outcome                      |
| the outcome saved                      | the outcome                    | nothing                          |

A form that was entered while its batch was being closed is refused, because it has no scan. Its clerk gets
the error that the batch is closed.
"""

from contextlib import suppress
from dataclasses import dataclass

from services.renewal.desk.service import DecisionRequest, Desk
from services.renewal.domain.paper import entry as entries
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import Entry, EntryStatus, RejectionReason
from services.renewal.domain.refusal import RenewalError
from services.renewal.paper.batches import Batches
from services.renewal.scans.scans import Scans
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.base import DocumentRef
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Documents, Provenance
from shared.web.people import Person, Role

_CAUSE = "apply batch"


@dataclass(frozen=True, slots=True)
class BatchApplier:
    batches: Batches
    desk: Desk
    scans: Scans
    documents: Documents
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        for batch in await self.batches.to_apply():
            for stored in await self.batches.pending(batch.id):
                await check_leadership()
                with suppress(Conflict):  # undone while the batch was being closed: the next round sees it
                    await self._apply(batch, stored)

    async def _apply(self, batch: Batch, stored: Stored[Entry]) -> None:
        if stored.state.at is EntryStatus.ENTERED:
            if (scan := await self._bind_scan(stored.state)) is None:
                await self._save_outcome(stored, await self._rejection(stored.state, "scan-missing"))
                return
            stored = await self._save(stored, entries.start_applying(stored.state, scan))
        await self._save_outcome(stored, await self._receive(batch, stored.state))

    async def _bind_scan(self, entry: Entry) -> DocumentRef | None:
        """The PDF of the form's pages. None where it has no pages."""
        refs = [sheet.image for sheet in await self.batches.pages(entry.id) if sheet.image]
        if not refs:
            return None
        data = await self.scans.document([await self.documents.get(ref.sha256) for ref in refs])
        kind = "hop-dong" if entry.paper == "contract" else "phieu"
        name = f"{kind}-dong-dau-{entry.number}.pdf"
        of = Provenance("paper", entry.renewal_id)
        return await self.documents.put(data, media_type="application/pdf", name=name, of=of)

    async def _receive(self, batch: Batch, entry: Entry) -> RejectionReason | None:
        who = Person(sub=batch.closed_by or batch.opened_by, roles=frozenset({Role.DESK}))
        try:
            request = DecisionRequest(entry.renewal_id, who, key=f"batch {batch.id} {entry.id}")
            await self.desk.receive(request, entry.form(batch))
        except RenewalError as refused:
            return await self._rejection(entry, refused.name)
        return None

    async def _rejection(self, entry: Entry, reason: str) -> RejectionReason:
        renewal = await self.desk.renewals.load(entry.renewal_id)
        assert renewal is not None  # none is ever removed
        return entries.rejection(renewal.state, reason)

    async def _save_outcome(self, stored: Stored[Entry], why_not: RejectionReason | None) -> None:
        await self._save(stored, entries.finish_applying(stored.state, why_not, self.desk.clock.now()))

    async def _save(self, stored: Stored[Entry], decision: Decision[Entry]) -> Stored[Entry]:
        return await self.batches.entries.save(stored, decision, Cause.command(_CAUSE), id=stored.id)
