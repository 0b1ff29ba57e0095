"""The dry run of an import: its rows are read and decided, and no subscription is changed."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from services.subscription.imports import state
from services.subscription.imports.row_decider import RowDecider
from services.subscription.imports.rows import ImportRow, refused_rows, sound_rows
from services.subscription.imports.state import Import, import_id
from services.subscription.imports.store import Imports
from services.subscription.spreadsheet.reader import Parsed, read_rows
from services.subscription.spreadsheet.row import Row
from services.subscription.store import Subscriptions
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import Clock

T = TypeVar("T")

# After so many decisions, other requests get a chance to run.
_BREATH = 50


@dataclass(frozen=True, slots=True)
class ImportProposer:
    imports: Imports
    subscriptions: Subscriptions
    decider: RowDecider
    clock: Clock
    batch: int

    async def propose(self, file: bytes, cause: Cause, by: str) -> tuple[Import, bool]:
        """Propose the import of this file. Returns it, and whether this call proposed it.

        If the process dies in between, the same file sent again is read from the start. Raises Unreadable.
        """
        digest = (await asyncio.to_thread(sha256, file)).hexdigest()
        known = await self.imports.get(import_id(digest))
        if known and not state.needs_reading(known):
            return known, False
        # A large file takes seconds. On the event loop, leases would expire and requests would wait.
        parsed = await asyncio.to_thread(read_rows, file, self.decider.policies)
        begun = await self._change(
            digest, cause, lambda one: state.begin_reading(one, digest, by, self.clock.now())
        )
        if not state.needs_reading(begun):
            return begun, False
        return await self._read(begun, parsed, cause)

    async def _read(self, begun: Import, parsed: Parsed, cause: Cause) -> tuple[Import, bool]:
        reading = begun.readings
        for rows in _parts(sound_rows(parsed), self.batch):
            await self.imports.rows.add(begun.id, reading, await self._decide(rows))
        for refused in _parts(refused_rows(parsed), self.batch):
            await self.imports.rows.add(begun.id, reading, refused)
        counts = await self.imports.rows.counts(begun.id, reading)

        def conclude(one: Import | None) -> Decision[Import] | None:
            return state.propose(one, reading, counts) if one else None

        after = await self._change(begun.sha256, cause, conclude)
        if after.reading != reading:
            await self.imports.rows.remove(begun.id, [reading])
        return after, after.reading == reading

    async def _decide(self, rows: Sequence[tuple[Row, ImportRow]]) -> list[ImportRow]:
        found = await self.subscriptions.readable(row.subscription_id for row, _ in rows)
        known = {stored.id: stored for stored in found}
        decided = []
        for number, (row, stored) in enumerate(rows):
            verdict = self.decider.expected(row, known.get(str(row.subscription_id)))
            remarks = (*stored.remarks, *self.decider.doubts(row))
            decided.append(stored.model_copy(update={"expected": verdict, "remarks": remarks}))
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        return decided

    async def _change(self, digest: str, cause: Cause, decide: state.Decide) -> Import:
        stored = await self.imports.change(import_id(digest), decide, cause)
        assert stored is not None
        return stored.state


def _parts(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while part := list(islice(items, size)):
        yield part
