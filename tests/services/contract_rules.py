"""What happens to a registration, its contract and its commitment to pay, in any order."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from services.renewal.domain.contract import contract
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.invoice.closure import follow_registration
from services.renewal.domain.invoice.invoice_flow import InvoiceStep
from services.renewal.domain.invoice.request_steps import request_by_rule
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.payment.commitment import CommitmentStep
from services.renewal.domain.payment.commitment_steps import (
    accept_commitment,
    extend_commitment,
    follow_commitment,
    refuse_commitment,
)
from services.renewal.domain.payment.payment_flow import PaymentStep
from services.renewal.domain.payment.receivable import (
    chase_claim,
)
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.renewal import Renewal
from services.renewal.registration.restatement import stage_of
from services.renewal.settings import EXAMPLE_VENDOR
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.stages.progress import advance
from shared.events.base import Event, SendBy
from shared.events.paper_form import ReturnReason
from shared.events.renewal import ContractPrepared
from shared.events.signing import ContractIssued, FormSigned
from shared.storage.aggregate import Cause, Decision, Stored, envelopes
from tests.services.paid_office import RENEWAL, PaidOffice
from tests.services.renewal.examples import OFFICE_REF, SUBSCRIPTION, judged
from tests.services.renewal.messages import certificate, document, form_signed, posted_form
from tests.services.subscription.examples import BOTH


class ContractRules(RuleBasedStateMachine):
    """`signed`: what signing published."""

    @initialize(left=st.integers(-50, 80), way=st.sampled_from(SendBy), declared_paid=st.booleans())
    def begins(self, left: int, way: SendBy, declared_paid: bool) -> None:
        self.office = PaidOffice(left, way, declared_paid)
        self.number = 0
        self.published = 0
        self.signed: list[FormSigned | ContractIssued] = []

    # The form and the contract.

    @rule(match=st.sampled_from(["tax_code", "review"]))
    def signs(self, match: str) -> None:
        it = self.office
        event = form_signed(revision=it.renewal.state.form_revision, match=match)
        event = event.model_copy(
            update={
                "renewal_id": RENEWAL,
                "subscription_id": SUBSCRIPTION,
                "office_ref": OFFICE_REF,
                "occurred_at": it.now(),
            }
        )

        def decide(state: Any) -> Any:
            return self.prepared(
                contract.record_signed_form(state, event, it.copies.only(), self.known, it.now())
            )

        if it.register_step(FlowStep.SIGN, decide):
            self.signed.append(event)
            self.publish(event)

    @rule()
    def shows_a_copy(self) -> None:
        it = self.office
        it.register_step(
            FlowStep.SHOW_COPY,
            lambda state: paper_form.upload_copy(
                state, document(f"copy {it.now()}"), state.form_revision, it.now()
            ),
        )

    @rule(back=st.booleans())
    def paper_comes(self, back: bool) -> None:
        it = self.office
        it.register_step(
            FlowStep.RECEIVE_PAPER,
            lambda state: paper_form.receive(
                state, posted_form(state.form_revision, f"scan {it.now()}"), it.now()
            ),
        )
        if back:
            it.register_step(
                FlowStep.RETURN_PAPER,
                lambda state: paper_form.send_back(state, ReturnReason.UNSTAMPED, "", it.now()),
            )
            return
        it.register_step(
            FlowStep.ACCEPT_PAPER,
            lambda state: self.prepared(paper_form.accept(state, "clerk-1", self.known, it.now())),
        )

    @rule()
    def desk_accepts(self) -> None:
        it = self.office
        it.register_step(
            FlowStep.ACCEPT,
            lambda state: self.prepared(
                approval.accept(state, "clerk-1", "đã xem", self.known.expires_on, it.now())
            ),
        )

    @rule(desk=st.booleans())
    def is_closed(self, desk: bool) -> None:
        it = self.office
        if desk:
            it.register_step(FlowStep.REFUSE, lambda state: approval.refuse(state, "không", it.now()))
        else:
            it.register_step(FlowStep.CANCEL, lambda state: sending.cancel(state, "office", "nhầm", it.now()))
        it.invoice_step(
            InvoiceStep.CLOSE, lambda state: follow_registration(state, it.renewal.state, "đã đóng", it.now())
        )

    @rule(again=st.booleans())
    def sealed(self, again: bool) -> None:
        """Signing may tell it twice."""
        it = self.office
        prepared = [event for event in it.told if isinstance(event, ContractPrepared)]
        if not prepared or it.renewal.state.status is not RegistrationStatus.ACCEPTED:
            return
        fields = prepared[-1].model_dump(
            include=set(ContractIssued.model_fields) - {"sealed_at", "certificate"}
        )
        event = ContractIssued(**fields, sealed_at=it.now(), certificate=certificate("vendor"))
        it.register_step(FlowStep.SEAL, lambda state: contract.record_issued_contract(state, event, it.now()))
        self.signed.append(event)
        for _ in range(1 + again):
            self.publish(event)
        it.invoice_step(InvoiceStep.REQUEST, lambda state: request_by_rule(state, it.renewal.state, it.now()))
        assert not it.invoice_step(
            InvoiceStep.REQUEST, lambda state: request_by_rule(state, it.renewal.state, it.now())
        )

    @rule(off=st.integers(-40, 60))
    def date_corrected(self, off: int) -> None:
        it = self.office
        to = it.state.licence.expires_on + timedelta(days=off)
        changed = it.state.licence.model_copy(update={"expires_on": to})
        it.subscription(lambda state: correct(state, changed, it.now(), BOTH))
        copy = it.copies.only()
        if form.is_outdated(it.renewal.state, {copy.subscription_id: copy.expires_on}):
            made = it.renewal.state.registration
            restated = restate(made, copy.expires_on, stage_of(made, copy, it.now()), it.today)
            paper = document(f"form {it.renewal.state.form_revision + 1}")
            it.register_step(
                FlowStep.REISSUE,
                lambda state: self.prepared(
                    form.reissue(state, restated, paper, "corrected", self.known, it.now())
                ),
            )

    # The commitment.

    @rule(
        step=st.sampled_from([CommitmentStep.ACCEPT, CommitmentStep.REFUSE, CommitmentStep.EXTEND]),
        days=st.integers(1, 40),
    )
    def desk_decides_about_the_commitment(self, step: CommitmentStep, days: int) -> None:
        it = self.office
        now = it.now()

        def decide(state: Any) -> Any:
            if step is CommitmentStep.EXTEND:
                base = state.commitment.pay_by if state.commitment else it.today
                return extend_commitment(state, base + timedelta(days=days), "clerk-1", "chậm", now)
            decided = accept_commitment if step is CommitmentStep.ACCEPT else refuse_commitment
            return decided(state, "clerk-1", "đã xem", now)

        it.commit_step(step, decide)

    @rule(days=st.integers(0, 45))
    def time_passes(self, days: int) -> None:
        """The loops look, twice: the second time there is nothing left to do."""
        it = self.office
        it.pass_days(days)
        it.settle()
        for _ in range(2):
            changed = it.commit_step(
                None, lambda state: follow_commitment(state, it.receivable.state, EXAMPLE_VENDOR, it.now())
            )
            chased = it.pay_step(
                PaymentStep.CHASE,
                lambda state: chase_claim(state, it.renewal.state, EXAMPLE_VENDOR, it.now()),
            )
        assert not changed, "a reminder comes once"
        assert not chased, "a claim is chased once"
        it.subscription(lambda state: advance(state, it.now(), BOTH))

    # How it is asked.

    @property
    def known(self) -> approval.ApprovalFacts:
        return judged(self.office.copies.only())

    def prepared(self, decision: Decision[Renewal]) -> Decision[Renewal]:
        """With the contract of a registration that is accepted."""
        state, it = decision.state, self.office
        if state.status is not RegistrationStatus.ACCEPTED or state.contract_number:
            return decision
        self.number += 1
        number = ContractNumber(year=it.today.year, n=self.number)
        made = contract.prepare_contract(state, number, it.today, document("contract"), it.now())
        return Decision(made.state, decision.events + made.events)

    def publish(self, event: Event) -> None:
        """Signing publishes the event."""
        self.published += 1
        nothing: Any = None
        other = Stored(f"{self.published}", nothing)
        self.office.hear(envelopes("signing", other, (event,), Cause.command(), self.office.now()))
