"""Records decided lines of statements for their registrations, many in one round trip.

| the process dies                       | left behind                   | the repeat                     |
|----------------------------------------|-------------------------------|--------------------------------|
| before the receipts are saved          | lines that are being recorded | records them                   |
| receipts saved, before the commitments | receipts with the line's id   | finds them (and `settlement`)  |
| before the lines are saved             | the same                      | finds them, saves the lines    |

A receipt has the id of its line and the time of the decision on it. A decision gives one registration one
receipt, however often it is recorded, and none again if that is reversed meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.renewal.domain.payment.bank_line import RULE, BankLine, LineStatus, not_recorded, recorded
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.bank_lines import BankLines
from services.renewal.payment.settlement import Settlement
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
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
        """None where this decision on the line has given its receipt already, be it reversed since. Raises
        RenewalError."""
        decided_at = line.decision.at if line.decision else None
        if any((each.line_id, each.line_decided_at) == (line.id, decided_at) for each in self.state.receipts):
            return None
        by, day, reference = line.decision.by if line.decision else RULE, line.line.booked_on, line.reference
        if by == RULE and not (is_payable(self.renewal) and self.state.amount - self.state.paid == amount):
            raise RenewalError("payment-moved")
        return record_receipt(
            self.state,
            self.renewal,
            amount,
            day,
            reference,
            by,
            now,
            line_id=line.id,
            line_decided_at=decided_at,
        )

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

    async def record(self, decided: Iterable[Stored[BankLine]]) -> bool:
        """Record those that are decided and not recorded yet. Lines whose registrations changed meanwhile
        stay as they are, for the next round. Returns whether all were recorded."""
        now = self.clock.now()
        due = [stored for stored in decided if stored.state.status is LineStatus.RECORDING]
        accounts = await self._accounts(share.renewal_id for stored in due for share in stored.state.shares)
        done = [(stored, stored.id, Decision(_recorded(stored.state, accounts, now))) for stored in due]
        saves = [
            (account.stored, str(account.state.id), Decision(account.state, tuple(account.events)))
            for account in accounts.values()
            if account.events
        ]
        cause = Cause.command("record statement")
        if not await self.receivables.save_many(saves, cause):
            return False
        await self.settlement.settle(accounts)
        return await self.lines.save_many(done, cause)

    async def _accounts(self, ids: Iterable[UUID]) -> dict[UUID, _Account]:
        renewals = await self.renewals.by_ids(set(ids))
        accounts = {}
        for id, stored in (await self.receivables.stored_by_renewal(renewals)).items():
            renewal = renewals[id]
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
