"""A contract that gives full use once all is paid: what renewal decides and requests."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from unittest.mock import AsyncMock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.contract.editions import check_editions
from services.renewal.contract.number_allocation import Allocation, ContractNumbers
from services.renewal.contract.preparation import ContractFactory
from services.renewal.domain import money
from services.renewal.domain.contract import contract, void_steps
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.payment.commitment_steps import (
    follow_commitment,
    paid_use_until,
    refuse_commitment,
    settle_commitment,
    was_committed,
)
from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.registration.catalogue import Catalogue, ContractPreparation, Product
from services.renewal.domain.registration.declaration import Payment
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.domain.resources.grant import VoidReason
from services.renewal.domain.resources.ledger import LedgerOwner, ResourceLedger, follow_facts
from services.renewal.domain.resources.wanted import ResourceFacts
from services.renewal.domain.working_days import working_day_after
from services.renewal.render.content import ContractContent
from services.renewal.render.renderer import Renderer
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.commitment import CommitmentAccepted, CommitmentBroken
from shared.events.order import FullGrant
from shared.events.renewal import ContractPrepared
from shared.runtime.settings import BadSettings
from shared.situation import Turn
from shared.storage.aggregate import Decision
from shared.storage.documents import Documents
from tests.services.renewal.domain.contract.at_payment import MADE, NUMBER, prepared
from tests.services.renewal.examples import NOW, TODAY, judged, licence, product
from tests.services.renewal.messages import contract_issued, document, form_signed

TOTAL = MADE.total


def in_force(made: Registration = MADE) -> Renewal:
    return contract.record_issued_contract(prepared(made), contract_issued(str(NUMBER)), NOW).state


def paid_receivable(renewal: Renewal) -> Receivable:
    return record_receipt(
        Receivable.of(renewal.registration), renewal, TOTAL, TODAY, "FT1", "clerk-1", NOW
    ).state


def settled(renewal: Renewal, receivable: Receivable) -> Renewal:
    decision = settle_commitment(renewal, receivable, NOW)
    return decision.state if decision else renewal


def test_its_seal_agrees_to_the_day_to_pay() -> None:
    waits = prepared()
    assert waits.commitment is not None
    undecided = waits.with_changes(
        commitment=waits.commitment.model_copy(update={"status": CommitmentStatus.AWAITING})
    )
    decision = contract.record_issued_contract(undecided, contract_issued(str(NUMBER)), NOW)
    (event,) = decision.events
    assert isinstance(event, CommitmentAccepted)
    assert (event.pay_by, event.reason) == (MADE.pay_by, "contract")
    assert (decision.state.turn, decision.state.is_unpaid) == (Turn.PAY, True)


def test_what_the_desk_refused_stays_refused() -> None:
    waits = prepared()
    assert waits.commitment is not None
    refused = waits.commitment.model_copy(update={"status": CommitmentStatus.REFUSED})
    decision = contract.record_issued_contract(
        waits.with_changes(commitment=refused), contract_issued(str(NUMBER)), NOW
    )
    assert decision.events == ()
    assert decision.state.commitment == refused


def test_who_declared_to_have_paid_has_some_days_for_the_money_to_be_seen() -> None:
    declared = MADE.model_copy(update={"payment": Payment(kind="paid", on=TODAY), "pay_by": None})
    renewal = in_force(declared)
    assert renewal.commitment is not None
    assert (renewal.commitment.status, renewal.is_unpaid) == (CommitmentStatus.ACCEPTED, True)
    assert TODAY < renewal.commitment.pay_by <= TODAY + timedelta(days=14)
    assert not settled(renewal, paid_receivable(renewal)).is_unpaid


def received(made: Registration = MADE, at: datetime = NOW, **measured: int) -> Renewal:
    """The office's signed form came at that moment, and the rule looked at it."""
    begun = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
    return contract.record_signed_form(begun, form_signed(), licence(), judged(None, **measured), at).state


def accepted_by_clerk(renewal: Renewal, at: datetime = NOW) -> Decision[Renewal]:
    return approval.accept(renewal, "clerk-1", "đã gọi", MADE.term.basis_expires_on, at)


def test_after_a_default_only_a_clerk_agrees_to_the_day_that_the_contract_says() -> None:
    """Guards against: the contract promises temporary use that the subscription doesn't give."""
    lenient = MADE.model_copy(update={"good_standing": (), "commitment_conditions": ()})
    waits = received(lenient, broken_commitments=1)
    assert (waits.status, waits.needs_desk) == (
        RegistrationStatus.AWAITING_CONFIRMATION,
        DeskReason.NOT_IN_GOOD_STANDING,
    )
    assert waits.commitment is not None
    assert waits.commitment.status is CommitmentStatus.AWAITING
    told = [each for each in accepted_by_clerk(waits).events if isinstance(each, CommitmentAccepted)]
    assert [each.decided_by for each in told] == ["desk"]
    at_contract = lenient.model_copy(update={"full_grant": FullGrant.AT_CONTRACT})
    assert received(at_contract, broken_commitments=1).status is RegistrationStatus.ACCEPTED


