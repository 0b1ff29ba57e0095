"""Takes a list of licences in: new ones are adopted, known ones corrected, equal ones left alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from services.subscription.domain.changes import adopt, correct
from services.subscription.domain.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.row import Row
from services.subscription.spreadsheet import RowError, read_rows
from services.subscription.store import Change, Subscriptions
from shared.aggregate import Stored
from shared.clock import Clock
from shared.faults import Conflict

_PASSES = 5


class Report(BaseModel):
    """How an import went: rows by outcome, each refused row with its reason, what is doubtful in others."""

    rows: int
    adopted: int
    corrected: int
    unchanged: int
    errors: list[RowError]
    warnings: list[RowError]


@dataclass(frozen=True, slots=True)
class Intake:
    subscriptions: Subscriptions
    policies: Policies
    clock: Clock
    batch: int

    async def take(self, file: bytes) -> Report:
        """Good rows in, bad rows reported. The same file again changes nothing.

        Dies in the middle: the rows saved so far stay, and the same file finishes the rest.
        """
        # Seconds for a large file: on the loop the lease would lapse and requests would wait.
        parsed = await asyncio.to_thread(read_rows, file, self.policies)
        adopted = corrected = 0
        for start in range(0, len(parsed.rows), self.batch):
            new, changed = await self._take_batch(parsed.rows[start : start + self.batch])
            adopted += new
            corrected += changed
        good = len(parsed.rows)
        return Report(
            rows=good + len({error.row for error in parsed.errors}),
            adopted=adopted,
            corrected=corrected,
            unchanged=good - adopted - corrected,
            errors=list(parsed.errors),
            warnings=list(parsed.warnings),
        )

    async def _take_batch(self, rows: Sequence[Row]) -> tuple[int, int]:
        """Save until nothing is left to change: a row that lost a race is decided anew."""
        adopted: set[str] = set()
        corrected: set[str] = set()
        for _ in range(_PASSES):
            known = await self.subscriptions.many(row.subscription_id for row in rows)
            changes = [c for row in rows if (c := self._decide(row, known.get(str(row.subscription_id))))]
            if not changes:
                return len(adopted), len(corrected - adopted)
            await self.subscriptions.save_many(changes)
            adopted |= {str(id) for stored, id, _ in changes if stored is None}
            corrected |= {str(id) for stored, id, _ in changes if stored is not None}
        raise Conflict("import: other changes kept coming in between")

    def _decide(self, row: Row, stored: Stored[Subscription] | None) -> Change | None:
        now = self.clock.now()
        if stored is None:
            return (
                None,
                row.subscription_id,
                adopt(row.office_ref, row.product_code, row.licence, now, self.policies),
            )
        decision = correct(stored.state, row.licence, now, self.policies)
        return (stored, row.subscription_id, decision) if decision.state != stored.state else None
