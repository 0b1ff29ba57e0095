"""Records decided lines of statements for their registrations, many in one round trip.

| the process dies                       | left behind                   | the repeat                     |
|----------------------------------------|-------------------------------|--------------------------------|
| before the receipts are saved          | lines that are being recorded | records them                   |
| receipts saved, before the commitments | receipts with the line's id   | finds them (and `settlement`)  |
| before the lines are saved             | the same                      | finds them, saves the lines    |

A receipt has the id of its line. A line gives one registration one receipt, however often it is recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.renewal.domain.payment.bank_line import RULE, BankLine, not_recorded, recorded
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.bank_lines import BankLines
from services.renewal.payment.settlement import Settlement
from services.renewal.receivables import Receivables
from services.renewal.store import Renewals
from shared.events.base import Event
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.clock import Clock


@dataclass
class _Account:
    """A receivable while the lines of one round are recorded for it."""

    renewal: Renewal
    stored: Stored[Receivable] | None
    state: Receivable
    events: list[Event] = field(default_factory=list)

    def receipt_for(self, line: BankLine, amount: int, now: datetime) -> Decision[Receivable] | None:
        """None where the line has its receipt already. Raises RenewalError."""
        if any(receipt.counts and receipt.line_id == line.id for receipt in self.state.receipts):
            return None
        by, day, reference = line.decision.by if line.decision else RULE, line.line.booked_on, line.reference
        if by == RULE and not (is_payable(self.renewal) and self.state.amount - self.state.paid == amount):
            raise RenewalError("payment-moved")
        return record_receipt(self.state, self.renewal, amount, day, reference, by, now, line_id=line.id)

    def take(self, decision: Decision[Receivable]) -> None:
        self.state = decision.state
        self.events += decision.events


@dataclass(frozen=True, slots=True)
class LineRecorder:
    lines: BankLines
    renewals: Renewals
    receivables: Receivables
    settlement: Settlement
    clock: Clock

    async def record(self, decided: Sequence[Stored[BankLine]]) -> None:
        """Lines whose registrations changed meanwhile stay as they are, for the next round."""
        now = self.clock.now()
        accounts = await self._accounts(
            share.renewal_id for stored in decided for share in stored.state.shares
        )
        done = [(stored, stored.id, Decision(_recorded(stored.state, accounts, now))) for stored in decided]
        changed = [account for account in accounts.values() if account.events]
        saves = [
            (account.stored, str(account.state.id), Decision(account.state, tuple(account.events)))
            for account in changed
        ]
        if not await self.receivables.save_many(saves, Cause.command("record statement")):
            return
        await self.settlement.settle(accounts)
        await self.lines.save_many(done, Cause.command("record statement"))

    async def _accounts(self, ids: Iterable[UUID]) -> dict[UUID, _Account]:
        renewals = await self.renewals.by_ids(set(ids))
        known = await self.receivables.stored_by_renewal(renewals)
        accounts = {}
        for id, renewal in renewals.items():
            stored = known.get(id)
            state = stored.state if stored else Receivable.of(renewal.registration)
            accounts[id] = _Account(renewal, stored, state)
        return accounts


def _recorded(line: BankLine, accounts: dict[UUID, _Account], now: datetime) -> BankLine:
    """All of its registrations take it, or none."""
    taken = []
    try:
        for share in line.shares:
            if (account := accounts.get(share.renewal_id)) is None:
                raise RenewalError("registration-unknown")
            taken.append((account, account.receipt_for(line, share.amount, now)))
    except RenewalError as refused:
        return not_recorded(line, refused.name)
    for account, decision in taken:
        if decision:
            account.take(decision)
    return recorded(line)