def test_a_second_commitment_of_the_term_is_for_the_desk() -> None:
    begun = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    facts = replace(judged(), committed_before=True)
    waits = contract.record_signed_form(begun, form_signed(), licence(), facts, NOW).state
    assert waits.needs_desk is DeskReason.NOT_IN_GOOD_STANDING
    accepted = prepared().with_changes(status=RegistrationStatus.CANCELLED)
    assert not was_committed([waits])
    assert was_committed([waits, accepted])
    assert not was_committed([in_force(), accepted]), "another term"


def test_a_clerk_who_accepted_the_form_agrees_to_the_day_at_the_seal() -> None:
    declared = MADE.model_copy(update={"payment": Payment(kind="paid", on=TODAY), "pay_by": None})
    by_clerk = prepared(declared).with_changes(accepted_by="clerk-1")
    decision = contract.record_issued_contract(by_clerk, contract_issued(str(NUMBER)), NOW)
    assert [each.decided_by for each in decision.events if isinstance(each, CommitmentAccepted)] == ["desk"]


def late_form() -> tuple[Renewal, datetime]:
    """The form came after the day that it states, and waits for the desk."""
    assert MADE.pay_by is not None
    late = NOW + (MADE.pay_by - TODAY) + timedelta(days=20)
    return received(MADE.model_copy(update={"prepare": ContractPreparation.DESK}), late), late


@pytest.mark.parametrize("assent_days", [None, 10])
def test_a_day_that_is_over_is_not_agreed_to(assent_days: int | None) -> None:
    """Guards against: the contract says a day of the past, and the commitment is broken at once."""
    waits, late = late_form()
    today = late.date()
    asked = waits.registration.model_copy(update={"assent_days": assent_days})
    awaiting = waits.commitment and waits.commitment.model_copy(update={"status": CommitmentStatus.AWAITING})
    ready = accepted_by_clerk(waits.with_changes(registration=asked, commitment=awaiting), late).state
    day = working_day_after(working_day_after(today, assent_days or 0), 5)
    assert ready.commitment is not None
    assert (ready.commitment.pay_by, paid_use_until(ready, today)) == (day, day)
    assert not follow_commitment(ready, Receivable.of(MADE), EXAMPLE_VENDOR, late)


def test_a_day_that_was_agreed_to_and_is_over_is_not_printed() -> None:
    ready = prepared()
    assert ready.commitment is not None
    assert paid_use_until(ready, ready.commitment.pay_by) == ready.commitment.pay_by
    assert paid_use_until(ready, ready.commitment.pay_by + timedelta(days=1)) is None


def test_an_undecided_day_of_the_past_is_moved_at_the_seal() -> None:
    waits = prepared()
    assert waits.commitment is not None
    undecided = waits.commitment.model_copy(update={"status": CommitmentStatus.AWAITING})
    late = NOW + (undecided.pay_by - TODAY) + timedelta(days=20)
    issued = contract.record_issued_contract(
        waits.with_changes(commitment=undecided), contract_issued(str(NUMBER)), late
    )
    assert issued.state.commitment is not None
    assert issued.state.commitment.pay_by == working_day_after(late.date(), 5)


async def test_the_contract_prints_the_day_that_is_agreed() -> None:
    waits, late = late_form()
    awaiting = waits.commitment and waits.commitment.model_copy(update={"status": CommitmentStatus.AWAITING})
    ready = waits.with_changes(commitment=awaiting, status=RegistrationStatus.ACCEPTED)
    printed: list[ContractContent] = []

    async def print_(content: ContractContent) -> bytes:
        printed.append(content)
        return b""

    factory = ContractFactory(
        renderer=cast("Renderer", SimpleNamespace(contract=print_)),
        documents=cast("Documents", AsyncMock(put=AsyncMock(return_value=document("contract")))),
        numbers=cast(
            "ContractNumbers",
            AsyncMock(allocate=AsyncMock(return_value=Allocation(NUMBER, late.date(), late))),
        ),
        vendor=EXAMPLE_VENDOR,
        dialect=money.Dialect(),
    )
    made = await factory.with_contract(Decision(ready), late)
    day = working_day_after(late.date(), 5)
    assert [content.pay_by for content in printed] == [day]
    assert [event.pay_by for event in made.events if isinstance(event, ContractPrepared)] == [day]
    assert made.state.commitment is not None
    assert made.state.commitment.pay_by == day


def test_what_the_contract_says_is_not_refused_before_its_seal() -> None:
    waits = prepared()
    undecided = waits.commitment and waits.commitment.model_copy(update={"status": CommitmentStatus.AWAITING})
    with pytest.raises(RenewalError, match="commitment-in-contract"):
        refuse_commitment(waits.with_changes(commitment=undecided), "clerk-1", "không", NOW)
    without = waits.with_changes(commitment=undecided, contract_number=None)
    assert refuse_commitment(without, "clerk-1", "không", NOW)


