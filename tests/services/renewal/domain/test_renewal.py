"""A renewal step by step, and its handling of messages that come late, twice or for another renewal."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.contract import contract
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Stage
from shared.events.commitment import CommitmentAccepted
from shared.events.renewal import ContractPrepared, FormReissued, RenewalAccepted, RenewalRegistered
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, RENEWAL, SUBSCRIPTION, TODAY, judged, licence, registration
from tests.services.renewal.messages import contract_issued, document, form_signed, superseded

BASIS = date(2025, 12, 31)
NUMBER = ContractNumber(year=2026, n=7)


def registered(**change: Any) -> Renewal:
    made = registration().model_copy(update=change)
    return form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state


def signed(renewal: Renewal, **change: Any) -> Decision[Renewal]:
    return contract.record_signed_form(renewal, form_signed(**change), licence(), judged(), NOW)


def prepared(renewal: Renewal) -> Decision[Renewal]:
    return contract.prepare_contract(renewal, NUMBER, TODAY, document("contract"), NOW)


def test_registering_tells_everything_once() -> None:
    decision = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW)
    (event,) = decision.events
    assert isinstance(event, RenewalRegistered)
    assert (event.renewal_id, event.subscription_id) == (RENEWAL, SUBSCRIPTION)
    assert event.form == decision.state.newest_document("form") == document("form 1")
    assert (event.form_revision, event.total_vnd, event.users) == (1, 5_300_000, 12)
    assert event.effective_on == TODAY
    order = decision.state.registration.order
    assert event.resources == order.resources
    assert (event.package_name, event.seen_by) == (order.package_name, None)
    assert event.wait_until == expected_by(decision.state) is not None
    assert decision.state.status is RegistrationStatus.AWAITING_SIGNATURE


def test_the_desk_is_told_everything_that_a_signature_leaves_open() -> None:
    decision = signed(registered(), match="review", looks=("stamp_covers_content",))
    assert decision.state.needs_desk is DeskReason.CERTIFICATE_REVIEW
    assert "matched by review; stamp_covers_content" in str(decision.state.desk_note)


def test_matching_certificate_is_accepted_by_rule() -> None:
    decision = signed(registered())
    event, commitment = decision.events
    assert isinstance(event, RenewalAccepted)
    assert isinstance(commitment, CommitmentAccepted)
    assert event.decided_by == commitment.decided_by == "rule"
    assert decision.state.status is RegistrationStatus.ACCEPTED
    assert decision.state.newest_document("signed_form") == document("signed form")


@pytest.mark.parametrize(
    ("renewal", "change", "known", "reason"),
    [
        (registered(prepare=ContractPreparation.DESK), {}, {}, DeskReason.PRODUCT_SETTING),
        (registered(), {"match": "review"}, {}, DeskReason.CERTIFICATE_REVIEW),
        (registered(), {"looks": ("stamp_covers_content",)}, {}, DeskReason.CERTIFICATE_REVIEW),
        (registered(), {}, {"tax_code": "0199900018"}, DeskReason.CERTIFICATE_REVIEW),
        (registered(), {}, {"tax_code": None}, DeskReason.CERTIFICATE_REVIEW),
        (registered(), {"match": "budget_code"}, {"budget_code": "1047666"}, DeskReason.CERTIFICATE_REVIEW),
        (registered(), {}, {"expires_on": date(2026, 12, 31)}, DeskReason.EXPIRY_MOVED),
        (registered(), {}, {"name": "Trường Tiểu học Khác"}, DeskReason.NOT_IN_GOOD_STANDING),
        (registered(), {}, {"budget_code": "1047666"}, DeskReason.NOT_IN_GOOD_STANDING),
        (registered(), {}, {"budget_code": None}, DeskReason.NOT_IN_GOOD_STANDING),
    ],
)
def test_what_a_person_must_look_at_waits_and_accepts_nothing(
    renewal: Renewal, change: dict[str, Any], known: dict[str, Any], reason: DeskReason
) -> None:
    decision = contract.record_signed_form(
        renewal, form_signed(**change), licence(**known), judged(licence(**known)), NOW
    )
    sure = reason in (DeskReason.PRODUCT_SETTING, DeskReason.EXPIRY_MOVED)
    assert [type(event) for event in decision.events] == ([CommitmentAccepted] if sure else [])
    assert decision.state.status is RegistrationStatus.AWAITING_CONFIRMATION
    assert decision.state.needs_desk is reason
    assert decision.state.newest_document("signed_form") == document("signed form")


def test_a_changed_name_is_said_to_the_desk_and_another_way_of_writing_it_is_none() -> None:
    other = licence(name="Trường Tiểu học Khác")
    asked = contract.record_signed_form(registered(), form_signed(), other, judged(other), NOW).state
    assert "another name" in (asked.desk_note or "")
    same = licence(name=licence().name.upper().replace("Đ", "Ð"))
    taken = contract.record_signed_form(registered(), form_signed(), same, judged(same), NOW).state
    assert taken.status is RegistrationStatus.ACCEPTED


def test_desk_accepts_what_waits() -> None:
    waiting = signed(registered(prepare=ContractPreparation.DESK)).state
    decision = approval.accept(waiting, "clerk-1", "đã đối chiếu", BASIS, NOW)
    (event,) = decision.events
    assert isinstance(event, RenewalAccepted)
    assert (event.decided_by, event.reason) == ("desk", "đã đối chiếu")
    assert decision.state.accepted_by == "clerk-1"
    assert decision.state.needs_desk is None


def test_desk_cannot_accept_a_form_whose_basis_moved() -> None:
    moved = licence(expires_on=date(2026, 12, 31))
    waiting = contract.record_signed_form(registered(), form_signed(), moved, judged(moved), NOW).state
    with pytest.raises(RenewalError, match="form-untrue"):
        approval.accept(waiting, "clerk-1", "đã xem", date(2026, 12, 31), NOW)


@pytest.mark.parametrize("renewal", [registered(), signed(registered()).state])
def test_desk_accepts_nothing_else(renewal: Renewal) -> None:
    with pytest.raises(RenewalError, match="not-awaiting-confirmation"):
        approval.accept(renewal, "clerk-1", "đã xem", BASIS, NOW)


def test_contract_states_number_basis_and_the_signed_form() -> None:
    decision = prepared(signed(registered()).state)
    (event,) = decision.events
    assert isinstance(event, ContractPrepared)
    assert event.contract_number == "000007/2026/HĐ-GH"
    assert event.term == registration().term
    assert event.signed_form == document("signed form")
    assert (event.effective_on, event.contract_date) == (TODAY, TODAY)
    assert decision.state.contract_number == NUMBER


def test_contract_after_termination_runs_from_its_own_date() -> None:
    late = registration(licence_copy=licence(stage=Stage.TERMINATED))
    accepted = signed(form.register(late, document("form 1"), EXAMPLE_VENDOR, NOW).state).state
    dated = TODAY + timedelta(days=3)
    (event,) = contract.prepare_contract(accepted, NUMBER, dated, document("contract"), NOW).events
    assert isinstance(event, ContractPrepared)
    assert (event.term.term_from, event.term.term_to) == (dated, date(2027, 1, 8))


def test_contract_needs_a_signed_form() -> None:
    with pytest.raises(ValueError, match="signed form"):
        prepared(registered())


def test_issued_contract_closes_the_renewal() -> None:
    made = prepared(signed(registered()).state).state
    decision = contract.record_issued_contract(made, contract_issued(str(NUMBER)), NOW)
    assert decision.state.status is RegistrationStatus.CONTRACT_ISSUED
    assert decision.state.newest_document("sealed_contract") == document("sealed contract")
    assert decision.state.status not in OPEN


def test_another_contract_than_the_prepared_one_is_an_error() -> None:
    made = prepared(signed(registered()).state).state
    with pytest.raises(ValueError, match="not the one prepared"):
        contract.record_issued_contract(made, contract_issued("000008/2026/HĐ-GH"), NOW)


def test_reissued_form_is_the_next_revision_and_awaits_its_own_signature() -> None:
    renewal = registered()
    assert form.is_superseded(renewal, superseded(1))
    restated = restate(renewal.registration, BASIS, Stage.TERMINATED, TODAY)
    decision = form.reissue(renewal, restated, document("form 2"), "terminated", judged(), NOW)
    (event,) = decision.events
    assert isinstance(event, FormReissued)
    assert (event.form_revision, event.form) == (2, document("form 2"))
    assert event.term.basis_stage is Stage.TERMINATED
    assert [paper.revision for paper in decision.state.dossier] == [1, 2]
    assert not form.is_superseded(decision.state, superseded(1))

    unknown = contract.record_signed_form(decision.state, form_signed(revision=3), licence(), judged(), NOW)
    assert (unknown.events, unknown.state.status) == ((), RegistrationStatus.AWAITING_SIGNATURE)
    assert unknown.state.needs_desk is DeskReason.OTHER_REVISION_SIGNED
    right = contract.record_signed_form(unknown.state, form_signed(revision=2), licence(), judged(), NOW)
    assert right.state.status is RegistrationStatus.ACCEPTED


@given(st.lists(st.sampled_from(["signed", "review", "superseded", "issued"]), max_size=8))
def test_messages_in_any_order_make_one_contract_at_most(messages: list[str]) -> None:
    renewal, events = registered(), []
    for message in messages:
        decision = _step(renewal, message)
        renewal = decision.state
        events += [type(event) for event in decision.events]
    assert events.count(RenewalAccepted) <= 1
    assert events.count(ContractPrepared) <= 1
    assert (renewal.contract_number is not None) == (ContractPrepared in events)
    assert (renewal.status is RegistrationStatus.CONTRACT_ISSUED) == (
        renewal.newest_document("sealed_contract") is not None
    )


def _step(renewal: Renewal, message: str) -> Decision[Renewal]:
    if message == "superseded" and form.is_superseded(renewal, superseded(renewal.form_revision)):
        return form.reissue(renewal, renewal.registration, document("form"), "terminated", judged(), NOW)
    if message == "issued" and renewal.contract_number:
        return contract.record_issued_contract(renewal, contract_issued(str(NUMBER)), NOW)
    if message in ("signed", "review"):
        match = {"signed": "tax_code", "review": "review"}[message]
        decision = signed(renewal, match=match, revision=renewal.form_revision)
        if decision.events:
            contracted = prepared(decision.state)
            return Decision(contracted.state, decision.events + contracted.events)
        return decision
    return Decision(renewal)
