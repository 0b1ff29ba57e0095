"""What the bank, the clerks and the e-invoice system record of a registration, in any order."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from services.renewal.domain.invoice.closure import clear_look
from services.renewal.domain.invoice.invoice_flow import InvoiceStep
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry, InvoiceKind
from services.renewal.domain.invoice.request_steps import cancel_request, change_request, request_by_desk
from services.renewal.domain.invoice.requested_invoice import InvoiceDetails
from services.renewal.domain.payment import bank_line
from services.renewal.domain.payment.bank_line import BankLine, LineStep, match_bank_line
from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.payment_flow import PaymentStep
from services.renewal.domain.payment.payment_match import PaymentShare, match_line
from services.renewal.domain.payment.receivable import (
    claim_payment,
    record_receipt,
    refuse_claim,
    reverse_receipt,
)
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.domain.payment.transfer import order_code
from shared.ids import fresh
from shared.storage.aggregate import Decision
from tests.services.contract_rules import ContractRules
from tests.services.paid_office import RENEWAL, tried


class PaymentRules(ContractRules):
    """`printed`: the lines of the bank's statement."""

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[StatementEntry] = []

    # Money.

    @rule()
    def office_claims(self) -> None:
        it = self.office
        it.pay_step(
            PaymentStep.CLAIM,
            lambda state: claim_payment(state, it.renewal.state, it.today, "GH", "office", it.now()),
        )

    @rule()
    def desk_refuses_the_claim(self) -> None:
        it = self.office
        it.pay_step(
            PaymentStep.REFUSE_CLAIM,
            lambda state: refuse_claim(state, it.renewal.state, "không thấy", it.now()),
        )

    @rule(part=st.sampled_from([1, 2, 3]), reference=st.sampled_from(["A", "B", "C"]))
    def clerk_records(self, part: int, reference: str) -> None:
        it = self.office
        amount = max(it.receivable.state.amount * part // 2, 1)

        def decide(state: Any) -> Any:
            return record_receipt(state, it.renewal.state, amount, it.today, reference, "clerk-1", it.now())

        if it.pay_step(PaymentStep.RECORD, decide):
            assert not it.pay_step(PaymentStep.RECORD, decide), "one transfer counts once"

    @rule(nth=st.integers(0, 5), refunded=st.booleans())
    def reversed_(self, nth: int, refunded: bool) -> None:
        it = self.office
        counting = [receipt for receipt in it.receivable.state.receipts if receipt.counts]
        if not counting:
            return
        id = counting[nth % len(counting)].id

        def decide(state: Any) -> Any:
            return reverse_receipt(
                state, it.renewal.state, id, "nhầm", "clerk-1", it.now(), refunded=refunded
            )

        it.pay_step(PaymentStep.REVERSE, decide)
        assert not it.pay_step(PaymentStep.REVERSE, decide), "a receipt is reversed once"

    @rule(part=st.sampled_from([1, 2, 3]), named=st.booleans(), direction=st.sampled_from(LineDirection))
    def bank_prints(self, part: int, named: bool, direction: LineDirection) -> None:
        """The statement has all lines until now, and is taken in once more. Where it dies, lines that are
        decided wait for the next rule."""
        it = self.office
        code = order_code(it.renewal.state.registration.number)
        entry = StatementEntry(
            row=len(self.printed) + 1,
            booked_on=it.today,
            direction=direction,
            amount=max(it.receivable.state.amount * part // 2, 1),
            memo=code if named else "chuyen tien",
            reference=f"FT{len(self.printed)}",
        )
        self.printed.append(entry)
        self.statement_is_taken_in()

    @precondition(lambda self: self.printed)
    @rule()
    def statement_is_taken_in(self) -> None:
        it, file_id = self.office, fresh()
        balance = it.balance
        code = order_code(it.renewal.state.registration.number)
        order = PayableOrder(
            renewal_id=RENEWAL, code=code, open_amount=balance.open_amount, paid=balance.paid
        )
        index = OrderIndex.of([order])
        for line in Statement.of("970436", "123456", self.printed).lines:
            if line.id in it.lines:
                continue
            it.lines[line.id] = BankLine(id=line.id, file_id=file_id, line=line)
            it.line_step(
                line.id, LineStep.MATCH, match_bank_line(it.lines[line.id], match_line(line, index), it.now())
            )

    @rule(dies=st.booleans())
    def lines_are_recorded(self, dies: bool) -> None:
        """The recorder may die after the receipts are saved. It then looks again."""
        self.office.record_lines(dies=dies)
        told = list(self.office.told)
        if not dies:
            self.office.record_lines()
            assert self.office.told == told, "a decision is recorded once"

    @rule(nth=st.integers(0, 5), step=st.sampled_from([LineStep.ASSIGN, LineStep.SET_ASIDE, LineStep.REOPEN]))
    def clerk_decides_about_a_line(self, nth: int, step: LineStep) -> None:
        it = self.office
        if not it.lines:
            return
        line = list(it.lines.values())[nth % len(it.lines)]
        unrecorded = not self.counted(line)
        share = PaymentShare(renewal_id=RENEWAL, code="GH", amount=line.line.amount)

        def decide(state: BankLine) -> Decision[BankLine] | None:
            if step is LineStep.REOPEN:
                return bank_line.reopen(state, "nhầm")
            if not unrecorded:
                return None
            if step is LineStep.SET_ASIDE:
                return bank_line.set_aside(state, "clerk-1", "không phải", it.now())
            return bank_line.assign(state, [share], "clerk-1", "", it.now())

        if decision := tried(decide, line):
            it.line_step(line.id, step, decision.state)

    # The invoice.

    @rule(name=st.sampled_from(["A", "B"]), by_desk=st.booleans())
    def invoice_is_asked_for(self, name: str, by_desk: bool) -> None:
        it = self.office
        if by_desk:
            it.invoice_step(
                InvoiceStep.REQUEST, lambda state: request_by_desk(state, it.renewal.state, it.now())
            )
            return
        details = InvoiceDetails(**it.invoice.state.buyer.model_dump() | {"name": f"Trường {name}"})
        decide: Any = lambda state: change_request(state, it.renewal.state, details, "office", "", it.now())  # noqa: E731
        it.invoice_step(InvoiceStep.CHANGE, decide)
        assert not it.invoice_step(InvoiceStep.CHANGE, decide)

    @rule()
    def invoice_is_cancelled(self) -> None:
        it = self.office
        it.invoice_step(
            InvoiceStep.CANCEL, lambda state: cancel_request(state, it.renewal.state, "thôi", it.now())
        )

    @rule(kind=st.sampled_from(["original", "adjustment", "replacement"]), off=st.sampled_from([0, 1]))
    def invoice_is_issued(self, kind: InvoiceKind, off: int) -> None:
        """The e-invoice system may tell it twice."""
        it = self.office
        self.number += 1
        entry = InvoiceEntry(
            kind=kind,
            symbol=f"1C{it.today:%y}TAA",
            number=str(self.number),
            dated=it.today,
            total=it.invoice.state.total - off,
            reason="" if kind == "original" else "sai tên",
        )
        decide: Any = lambda state: record_invoice(state, it.renewal.state, entry, (), "einvoice", it.now())  # noqa: E731
        it.invoice_step(InvoiceStep.RECORD, decide)
        assert not it.invoice_step(InvoiceStep.RECORD, decide)

    @rule()
    def clerk_looks_at_the_invoice(self) -> None:
        it = self.office
        it.invoice_step(InvoiceStep.LOOK, lambda state: clear_look(state, "đã xem", it.now()))

    # Messages.

    @rule(delays=st.booleans())
    def messages_about_money_are_late(self, delays: bool) -> None:
        """Dead letters that are redriven come late, the newest first."""
        it = self.office
        it.delays = delays
        late, it.late = it.late[::-1], []
        it.hear(late)

    @rule(nth=st.integers(0, 30))
    def a_message_comes_again(self, nth: int) -> None:
        it = self.office
        if it.heard:
            before = it.state
            it.hear([it.heard[nth % len(it.heard)]])
            it.heard.pop()
            assert it.state == before

    def counted(self, line: BankLine) -> tuple[int, ...]:
        """What counts as received of the line."""
        receipts = self.office.receivable.state.receipts
        return tuple(each.amount for each in receipts if each.counts and each.line_id == line.id)
