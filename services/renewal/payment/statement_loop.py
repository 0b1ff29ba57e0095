"""The loop that takes in uploaded statements: reads the file, matches its lines, records what is certain.

| the process dies             | left behind                     | the repeat                            |
|------------------------------|---------------------------------|---------------------------------------|
| while the file is read       | an uploaded file                | reads it again                        |
| while its lines are stored   | some lines, with the file's id  | stores the others: a line has one id  |
| while lines are matched      | some matched lines              | matches the others                    |
| while lines are recorded     | what `line_recorder` says       | records the others                    |
| before the file's last save  | all its lines, matched          | counts them again                     |
| while search keys are added  | some lines with their keys      | adds those of the others              |
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.renewal.domain.payment.bank_line import BankLine, LineStatus, match_bank_line
from services.renewal.domain.payment.order_index import OrderIndex
from services.renewal.domain.payment.payment_match import MatchVerdict, match_line
from services.renewal.domain.payment.statement_file import StatementFile, StatementPhase, StatementSummary
from services.renewal.payment.bank_lines import BankLines, StatementFiles
from services.renewal.payment.line_recorder import LineRecorder
from services.renewal.payment.order_reader import read_orders
from services.renewal.payment.statement_reader import StatementReader
from services.renewal.payment.statements.refusal import StatementRefused, refuse
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Documents

_MOST_ATTEMPTS = 3
_BATCH, _AT_ONCE = 500, 50
"""Lines in one round trip, and lines that are prepared before other tasks may run."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StatementLoop:
    files: StatementFiles
    lines: BankLines
    recorder: LineRecorder
    documents: Documents
    reader: StatementReader
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        """Whether there was something to do."""
        recorded = await self._record(check_leadership)
        if (stored := await self.files.at_work()) is None:
            return recorded or await self._add_keys(check_leadership)
        if stored.state.phase is StatementPhase.UPLOADED:
            await self._take_in(stored, check_leadership)
        else:
            await self._match_all(stored, check_leadership)
        return True

    async def _take_in(self, stored: Stored[StatementFile], check_leadership: CheckLeadership) -> None:
        """A file that ended its process several times is refused, as one that can't be read. One of which
        some lines are stored isn't: these count."""
        stored = await self._save(stored, attempts=stored.state.attempts + 1)
        file = stored.state
        try:
            if file.attempts > _MOST_ATTEMPTS:
                refuse("not_read")
            data = await self.documents.get(file.document.sha256)
            statements = await self.reader.read(data, file.columns)
        except StatementRefused as refused:
            faults = tuple(tuple(fault.message) for fault in refused.faults)
            begun = await self.lines.count({"file_id": file.id})
            phase = StatementPhase.READ if begun else StatementPhase.REFUSED
            await self._save(stored, phase=phase, faults=faults)
            return
        printed = [line for each in statements for line in each.lines]
        known = 0
        for batch in _batches(printed):
            await check_leadership()
            changes = [
                (None, str(line.id), Decision(BankLine.of(line, file.id))) async for line in _in_turns(batch)
            ]
            await self.lines.save_many(changes, Cause.command("take in statement"))
            known += await self.lines.known_of([line.id for line in batch], file.id)
        days = [day for each in statements for day in (each.first_on, each.last_on)]
        summary = StatementSummary(first_on=min(days), last_on=max(days), lines=len(printed), known=known)
        await self._save(stored, phase=StatementPhase.READ, summary=summary)

    async def _match_all(self, stored: Stored[StatementFile], check_leadership: CheckLeadership) -> None:
        index: OrderIndex | None = None
        while new := await self.lines.new_of(stored.state.id, _BATCH):
            await check_leadership()
            index = index or await read_orders(self.recorder.renewals, self.recorder.receivables)
            twins = await self.lines.twins([each.state for each in new])
            matched = [line async for line in self._matched(new, twins, index)]
            changes = [(each, each.id, Decision(line)) for each, line in zip(new, matched, strict=True)]
            await self.lines.save_many(changes, Cause.command("match statement"))
        while await self._record(check_leadership):
            pass
        counts = await self.lines.counts_of(stored.state.id)
        await self._save(stored, phase=StatementPhase.MATCHED, counts=counts)

    async def _matched(
        self, new: Sequence[Stored[BankLine]], twins: Set[UUID], index: OrderIndex
    ) -> AsyncIterator[BankLine]:
        """An exact match pays its order, so that a second line for it is a duplicate."""
        now = self.recorder.clock.now()
        async for stored in _in_turns(new):
            line = stored.state
            match = match_line(line.line, index)
            if match.verdict is MatchVerdict.EXACT and line.id not in twins:
                index.pay(match.candidates[0].core, line.line.amount)
            yield match_bank_line(line, match, now, has_twin=line.id in twins)

    async def _add_keys(self, check_leadership: CheckLeadership) -> bool:
        """Adds search keys to lines that an earlier release stored. Returns whether more may lack them."""
        if not (lacking := await self.lines.without_keys(_BATCH)):
            return False
        await check_leadership()
        changes = [(each, each.id, Decision(each.state.with_keys())) async for each in _in_turns(lacking)]
        await self.lines.save_many(changes, Cause.command("add search keys"))
        return True

    async def _record(self, check_leadership: CheckLeadership) -> bool:
        """Whether decided lines were recorded, so that more may wait."""
        decided = await self.lines.with_status(LineStatus.RECORDING, _BATCH)
        if not decided:
            return False
        await check_leadership()
        return await self.recorder.record(decided)

    async def _save(self, stored: Stored[StatementFile], **changes: object) -> Stored[StatementFile]:
        decision = Decision(stored.state.model_copy(update=changes))
        return await self.files.save(stored, decision, Cause.command("take in statement"), id=stored.id)


def _batches(lines: Sequence[T]) -> Iterator[Sequence[T]]:
    return (lines[at : at + _BATCH] for at in range(0, len(lines), _BATCH))


async def _in_turns(lines: Iterable[T]) -> AsyncIterator[T]:
    """The lines, one by one. Other tasks may run in between."""
    for n, line in enumerate(lines):
        if n % _AT_ONCE == 0:
            await asyncio.sleep(0)
        yield line