def test_resources_are_temporary_until_the_payment_and_full_then() -> None:
    renewal, ledger = in_force(), ResourceLedger.of(LedgerOwner.of(licence()))
    first = follow_facts(ledger, ResourceFacts(licence(contracts=()), (renewal,), TODAY), NOW)
    assert first
    (temporary,) = first.state.grants
    assert renewal.commitment is not None
    assert (temporary.kind, temporary.granted_to) == ("temporary", renewal.commitment.access_until)
    paid = settled(renewal, paid_receivable(renewal))
    second = follow_facts(first.state, ResourceFacts(licence(contracts=()), (paid,), TODAY), NOW)
    assert second
    gone, full = second.state.grants
    assert full.kind == "full"
    assert gone.voided_by in (VoidReason.REPLACED, None)


def test_a_default_takes_back_what_was_ordered_on_top() -> None:
    renewal, ledger = in_force(), ResourceLedger.of(LedgerOwner.of(licence()))
    first = follow_facts(ledger, ResourceFacts(licence(contracts=()), (renewal,), TODAY), NOW)
    assert first
    assert renewal.commitment is not None
    late = NOW + (renewal.commitment.seen_on - TODAY)
    decision = follow_commitment(renewal, Receivable.of(MADE), EXAMPLE_VENDOR, late)
    assert decision
    assert any(isinstance(event, CommitmentBroken) for event in decision.events)
    facts = ResourceFacts(licence(contracts=()), (decision.state,), renewal.commitment.seen_on)
    after = follow_facts(first.state, facts, late)
    assert after
    assert after.state.grants[0].voided_by is VoidReason.DEFAULT


def sold(**change: object) -> Product:
    return Product.model_validate(
        product().model_dump() | {"full_grant": "at_payment", "joint": False} | change
    )


def catalogue(since: date, **change: object) -> Catalogue:
    edition = {"effective_from": since, "products": [sold(**change).model_dump()]}
    return Catalogue.model_validate({"editions": [edition]})


def test_the_catalogue_needs_editions_that_say_so() -> None:
    """The form of 2026-12-02 is the first that says when full use begins."""
    check_editions(catalogue(date(2026, 12, 2)))
    for since in (date(2026, 12, 1), date(2025, 1, 1)):
        with pytest.raises(BadSettings, match="at_payment"):
            check_editions(catalogue(since))
    with pytest.raises(ValueError, match="stands on no form with others"):
        sold(joint=True)


@dataclass
class Story:
    """One registration whose contract gives full use at the payment, and its money."""

    renewal: Renewal = field(default_factory=prepared)
    receivable: Receivable = field(default_factory=lambda: Receivable.of(MADE))
    now: datetime = NOW

    def do(self, name: str) -> None:
        """One fact. Raises RenewalError where it isn't possible."""
        match name:
            case "seal" if self.renewal.status is RegistrationStatus.ACCEPTED:
                issued = contract_issued(str(NUMBER))
                self.renewal = contract.record_issued_contract(self.renewal, issued, self.now).state
            case "pay" | "refund":
                self.move_money(name)
            case "propose":
                self.renewal = void_steps.propose_void(self.renewal, "clerk-1", "nợ", self.now).state
            case "approve":
                self.renewal = void_steps.approve_void(self.renewal, "clerk-2", self.now).state
            case "withdraw":
                self.renewal = void_steps.withdraw_void(self.renewal).state
            case "days pass":
                self.now += timedelta(days=20)
                followed = follow_commitment(self.renewal, self.receivable, EXAMPLE_VENDOR, self.now)
                self.renewal = followed.state if followed else self.renewal

    def move_money(self, name: str) -> None:
        paid, counting = self.receivable, [each.id for each in self.receivable.receipts if each.counts]
        if name == "pay":
            reference = f"FT{len(paid.receipts)}"
            self.receivable = record_receipt(
                paid, self.renewal, TOTAL, TODAY, reference, "clerk-1", self.now
            ).state
        elif counting:
            self.receivable = reverse_receipt(
                paid, self.renewal, counting[0], "trả", "clerk-1", self.now, refunded=True
            ).state


@given(
    st.lists(
        st.sampled_from(["seal", "pay", "refund", "propose", "approve", "withdraw", "days pass"]),
        max_size=12,
    )
)
def test_any_order_ends_in_a_legal_state(steps: list[str]) -> None:
    """Payment, contract, void, default and grant."""
    it = Story()
    for name in steps:
        with suppress(RenewalError):
            it.do(name)
        it.renewal = settled(it.renewal, it.receivable)
        commitment = it.renewal.commitment
        assert commitment is not None
        assert commitment.paid is (it.receivable.paid >= TOTAL)
        issued = it.renewal.status is RegistrationStatus.CONTRACT_ISSUED
        assert it.renewal.is_unpaid is (issued and not commitment.paid)
        assert (it.renewal.voided_in_force is not None) is (it.renewal.status is RegistrationStatus.CANCELLED)
        facts = ResourceFacts(licence(contracts=()), (it.renewal,), TODAY)
        wanted = follow_facts(ResourceLedger.of(LedgerOwner.of(licence())), facts, NOW)
        full = [grant for grant in (wanted.state.grants if wanted else ()) if grant.kind == "full"]
        assert bool(full) is (issued and commitment.paid), "full use by contract and payment alone"
