"""The loop that receives, or refuses, the forms of batches that are closed.

An entry is taken first, so that nobody undoes what the desk receives, then received, then noted.

| it dies                                | left behind                    | the next turn                    |
|----------------------------------------|--------------------------------|----------------------------------|
| before or while its scan is bound      | the entry, entered             | binds the same bytes             |
| the scan stored, the entry not taken   | a document nobody refers to    | stores no second, takes it       |
| taken, before the renewal is saved     | the entry, applying            | receives it                      |
| received, the outcome not noted        | the renewal, with our request  | finds its request handled, notes |
| noted                                  | the outcome                    | nothing                          |

A form that is entered in the moment of closing, its clerk told that the batch is closed, is refused: it has
no scan.
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

    async def run(self, pulse: Heartbeat) -> None:
        await self.leader_loop.run(self._step, pulse)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        for batch in await self.batches.to_apply():
            for stored in await self.batches.pending(batch.id):
                await check_leadership()
                with suppress(Conflict):  # undone in the moment of closing: the next look sees it
                    await self._apply(batch, stored)

    async def _apply(self, batch: Batch, stored: Stored[Entry]) -> None:
        if stored.state.at is EntryStatus.ENTERED:
            if (scan := await self._bound(stored.state)) is None:
                await self._note(stored, await self._why_not(stored.state, "scan-missing"))
                return
            stored = await self._save(stored, entries.applying(stored.state, scan))
        await self._note(stored, await self._received(batch, stored.state))

    async def _bound(self, entry: Entry) -> DocumentRef | None:
        """The PDF of its pages; None where there are none."""
        refs = [sheet.image for sheet in await self.batches.pages(entry.id) if sheet.image]
        if not refs:
            return None
        data = await self.scans.document([await self.documents.get(ref.sha256) for ref in refs])
        kind = "hop-dong" if entry.paper == "contract" else "phieu"
        name = f"{kind}-dong-dau-{entry.number}.pdf"
        of = Provenance("paper", entry.renewal_id)
        return await self.documents.put(data, media_type="application/pdf", name=name, of=of)

    async def _received(self, batch: Batch, entry: Entry) -> RejectionReason | None:
        who = Person(sub=batch.closed_by or batch.opened_by, roles=frozenset({Role.DESK}))
        try:
            asked = DecisionRequest(entry.renewal_id, who, key=f"batch {batch.id} {entry.id}")
            await self.desk.receive(asked, entry.form(batch))
        except RenewalError as refused:
            return await self._why_not(entry, refused.name)
        return None

    async def _why_not(self, entry: Entry, reason: str) -> RejectionReason:
        renewal = await self.desk.renewals.load(entry.renewal_id)
        assert renewal is not None  # none is ever removed
        return entries.why_not(renewal.state, reason)

    async def _note(self, stored: Stored[Entry], why_not: RejectionReason | None) -> None:
        await self._save(stored, entries.applied(stored.state, why_not, self.desk.clock.now()))

    async def _save(self, stored: Stored[Entry], decision: Decision[Entry]) -> Stored[Entry]:
        return await self.batches.entries.save(stored, decision, Cause.command(_CAUSE), id=stored.id)
