"""What a clerk does with the day's post, on pages and over HTTP: open a batch, enter its forms, undo, close.

Nothing has an effect outside the batch before it is closed; `application` does the rest. Each step is one
conditional save. If the process dies before it, nothing happened; after it, a repeat changes nothing. A
change to an entry or page then saves its batch too (`Batches.join`). If the process dies in between, while
another clerk closes the batch, the new form has no scan and is refused for that reason.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.paper import batch as batching
from services.renewal.domain.paper import entry as entries
from services.renewal.domain.paper import sheet as sheets
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import (
    Entry,
    EntryStatus,
    ExpectedOutcome,
    ManualInput,
    RejectionReason,
)
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.paper.sheet import Sheet, SheetStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form_code
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.domain.renewal import Renewal
from services.renewal.paper.batches import Batches, BatchTally
from services.renewal.paper.entry import EnteredForm, EntryService
from shared.ids import derived, fresh
from shared.storage.aggregate import Cause, Decision
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person


@dataclass(frozen=True, slots=True)
class IntakeLine:
    """An entry with its registration's current state, the number of its pages, and the expected outcome.
    `low_resolution`: one of its pages has too low a resolution."""

    entry: Entry
    renewal: Renewal
    pages: int
    low_resolution: bool
    outcome: ExpectedOutcome

    @property
    def why_not(self) -> RejectionReason | None:
        """Why the form would not be received now; after the batch was applied, why it was not received."""
        return self.outcome.why_not if self.entry.at is EntryStatus.ENTERED else self.entry.refused

    @property
    def received_before(self) -> date | None:
        """The day on which another form of the registration came, while this one isn't applied yet."""
        return self.outcome.received_on if self.entry.at is EntryStatus.ENTERED else None


@dataclass(frozen=True, slots=True)
class Intake:
    """`zone`: the vendor's time zone, in which the days of the post are counted. All methods that change
    something raise RenewalError."""

    batches: Batches
    entry_service: EntryService
    clock: Clock
    zone: str

    async def open(self, post: Post, who: Person, *, key: str | None = None) -> Batch:
        now = self.clock.now()
        id = derived("batch", who.sub, key) if key else fresh()
        cause = Cause.request(who.sub, "open batch", key=key, content=post.model_dump_json().encode())

        def decide(batch: Batch | None) -> Decision[Batch] | None:
            return None if batch else batching.open_batch(id, post, who.sub, civil_date(now, self.zone), now)

        stored = await self.batches.batches.change(id, decide, cause)
        assert stored is not None  # opened now or before
        return stored.state

    async def enter(
        self, batch_id: UUID, text: str, typed: ManualInput, *, key: str | None = None
    ) -> EnteredForm:
        """Enters the form whose code was scanned or typed."""
        batch = await self._open(batch_id)
        if (code := form_code.parse(text)) is None:
            raise RenewalError("code-unknown")
        renewal = await self.entry_service.find_renewal(code)
        content = f"{code.digits} {typed.envelope} {typed.postmarked_on}".encode()
        cause = Cause.request(typed.by, f"enter {batch_id}", key=key, content=content)
        return await self._enter(batch, renewal, code, typed, cause)

    async def undo(self, batch_id: UUID, entry_id: UUID, who: Person) -> Entry:
        """Undoes the entry. Its pages still name it: if the form is entered again, it has them again."""
        await self._open(batch_id)
        await self.batches.entry(batch_id, entry_id)
        cause = Cause.request(who.sub, f"undo {entry_id}")
        stored = await self.batches.entries.change(
            entry_id, lambda entry: entries.undo(entry) if entry else None, cause
        )
        assert stored is not None  # none is ever removed
        return stored.state

    async def match(
        self, batch_id: UUID, sheet_id: UUID, renewal: Renewal, code: FormCode, who: Person
    ) -> Sheet:
        """The page belongs to that registration's form. Enters the form too."""
        batch, sheet = await self._sheet(batch_id, sheet_id)
        cause = Cause.request(who.sub, f"enter {batch_id}")
        entered = await self._enter(batch, renewal, code, ManualInput(by=who.sub), cause)
        return await self._classify(sheet, SheetStatus.MATCHED, entered.entry.id, who)

    async def match_previous(self, batch_id: UUID, sheet_id: UUID, who: Person) -> Sheet:
        """The page belongs to the same form as the page before it."""
        _, sheet = await self._sheet(batch_id, sheet_id)
        if (before := await self.batches.previous_match(sheet)) is None:
            raise RenewalError("sheet-without-previous")
        return await self._classify(sheet, SheetStatus.MATCHED, before.entry_id, who)

    async def mark_sheet(self, batch_id: UUID, sheet_id: UUID, shows: SheetStatus, who: Person) -> Sheet:
        """The page belongs to no form: it is blank, or set aside."""
        _, sheet = await self._sheet(batch_id, sheet_id)
        return await self._classify(sheet, shows, None, who)

    async def close(self, batch_id: UUID, who: Person) -> Batch:
        """Closes the batch. Forms that join it while they are counted are counted again."""

        async def decide(batch: Batch | None) -> Decision[Batch]:
            if batch is None:
                raise RenewalError("batch-unknown")
            tally = await self.batches.tally(batch_id)
            return batching.close_batch(batch, tally.unfinished, who.sub, self.clock.now())

        cause = Cause.request(who.sub, f"close {batch_id}")
        stored = await self.batches.batches.change(batch_id, decide, cause)
        assert stored is not None  # else it was refused
        return stored.state

    async def lines(self, batch_id: UUID, most: int = 0) -> list[IntakeLine]:
        """The batch's entries that aren't undone, the newest first."""
        return await self._lines(await self.batches.active_entries(batch_id, most))

    async def line(self, entry: Entry) -> IntakeLine:
        (line,) = await self._lines([entry])
        return line

    async def tally(self, batch_id: UUID) -> BatchTally:
        return await self.batches.tally(batch_id)

    async def _lines(self, found: list[Entry]) -> list[IntakeLine]:
        renewals = await self.entry_service.renewals.by_ids({entry.renewal_id for entry in found})
        ids = [entry.id for entry in found]
        pages, low_resolution = await self.batches.page_counts(ids), await self.batches.low_resolution(ids)
        return [
            IntakeLine(
                entry,
                renewal,
                pages.get(entry.id, 0),
                entry.id in low_resolution,
                entries.expected_outcome(renewal, entry.revision, entry.paper),
            )
            for entry in found
            if (renewal := renewals[entry.renewal_id])
        ]

    async def _enter(
        self, batch: Batch, renewal: Renewal, code: FormCode, typed: ManualInput, cause: Cause
    ) -> EnteredForm:
        entered = await self.entry_service.enter(batch, renewal, code, typed, cause)
        await self.batches.join(batch.id)
        return entered

    async def _classify(self, sheet: Sheet, shows: SheetStatus, entry_id: UUID | None, who: Person) -> Sheet:
        def decide(found: Sheet | None) -> Decision[Sheet] | None:
            return sheets.classify(found, shows, entry_id, who.sub) if found else None

        cause = Cause.request(who.sub, f"settle {sheet.id}")
        stored = await self.batches.sheets.change(sheet.id, decide, cause)
        await self.batches.join(sheet.batch_id)
        assert stored is not None  # none is ever removed
        return stored.state

    async def _sheet(self, batch_id: UUID, sheet_id: UUID) -> tuple[Batch, Sheet]:
        return await self._open(batch_id), await self.batches.sheet(batch_id, sheet_id)

    async def _open(self, batch_id: UUID) -> Batch:
        batch = await self.batches.batch(batch_id)
        batching.check_open(batch)
        return batch
