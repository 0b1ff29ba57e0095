"""Makes what is stored apart follow a payment: the commitment to pay is kept once all is paid, or open again;
the grants of resources follow it; the line of a bank statement whose receipt is reversed waits for a clerk
again; the issued invoice of money that was given back is to be corrected; and the registration in place of a
replaced one knows what of its money is still here. Money that isn't due is marked: the desk gives it back, or
moves it.

A save that changes what is received marks its receivable; one that closes a registration is found by
`follow_up`. If the process dies before the others are saved, or
before the mark is removed, `follow_up` finds the mark and does the rest.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.invoice.refund import follow_refunds
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, invoice_id
from services.renewal.domain.payment.balance import settled
from services.renewal.domain.payment.bank_line import BankLine, undo
from services.renewal.domain.payment.commitment_steps import settle_commitment
from services.renewal.domain.payment.receivable import Receipt, Receivable
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.bank_lines import BankLines
from services.renewal.replaced_payments import follow_replaced
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.clock import Clock

FollowResources = Callable[[Collection[UUID], Cause], Awaitable[bool]]
"""Lets the grants of resources of these subscriptions become what the facts want."""


@dataclass(frozen=True, slots=True)
class Settlement:
    renewals: Renewals
    receivables: Receivables
    lines: BankLines
    invoices: RequestedInvoices
    follow_resources: FollowResources
    clock: Clock

    async def settle(self, renewal_ids: Iterable[UUID]) -> None:
        """Many in few round trips. What changes meanwhile, or can't be read, stays marked for the next
        time."""
        found = await self.receivables.stored_by_renewal(renewal_ids)
        marked = {
            id: stored
            for id, stored in found.items()
            if stored and (stored.state.unsettled_since or stored.state.may_close)
        }
        cause = Cause.command("settle payments")
        renewals = await self.renewals.stored_by_ids(marked)
        changes = [
            (stored, stored.id, decision)
            for stored in renewals
            if (decision := settle_commitment(stored.state, marked[UUID(stored.id)].state, self.clock.now()))
        ]
        saved = await self.renewals.save_many(changes, cause)
        committed = {
            product.subscription_id
            for each in renewals
            if each.state.commitment
            for product in each.state.registration.on_form
        }
        await self.follow_resources(committed, cause)
        saved = saved and await self.lines.save_many(await self._undone(marked.values()), cause)
        given_back = {
            UUID(stored.id): stored.state for stored in renewals if marked[UUID(stored.id)].state.refunded > 0
        }
        invoices = await self.invoices.stored_by_renewal(given_back)
        if saved and await self.invoices.save_many(self._refunded(given_back, invoices, marked), cause):
            unread = given_back.keys() - invoices.keys()
            await self._follow_replaced(renewals)
            read = [
                (marked[id], stored.state) for stored in renewals if (id := UUID(stored.id)) not in unread
            ]
            now = self.clock.now()
            done = [(stored, stored.id, Decision(settled(stored.state, of, now))) for stored, of in read]
            await self.receivables.save_many(done, cause)

    async def _follow_replaced(self, renewals: Iterable[Stored[Renewal]]) -> None:
        for stored in renewals:
            if stored.state.replaced_by:
                await follow_replaced(self.renewals, self.receivables, stored.state, self.clock.now())

    def _refunded(
        self,
        renewals: Mapping[UUID, Renewal],
        invoices: Mapping[UUID, Stored[RequestedInvoice] | None],
        marked: Mapping[UUID, Stored[Receivable]],
    ) -> list[tuple[Stored[RequestedInvoice] | None, str, Decision[RequestedInvoice]]]:
        """The invoices that don't know yet what was given back."""
        changes = []
        for id, stored in invoices.items():
            state = stored.state if stored else self.invoices.first(renewals[id].registration)
            if decision := follow_refunds(state, renewals[id], marked[id].state, self.clock.now()):
                changes.append((stored, str(invoice_id(id)), decision))
        return changes

    async def _undone(
        self, receivables: Iterable[Stored[Receivable]]
    ) -> list[tuple[Stored[BankLine], str, Decision[BankLine]]]:
        """The lines whose present decision gave a receipt that is reversed."""
        receipts = [receipt for stored in receivables for receipt in stored.state.receipts]
        gone = {receipt.line_id for receipt in receipts if receipt.reversal and receipt.line_id}
        return [
            (stored, stored.id, undone)
            for stored in await self.lines.by_ids(gone)
            if (undone := undo_reversed(stored.state, receipts))
        ]


def undo_reversed(line: BankLine, receipts: Iterable[Receipt]) -> Decision[BankLine] | None:
    """The line waits for a clerk again where its present decision gave one of `receipts` that is reversed.
    None where it doesn't, or waits already."""
    decided_at = line.decision.at if line.decision else None
    for receipt in receipts:
        if receipt.reversal and (receipt.line_id, receipt.line_decided_at) == (line.id, decided_at):
            return undo(line, receipt.reversal.reason)
    return None
