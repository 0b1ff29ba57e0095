"""Payment, signature, corrected date, contract, refund and invoice, in any order: each ends in a legal
state, and none changes the price."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain import money
from services.renewal.domain.contract import contract, void_steps
from services.renewal.domain.desk.approval import ApprovalFacts
from services.renewal.domain.flow import REGISTRATION_FLOW, VALID, RegistrationStatus
from services.renewal.domain.invoice.closure import follow_void_contract
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.refund import follow_refunds
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.domain.payment.commitment_steps import settle_commitment
from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Stage
from shared.events.renewal import ContractPrepared
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import contract_issued, document, form_signed

MADE = registration()
TOTAL = MADE.order.total
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "sign",
                "correct",
                "pay",
                "refund",
                "undo",
                "prepare",
                "seal",
                "invoice",
                "replace",
                "cancel",
                "void",
            ]
        ),
        st.integers(-3, 3),
    ),
    max_size=14,
)


def _reachable(status: RegistrationStatus) -> set[RegistrationStatus]:
    return {status, *(to for after in REGISTRATION_FLOW.transitions[status].values() for to in after)}


@dataclass
class Story:
    """One registration, what is paid for it, and its invoice."""

    renewal: Renewal = field(
        default_factory=lambda: form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    )
    receivable: Receivable = field(default_factory=lambda: Receivable.of(MADE))
    invoice: RequestedInvoice = field(
        default_factory=lambda: RequestedInvoice.of(MADE, money.in_words(TOTAL))
    )
    prepared: list[ContractPrepared] = field(default_factory=list)

    @property
    def facts(self) -> ApprovalFacts:
        return replace(judged(), expires_on=self.renewal.registration.term.basis_expires_on)

    def do(self, name: str, n: int) -> None:
        """One fact, and what follows it as `Settlement` does. Raises RenewalError where it isn't possible."""
        match name:
            case "sign":
                signed = form_signed(revision=max(self.renewal.form_revision - abs(n), 1))
                step = contract.record_signed_form(self.renewal, signed, licence(), self.facts, NOW)
                self.renewal = step.state
            case "correct":
                self.correct(n)
            case "prepare" | "seal":
                self.take_on(name)
            case "cancel":
                self.renewal = sending.cancel(self.renewal, "office", "thôi", NOW).state
            case "void":
                proposed = void_steps.propose_void(self.renewal, "clerk-1", "nhầm", NOW).state
                self.renewal = void_steps.approve_void(proposed, "clerk-2", NOW).state
                if looked := follow_void_contract(self.invoice, self.renewal, NOW):
                    self.invoice = looked.state
            case "invoice" | "replace":
                self.issue("original" if name == "invoice" else "replacement")
            case _:
                self.move_money(name)
        self.settle()

    def correct(self, n: int) -> None:
        made = self.renewal.registration
        expires_on = made.term.basis_expires_on + timedelta(days=7 * n)
        if form.is_outdated(self.renewal, {made.subscription_id: expires_on}):
            moved = restate(made, expires_on, Stage.EXPIRING, TODAY)
            facts = replace(judged(), expires_on=expires_on)
            paper = document(f"form {self.renewal.form_revision + 1}")
            self.renewal = form.reissue(self.renewal, moved, paper, "corrected", facts, NOW).state

    def take_on(self, name: str) -> None:
        if self.renewal.status is not RegistrationStatus.ACCEPTED:
            return
        number = self.renewal.contract_number
        if name == "prepare" and number is None:
            paper, of = document("contract"), ContractNumber(year=2026, n=1)
            step = contract.prepare_contract(self.renewal, of, TODAY, paper, NOW)
            self.prepared += [event for event in step.events if isinstance(event, ContractPrepared)]
            self.renewal = step.state
        elif name == "seal" and number:
            issued = contract_issued(str(number))
            self.renewal = contract.record_issued_contract(self.renewal, issued, NOW).state

    def move_money(self, name: str) -> None:
        paid, counting = self.receivable, [each.id for each in self.receivable.receipts if each.counts]
        if name == "pay":
            reference = f"FT{len(paid.receipts)}"
            self.receivable = record_receipt(
                paid, self.renewal, TOTAL, TODAY, reference, "clerk-1", NOW
            ).state
        elif counting:
            refunded = name == "refund"
            self.receivable = reverse_receipt(
                paid, self.renewal, counting[0], "trả lại", "clerk-1", NOW, refunded=refunded
            ).state

    def issue(self, kind: str) -> None:
        number = str(len(self.invoice.issued) + 1)
        fields = {"symbol": "1C26TAA", "number": number, "dated": TODAY, "total": TOTAL, "kind": kind}
        entry = InvoiceEntry.model_validate(fields | {"reason": "" if kind == "original" else "hoàn tiền"})
        if step := record_invoice(self.invoice, self.renewal, entry, (), "clerk-1", NOW):
            self.invoice = step.state

    def settle(self) -> None:
        if paid := settle_commitment(self.renewal, self.receivable, NOW):
            self.renewal = paid.state
        if refunded := follow_refunds(self.invoice, self.renewal, self.receivable, NOW):
            self.invoice = refunded.state


def test_money_refunded_under_a_contract_in_force_is_owed_again() -> None:
    it = Story()
    for name in ("sign", "prepare", "seal", "pay", "refund"):
        it.do(name, 0)
    assert it.renewal.status is RegistrationStatus.CONTRACT_ISSUED
    balance = PaymentBalance.of(it.receivable, it.renewal, TODAY)
    assert (balance.status, balance.open_amount) == (PaymentStatus.UNPAID, TOTAL)
    assert it.renewal.commitment is not None
    assert it.renewal.commitment.next_on is not None, "the office is reminded again"


@given(STEPS)
def test_any_order_ends_in_a_legal_state(steps: list[tuple[str, int]]) -> None:
    it = Story()
    for name, n in steps:
        before = it.renewal
        with suppress(RenewalError):
            it.do(name, n)
        assert it.renewal.status in _reachable(before.status)
        if before.status not in VALID or before.status is RegistrationStatus.CONTRACT_ISSUED:
            assert it.renewal.registration == before.registration, "what is closed isn't restated"
        assert it.renewal.registration.order == MADE.order, "no fact changes the price"
        assert (it.receivable.amount, it.invoice.total) == (TOTAL, TOTAL)
        assert it.renewal.commitment is not None
        assert it.renewal.commitment.paid is (it.receivable.paid >= TOTAL)
        if it.renewal.voided_in_force:
            assert it.renewal.status is RegistrationStatus.CANCELLED
            assert PaymentBalance.of(it.receivable, it.renewal, TODAY).open_amount == 0, "nothing is due"
        if it.invoice.correct_by:
            assert it.invoice.issued
            assert it.invoice.look_since
    assert len(it.prepared) <= 1
    for event in it.prepared:
        assert event.total_vnd == TOTAL
        assert event.term.basis_expires_on == it.renewal.registration.term.basis_expires_on
        basis = it.renewal.basis_form
        assert basis is not None
        assert it.renewal.is_valid_revision(basis.revision)
