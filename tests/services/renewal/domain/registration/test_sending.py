"""Each of the office's steps in each status: it either changes the registration, or is refused and changes
nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.contract import contract
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import CANCELLABLE, RegistrationStatus
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.domain.replacement import Replacement
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import SendBy
from shared.events.paper_form import ReturnReason
from shared.events.renewal import ContractPrepared, RenewalAccepted, RenewalCancelled, SendingChanged
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import contract_issued, document, form_signed, posted_form

NUMBER = ContractNumber(year=2026, n=7)


def registered(send_by: SendBy = SendBy.ELECTRONIC, **change: Any) -> Renewal:
    made = registration(send_by=send_by).model_copy(update=change)
    return form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state


def signed(renewal: Renewal, match: str = "tax_code") -> Decision[Renewal]:
    event = form_signed(revision=renewal.form_revision, match=match)
    return contract.record_signed_form(renewal, event, licence(), judged(), NOW)


def accepted(assent_days: int | None = None) -> Renewal:
    taken = signed(registered(assent_days=assent_days)).state
    return contract.prepare_contract(taken, NUMBER, TODAY, document("contract"), NOW).state


def paper_received() -> Renewal:
    return paper_form.receive(registered(SendBy.PAPER), posted_form(), NOW).state


def contract_received() -> Renewal:
    paper = posted_form().model_copy(update={"paper": "contract"})
    return paper_form.receive(accepted(10), paper, NOW).state


RENEWALS = {
    RegistrationStatus.AWAITING_SIGNATURE: registered(),
    RegistrationStatus.AWAITING_PAPER: registered(SendBy.PAPER),
    RegistrationStatus.PAPER_RECEIVED: paper_received(),
    RegistrationStatus.PAPER_RETURNED: paper_form.send_back(
        paper_received(), ReturnReason.UNSTAMPED, "", NOW
    ).state,
    RegistrationStatus.AWAITING_CONFIRMATION: signed(registered(prepare=ContractPreparation.DESK)).state,
    RegistrationStatus.ACCEPTED: accepted(),
    RegistrationStatus.AWAITING_ASSENT: accepted(10),
    RegistrationStatus.ASSENT_RECEIVED: contract_received(),
    RegistrationStatus.CONTRACT_ISSUED: contract.record_issued_contract(
        accepted(), contract_issued(str(NUMBER)), NOW
    ).state,
    RegistrationStatus.REFUSED: approval.refuse(registered(), "không đủ điều kiện", NOW).state,
    RegistrationStatus.CANCELLED: sending.cancel(registered(), "office", "nhầm", NOW).state,
}


def test_examples_are_of_every_status() -> None:
    assert {status: renewal.status for status, renewal in RENEWALS.items()} == {
        s: s for s in RegistrationStatus
    }


@pytest.mark.parametrize("send_by", SendBy)
@pytest.mark.parametrize("status", RegistrationStatus)
def test_way_of_sending_changes_until_it_is_accepted(status: RegistrationStatus, send_by: SendBy) -> None:
    renewal = RENEWALS[status]
    if status not in CANCELLABLE:
        with pytest.raises(RenewalError, match="not-awaiting") as refused:
            sending.change_sending(renewal, send_by, NOW)
        assert refused.value.about == {"standing": status}
        return
    decision = sending.change_sending(renewal, send_by, NOW)
    if renewal.registration.send_by is send_by:
        assert decision == Decision(renewal)
        return
    (event,) = decision.events
    assert isinstance(event, SendingChanged)
    assert (event.old_send_by, event.send_by) == (renewal.registration.send_by, send_by)
    assert decision.state.registration.send_by is send_by
    back = sending.change_sending(decision.state, renewal.registration.send_by, NOW)
    assert back.state == renewal.with_changes(since=NOW)


@pytest.mark.parametrize("by", ["office", "desk"])
@pytest.mark.parametrize("status", RegistrationStatus)
def test_taken_back_until_it_is_accepted(status: RegistrationStatus, by: Any) -> None:
    renewal = RENEWALS[status]
    if status not in CANCELLABLE:
        with pytest.raises(RenewalError, match="not-awaiting"):
            sending.cancel(renewal, by, "nhầm", NOW)
        return
    decision = sending.cancel(renewal, by, "nhầm", NOW)
    (event,) = decision.events
    assert isinstance(event, RenewalCancelled)
    assert (event.cancelled_by, event.reason, event.replaced_by) == (by, "nhầm", None)
    assert (decision.state.status, decision.state.cancelled) == (RegistrationStatus.CANCELLED, "nhầm")
    assert decision.state.needs_desk is None
    assert decision.state.dossier == renewal.dossier
    assert all(decision.state.is_void(paper) for paper in decision.state.dossier)


def test_replaced_one_names_and_keeps_what_takes_its_place() -> None:
    another = Replacement(registration=registration(), form=document("form of the other"))
    decision = sending.cancel(registered(), "desk", "thay", NOW, another)
    (event,) = decision.events
    assert isinstance(event, RenewalCancelled)
    assert event.replaced_by == decision.state.replaced_by == another.registration.renewal_id
    assert decision.state.replacement == another


def test_form_at_the_desk_continues_there_when_paper_is_given_up() -> None:
    waiting = RENEWALS[RegistrationStatus.AWAITING_CONFIRMATION]
    on_paper = sending.change_sending(waiting, SendBy.PAPER, NOW).state
    assert on_paper.status is RegistrationStatus.AWAITING_PAPER
    again = sending.change_sending(on_paper, SendBy.ELECTRONIC, NOW).state
    assert (again.status, again.needs_desk) == (
        RegistrationStatus.AWAITING_CONFIRMATION,
        DeskReason.PRODUCT_SETTING,
    )


STEPS = st.sampled_from(["electronic", "paper", "signed", "review", "accept", "cancel", "issued"])


@given(st.lists(STEPS, max_size=10))
def test_never_cancelled_after_accepted_nor_accepted_after_cancelled(steps: list[str]) -> None:
    renewal, told = registered(), list[type]()
    for step in steps:
        try:
            decision = _step(renewal, step)
        except RenewalError:
            continue
        renewal = decision.state
        told += [type(event) for event in decision.events]
    ends = [event for event in told if event in (RenewalAccepted, RenewalCancelled)]
    assert len(ends) <= 1
    assert (RenewalCancelled in told) == (renewal.status is RegistrationStatus.CANCELLED)
    assert (ContractPrepared in told) == (RenewalAccepted in told)
    if ends:
        assert SendingChanged not in told[told.index(ends[0]) :]


def _step(renewal: Renewal, step: str) -> Decision[Renewal]:
    match step:
        case "electronic" | "paper":
            return sending.change_sending(renewal, SendBy(step), NOW)
        case "cancel":
            return sending.cancel(renewal, "office", "nhầm", NOW)
        case "accept":
            basis = renewal.registration.term.basis_expires_on
            return _with_contract(approval.accept(renewal, "clerk-1", "đã xem", basis, NOW))
        case "issued" if renewal.contract_number:
            return contract.record_issued_contract(renewal, contract_issued(str(NUMBER)), NOW)
        case "signed" | "review":
            return _with_contract(signed(renewal, {"signed": "tax_code"}.get(step, step)))
    return Decision(renewal)


def _with_contract(decision: Decision[Renewal]) -> Decision[Renewal]:
    if decision.state.status is not RegistrationStatus.ACCEPTED or decision.state.contract_number:
        return decision
    made = contract.prepare_contract(decision.state, NUMBER, TODAY, document("contract"), NOW)
    return Decision(made.state, decision.events + made.events)
