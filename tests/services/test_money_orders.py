"""Any order of payment, grant, signature, contract, correction and cancellation ends in a legal state: money
is whole đồng, none is lost or counted twice, and nothing is given without its cause.
"""

from hypothesis import settings
from hypothesis.stateful import invariant

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.payment.bank_line import LineStatus
from services.renewal.domain.payment.statement import LineDirection
from shared.events.base import SendBy
from shared.events.invoice import InvoiceRequested
from shared.events.renewal import ContractPrepared, RenewalAccepted
from tests.services.paid_office import RENEWAL
from tests.services.payment_rules import PaymentRules
from tests.services.subscription.examples import HANOI
from tests.support.access_causes import CausedAccess, access_causes


class MoneyOrders(PaymentRules):
    """One registration, what the bank and the clerks record of it, and what subscription makes of that."""

    # What holds at every moment.

    @invariant()
    def money_is_neither_lost_nor_counted_twice(self) -> None:
        it, state = self.office, self.office.receivable.state
        amounts = [receipt.amount for receipt in state.receipts]
        assert all(type(amount) is int and amount > 0 for amount in amounts)
        reversed_ = sum(receipt.amount for receipt in state.receipts if receipt.reversal)
        assert sum(amounts) == state.paid + reversed_
        balance = it.balance
        assert balance.paid + balance.open_amount == balance.amount + balance.over
        for line in it.lines.values():
            counted, whole = self.counted(line), (line.line.amount,)
            assert counted in {
                LineStatus.RECORDED: (whole,),
                LineStatus.RECORDING: ((), whole),
            }.get(line.status, ((),)), line.status

    @invariant()
    def commitment_and_invoice_follow(self) -> None:
        it = self.office
        commitment, invoice = it.renewal.state.commitment, it.invoice.state
        paid = it.receivable.state.paid >= it.receivable.state.amount
        assert commitment is None or commitment.paid is paid or it.receivable.state.unsettled_since
        assert (invoice.waiting_since is not None) == (invoice.status is InvoiceStatus.REQUESTED)
        revisions = [event.revision for event in it.told if isinstance(event, InvoiceRequested)]
        assert revisions == sorted(set(revisions)), "each request once"

    @invariant()
    def no_contract_without_its_acceptance(self) -> None:
        it, accepted = self.office, 0
        for event in it.told:
            if isinstance(event, RenewalAccepted):
                accepted += 1
            if isinstance(event, ContractPrepared):
                accepted -= 1
                assert accepted >= 0
        issued = it.renewal.state.status is RegistrationStatus.CONTRACT_ISSUED
        disputed = [terms.renewal_id for terms in it.state.disputed]
        assert issued == (RENEWAL in (*it.state.renewals, *disputed, *it.state.withheld))

    @invariant()
    def no_access_without_its_cause(self) -> None:
        it, state = self.office, self.office.state
        until, known = state.temporary_until, state.registrations.get(RENEWAL)
        if it.late or until is None or until <= max(state.full_until, it.today):
            return
        assert state.temporary_for == RENEWAL
        assert known is None or not known.closed, "only a contract may have taken its place"
        assert until <= max(cause.until for cause in self.causes)

    @invariant()
    def subscription_knows_what_is_paid(self) -> None:
        it, known = self.office, self.office.state.registrations.get(RENEWAL)
        if known is None or it.late or RENEWAL in it.state.renewals:
            return
        assert (known.paid_until is not None) == (it.receivable.state.paid >= it.receivable.state.amount)

    @property
    def causes(self) -> list[CausedAccess]:
        events = sorted([*self.office.told, *self.signed], key=lambda event: event.occurred_at)
        return list(access_causes(events, HANOI))


MoneyOrders.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestMoneyOrders = MoneyOrders.TestCase


def test_line_is_counted_once_whatever_dies_and_not_at_all_once_it_is_reversed() -> None:
    it = MoneyOrders()
    it.begins(left=10, way=SendBy.PAPER, declared_paid=False)
    it.bank_prints(part=2, named=True, direction=LineDirection.CREDIT)
    for dies in (True, False):
        it.lines_are_recorded(dies=dies)
        it.money_is_neither_lost_nor_counted_twice()
        it.subscription_knows_what_is_paid()
    assert it.office.balance.open_amount == 0
    it.reversed_(nth=0, refunded=False)
    it.money_is_neither_lost_nor_counted_twice()
    it.subscription_knows_what_is_paid()
    assert it.office.balance.paid == 0
