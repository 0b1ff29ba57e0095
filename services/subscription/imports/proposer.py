"""The dry run of an import: its rows are read and decided, and no subscription is changed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from weakref import WeakValueDictionary

from services.subscription.domain.subscription import Subscription
from services.subscription.imports import state
from services.subscription.imports.lanes import side_by_side
from services.subscription.imports.repeated import SubscriptionsSeen
from services.subscription.imports.row_decider import RowDecider
from services.subscription.imports.rows import REFUSED, ImportRow, import_row
from services.subscription.imports.state import Import, import_id
from services.subscription.imports.store import Imports
from services.subscription.spreadsheet.reader import ReadRow, RowReader
from services.subscription.store import Subscriptions
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.clock import Clock

# After so many decisions, other requests get a chance to run.
_BREATH = 50


@dataclass(frozen=True, slots=True)
class ImportProposer:
    imports: Imports
    subscriptions: Subscriptions
    decider: RowDecider
    clock: Clock
    batch: int
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def propose(self, file: bytes, cause: Cause, by: str) -> tuple[Import, bool]:
        """Propose the import of this file. Returns it, and whether this call proposed it. The same file sent
        again meanwhile waits, and is not read twice by this process.

        If the process dies in between, the same file sent again is read from the start. Raises Unreadable.
        """
        digest = (await asyncio.to_thread(sha256, file)).hexdigest()
        lock = self._locks.setdefault(digest, asyncio.Lock())  # it lives as long as somebody uses it
        async with lock:
            return await self._propose(digest, file, cause, by)

    async def _propose(self, digest: str, file: bytes, cause: Cause, by: str) -> tuple[Import, bool]:
        known = await self.imports.get(import_id(digest))
        if known and not state.needs_reading(known):
            return known, False
        # A large file takes seconds. On the event loop, leases would expire and requests would wait.
        rows = await asyncio.to_thread(RowReader.open, file, self.decider.policies)
        begun = await self._change(
            digest, cause, lambda one: state.begin_reading(one, digest, by, self.clock.now())
        )
        if not state.needs_reading(begun):
            return begun, False
        return await self._read(begun, rows, cause)

    async def _read(self, begun: Import, rows: RowReader, cause: Cause) -> tuple[Import, bool]:
        reading = begun.readings
        seen = SubscriptionsSeen()
        await side_by_side(self._batches(rows), lambda batch: self._add(begun, batch, seen))
        if repeated := await asyncio.to_thread(seen.repeated):
            await self.imports.rows.refuse_repeated(begun.id, reading, repeated)
        counts = await self.imports.rows.counts(begun.id, reading)

        def conclude(one: Import | None) -> Decision[Import] | None:
            return state.propose(one, reading, counts) if one else None

        after = await self._change(begun.sha256, cause, conclude)
        if after.reading != reading:
            await self.imports.rows.remove(begun.id, [reading])
        return after, after.reading == reading

    async def _batches(self, rows: RowReader) -> AsyncIterator[list[ReadRow]]:
        left = iter(rows)
        while batch := await asyncio.to_thread(lambda: list(islice(left, self.batch))):
            yield batch

    async def _add(self, begun: Import, batch: Sequence[ReadRow], seen: SubscriptionsSeen) -> None:
        """Decide rows that were read, and store them."""
        ids = [read.row.subscription_id for read in batch if read.row]
        for id in ids:
            seen.note(id)
        known = {stored.id: stored for stored in await self.subscriptions.readable(ids)}
        decided = []
        for number, read in enumerate(batch):
            decided.append(self._decide(read, known))
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        await self.imports.rows.add(begun.id, begun.readings, decided)

    def _decide(self, read: ReadRow, known: Mapping[str, Stored[Subscription]]) -> ImportRow:
        if read.row is None:
            return import_row(read, REFUSED)
        verdict = self.decider.expected(read.row, known.get(str(read.row.subscription_id)))
        return import_row(read, verdict, self.decider.doubts(read.row))

    async def _change(self, digest: str, cause: Cause, decide: state.Decide) -> Import:
        stored = await self.imports.change(import_id(digest), decide, cause)
        assert stored is not None
        return stored.state
