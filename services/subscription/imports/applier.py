"""Applies a confirmed import, a few batches at once. Each row is decided again at that time.

If the process dies, the rows without an outcome are still to be applied. A row's verdict is stored before its
subscription is saved, and the subscription remembers the import. So a row that was saved but has no outcome
yet is recognised, and counts once, with that verdict.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from services.subscription.domain.changes.hold_limit import HoldLimit
from services.subscription.domain.subscription import Subscription
from services.subscription.imports import state
from services.subscription.imports.lanes import side_by_side
from services.subscription.imports.row_decider import RowDecider, RowDecision, refuse
from services.subscription.imports.rows import ImportRow, RowVerdict
from services.subscription.imports.state import Import
from services.subscription.imports.store import Imports
from services.subscription.spreadsheet.reader import error_parts
from services.subscription.spreadsheet.row import Row
from services.subscription.store import Subscriptions
from shared.background.leader_loop import CheckLeadership
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Stored
from shared.time.clock import Clock

log = structlog.get_logger()

_PASSES = 5
_BREATH = 50

Known = Mapping[str, Stored[Subscription]]
Verdicts = dict[int, RowVerdict]


@dataclass(frozen=True, slots=True)
class ImportApplier:
    imports: Imports
    subscriptions: Subscriptions
    decider: RowDecider
    clock: Clock
    hold_limit: HoldLimit
    batch: int

    async def apply(self, one: Import, check_leadership: CheckLeadership) -> None:
        """Apply all rows that are left. Raises Conflict if other changes keep coming in between."""
        if one.phase == "confirmed":
            too_many = await self._too_many_held(one, check_leadership)
            one = await self._change(one, lambda now: state.start_applying(now, many=too_many))
        await side_by_side(self._waiting(one, check_leadership), lambda rows: self._apply(one, rows))
        counts = await self.imports.rows.counts(one.id, one.reading)
        await self._change(one, lambda now: state.finish(now, counts, self.clock.now()))
        log.info("import.applied", id=str(one.id), **counts.model_dump())

    async def _too_many_held(self, one: Import, check_leadership: CheckLeadership) -> bool:
        """Whether the import's held dates, with those that are held already, exceed the usual number."""
        held = 0
        async for rows in self._waiting(one, check_leadership):
            known = await self._load(rows)
            corrected = [row for row in rows if str(row.id) in known]
            for row, (verdict, _) in await self._decide_all(one, corrected, known):
                held += verdict.outcome == "held" and known[str(row.id)].state.hold is None
        counted = await self.subscriptions.count()
        before = sum(counted.held.values())
        if not held or not self.hold_limit.exceeded(held + before, counted.all):
            return False
        log.error("holds.many", id=str(one.id), held=held, before=before, subscriptions=counted.all)
        return True

    async def _waiting(
        self, one: Import, check_leadership: CheckLeadership
    ) -> AsyncIterator[list[ImportRow]]:
        after = 0
        while rows := await self.imports.rows.waiting(one, after, self.batch):
            await check_leadership()
            yield rows
            after = rows[-1].number

    async def _apply(self, one: Import, rows: Sequence[ImportRow]) -> None:
        """Save until nothing is left to change. A row that lost a race is decided again."""
        verdicts = {row.number: row.expected for row in rows}
        added: set[int] = set()
        for _ in range(_PASSES):
            known = await self._load(rows)
            decided = await self._decide_all(
                one, [row for row in rows if not _was_saved(one, row, known)], known
            )
            lost = {row.number for row, _ in decided if row.number in added and str(row.id) not in known}
            decided = [(row, refuse("", "damaged") if row.number in lost else each) for row, each in decided]
            await self._note(one, verdicts, {row.number: verdict for row, (verdict, _) in decided})
            changes = [each.change for _, each in decided if each.change]
            added |= {row.number for row, each in decided if each.change and each.change[0] is None}
            if await self.subscriptions.save_many(changes, _cause(one)):
                outcomes = {number: verdict.outcome for number, verdict in verdicts.items()}
                return await self.imports.rows.record_outcomes(one, outcomes)
        raise Conflict("import: other changes kept coming in between")

    async def _note(self, one: Import, verdicts: Verdicts, new: Verdicts) -> None:
        await self.imports.rows.expect(
            one, {n: verdict for n, verdict in new.items() if verdict != verdicts[n]}
        )
        verdicts.update(new)

    async def _load(self, rows: Sequence[ImportRow]) -> Known:
        return {stored.id: stored for stored in await self.subscriptions.readable(row.id for row in rows)}

    async def _decide_all(
        self, one: Import, rows: Sequence[ImportRow], known: Known
    ) -> list[tuple[ImportRow, RowDecision]]:
        decided = []
        for number, row in enumerate(rows):
            decided.append((row, self._decide(row, known.get(str(row.id)), one.many)))
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        return decided

    def _decide(self, row: ImportRow, stored: Stored[Subscription] | None, many: bool) -> RowDecision:
        try:
            sound = Row.model_validate(row.given, context={"policies": self.decider.policies})
        except ValidationError as error:
            detail = error.errors(include_url=False, include_input=False)[0]
            return refuse(*error_parts(detail))
        return self.decider.decide(sound, stored, many=many)

    async def _change(self, one: Import, decide: Callable[[Import], state.Decided | None]) -> Import:
        stored = await self.imports.change(
            one.id, lambda now: decide(now) if now else None, Cause.command("import")
        )
        assert stored is not None
        return stored.state


def _was_saved(one: Import, row: ImportRow, known: Known) -> bool:
    """Whether this import saved the row before, and then died or lost a race with itself."""
    stored = known.get(str(row.id))
    return stored is not None and one.id in stored.handled


def _cause(one: Import) -> Cause:
    """The cause of the import's changes: the person who confirmed it. All changes have one correlation id."""
    return Cause(
        message_id=one.id,
        correlation_id=one.id,
        actor=f"person:{one.confirmed_by}",
        action="import",
        reason=one.reason,
    )
