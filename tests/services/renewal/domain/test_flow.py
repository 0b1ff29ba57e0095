"""Every step in every order, compared with the table of the flow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.renewal.domain import flow
from services.renewal.domain.contract import assent, contract, void_steps
from services.renewal.domain.desk import approval
from services.renewal.domain.desk.approval import ApprovalFacts
from services.renewal.domain.earlier_form import ReissueReason
from services.renewal.domain.flow import (
    CANCELLABLE,
    REGISTRATION_FLOW,
    FlowStep,
    RegistrationStatus,
)
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.registration.reminder import expected_by, remind
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import SendBy, Stage
from shared.events.paper_form import PaperCopyRefused, PaperFormAccepted, PaperFormAwaited, ReturnReason
from shared.events.renewal import FormSignatureAwaited, RenewalAccepted, RenewalCancelled, RenewalRefused
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import (
    contract_issued,
    contract_signed,
    document,
    form_signed,
    posted_form,
    seal_failed,
)

NUMBER = ContractNumber(year=2026, n=7)
BASIS = licence().expires_on
Taken = Callable[[Renewal, datetime], Decision[Renewal] | None]


def _prepared(decision: Decision[Renewal]) -> Decision[Renewal]:
    if decision.state.status is not RegistrationStatus.ACCEPTED or decision.state.contract_number:
        return decision
    made = contract.prepare_contract(decision.state, NUMBER, TODAY, document("contract"), NOW)
    return Decision(made.state, decision.events + made.events)


def _sign(match: str) -> Taken:
    def take(renewal: Renewal, now: datetime) -> Decision[Renewal]:
        event = form_signed(revision=renewal.form_revision, match=match)
        return _prepared(contract.record_signed_form(renewal, event, licence(), _known(renewal), now))

    return take


def _known(renewal: Renewal) -> ApprovalFacts:
    return replace(judged(), expires_on=renewal.registration.term.basis_expires_on)


def _reissue(days: int) -> Taken:
    """The expiry is corrected by some days; by 0 days: the service ended."""

    def take(renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
        if not flow.may(renewal.status, FlowStep.REISSUE):
            return None
        made, revision = renewal.registration, renewal.form_revision + 1
        basis = made.term.basis_expires_on + timedelta(days=days)
        restated = restate(made, basis, Stage.EXPIRING if days else Stage.TERMINATED, TODAY)
        known = replace(judged(), expires_on=basis)
        reason: ReissueReason = "corrected" if days else "terminated"
        return _prepared(form.reissue(renewal, restated, document(f"form {revision}"), reason, known, now))

    return take


def _seal(renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
    if not renewal.contract_number:
        return None
    return contract.record_issued_contract(renewal, contract_issued(str(NUMBER)), now)


def _sign_contract(renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
    if not renewal.contract_number:
        return None
    return assent.record_signature(renewal, contract_signed(str(NUMBER)), now)


def _receive_contract(renewal: Renewal, now: datetime) -> Decision[Renewal]:
    paper = posted_form(renewal.nth_contract, f"contract {now}").model_copy(update={"paper": "contract"})
    return paper_form.receive(renewal, paper, now)


def _let_go(renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
    return (
        contract.record_failed_seal(renewal, seal_failed(str(NUMBER), "voided"), now)
        if renewal.voiding
        else None
    )


STEPS: dict[str, tuple[FlowStep, Taken]] = {
    "sign": (FlowStep.SIGN, _sign("tax_code")),
    "sign, to be looked at": (FlowStep.SIGN, _sign("review")),
    "to paper": (FlowStep.CHANGE_SENDING, lambda r, now: sending.change_sending(r, SendBy.PAPER, now)),
    "to electronic": (
        FlowStep.CHANGE_SENDING,
        lambda r, now: sending.change_sending(r, SendBy.ELECTRONIC, now),
    ),
    "ended": (FlowStep.REISSUE, _reissue(0)),
    "corrected to later": (FlowStep.REISSUE, _reissue(21)),
    "corrected to earlier": (FlowStep.REISSUE, _reissue(-21)),
    "agree": (
        FlowStep.CONFIRM_TERM,
        lambda r, now: _prepared(form.confirm_term(r, r.form_revision, _known(r), now)),
    ),
    "show": (
        FlowStep.SHOW_COPY,
        lambda r, now: paper_form.upload_copy(r, document(f"copy {now}"), r.form_revision, now),
    ),
    "refuse copy": (FlowStep.REFUSE_COPY, lambda r, now: paper_form.refuse_copy(r, "chưa đóng dấu", now)),
    "chase": (FlowStep.CHASE, remind),
    "receive": (
        FlowStep.RECEIVE_PAPER,
        lambda r, now: paper_form.receive(r, posted_form(r.form_revision, f"scan {now}"), now),
    ),
    "receive the first": (
        FlowStep.RECEIVE_PAPER,
        lambda r, now: paper_form.receive(r, posted_form(1, f"scan {now}"), now),
    ),
    "return": (
        FlowStep.RETURN_PAPER,
        lambda r, now: paper_form.send_back(r, ReturnReason.UNSTAMPED, "", now),
    ),
    "accept paper": (
        FlowStep.ACCEPT_PAPER,
        lambda r, now: _prepared(paper_form.accept(r, "clerk-1", _known(r), now)),
    ),
    "accept": (
        FlowStep.ACCEPT,
        lambda r, now: _prepared(approval.accept(r, "clerk-1", "đã xem", _known(r).expires_on, now)),
    ),
    "refuse": (FlowStep.REFUSE, lambda r, now: approval.refuse(r, "không hợp lệ", now)),
    "cancel": (FlowStep.CANCEL, lambda r, now: sending.cancel(r, "office", "nhầm", now)),
    "sign the contract": (FlowStep.SIGN_CONTRACT, _sign_contract),
    "receive the contract": (FlowStep.RECEIVE_PAPER, _receive_contract),
    "lapse": (FlowStep.LAPSE, assent.lapse),
    "seal": (FlowStep.SEAL, _seal),
    "void": (FlowStep.VOID_CONTRACT, lambda r, now: contract.void_contract(r, "clerk-1", "hỏng tệp", now)),
    "let go": (FlowStep.LET_GO, _let_go),
    "propose void": (
        FlowStep.PROPOSE_VOID,
        lambda r, now: void_steps.propose_void(r, "clerk-1", "ký nhầm", now),
    ),
    "withdraw void": (FlowStep.WITHDRAW_VOID, lambda r, _: void_steps.withdraw_void(r)),
    "approve void": (FlowStep.APPROVE_VOID, lambda r, now: void_steps.approve_void(r, "clerk-2", now)),
}


def begun(send_by: SendBy, prepare: ContractPreparation, assent_days: int | None = None) -> Renewal:
    change = {"prepare": prepare, "assent_days": assent_days}
    made = registration(send_by=send_by).model_copy(update=change)
    return form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state


@example(
    SendBy.ELECTRONIC,
    ContractPreparation.DESK,
    None,
    [("receive", 0), ("accept paper", 0), ("to electronic", 0)],
)
@example(
    SendBy.ELECTRONIC,
    ContractPreparation.AUTOMATIC,
    10,
    [("sign", 0), ("lapse", 20), ("sign the contract", 0)],
)
@example(
    SendBy.ELECTRONIC,
    ContractPreparation.AUTOMATIC,
    None,
    [("sign", 0), ("seal", 0), ("propose void", 0), ("approve void", 0), ("cancel", 0)],
)
@given(
    st.sampled_from(SendBy),
    st.sampled_from(ContractPreparation),
    st.sampled_from([None, 10]),
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 20)), max_size=14),
)
def test_every_step_leads_where_the_table_says_or_changes_nothing(
    send_by: SendBy, prepare: ContractPreparation, assent_days: int | None, taken: list[tuple[str, int]]
) -> None:
    renewal, now, told = begun(send_by, prepare, assent_days), NOW, list[type]()
    for name, days in taken:
        now += timedelta(days=days)
        step, take = STEPS[name]
        try:
            decision = take(renewal, now)
        except RenewalError:
            decision = None
        if decision is None or decision.state == renewal:
            continue
        assert flow.may(renewal.status, step), f"{name} of {renewal.status}"
        assert decision.state.status in REGISTRATION_FLOW.targets(renewal.status, step), name
        renewal = Renewal.model_validate(decision.state.model_dump())
        told += [type(event) for event in decision.events]
    ends = [event for event in told if event in (RenewalAccepted, RenewalCancelled, RenewalRefused)]
    voided = len(renewal.void_contracts) - (renewal.voided_in_force is not None)
    assert len(ends) <= 1 + voided
    assert told.count(PaperFormAccepted) <= 1 or RenewalAccepted not in told[: told.index(PaperFormAccepted)]
    if renewal.contract_number and (basis := renewal.basis_form):
        assert renewal.is_valid_revision(basis.revision), (
            "no contract on a form that the office did not agree to"
        )
    assert (renewal.status in CANCELLABLE) == (len(ends) == voided)


def test_every_step_is_tried_and_what_ended_has_none() -> None:
    assert {taken for taken, _ in STEPS.values()} == set(FlowStep)
    later = {step for status in REGISTRATION_FLOW.settled for step in REGISTRATION_FLOW.transitions[status]}
    assert later == REGISTRATION_FLOW.corrections


def test_copy_without_a_stamp_is_refused_once_and_counts_no_more() -> None:
    """Case 38: each copy gives temporary access at once; the desk checks it later, in whatever status the
    form is."""
    shown = paper_form.upload_copy(
        begun(SendBy.PAPER, ContractPreparation.AUTOMATIC), document("copy"), 1, NOW
    ).state
    electronic = sending.change_sending(shown, SendBy.ELECTRONIC, NOW).state
    here = paper_form.receive(shown, posted_form(), NOW).state
    for renewal in (shown, electronic, here):
        decision = paper_form.refuse_copy(renewal, "chưa đóng dấu", NOW)
        (event,) = decision.events
        assert isinstance(event, PaperCopyRefused)
        assert (event.shown, event.reason) == (document("copy"), "chưa đóng dấu")
        refused = decision.state
        assert (refused.status, refused.copy_to_check) == (renewal.status, None)
        assert [paper.kind for paper in refused.dossier if refused.is_void(paper)] == ["paper_copy"]
        with pytest.raises(RenewalError, match="no-copy-to-judge"):
            paper_form.refuse_copy(refused, "vẫn chưa", NOW)
    again = paper_form.upload_copy(
        paper_form.refuse_copy(shown, "mờ", NOW).state, document("copy 2"), 1, NOW
    ).state
    assert again.copy_to_check == document("copy 2")
    assert [again.is_void(paper) for paper in again.dossier] == [False, True, False]


@pytest.mark.parametrize(("past", "name"), [(-1, "revision-unknown"), (0, None), (1, None)])
def test_paper_of_an_earlier_revision_is_received_and_of_none_refused(past: int, name: str | None) -> None:
    renewal = form.reissue(
        begun(SendBy.PAPER, ContractPreparation.AUTOMATIC),
        restate(registration(), BASIS, Stage.TERMINATED, TODAY),
        document("form 2"),
        "terminated",
        judged(),
        NOW,
    ).state
    arrived = posted_form(renewal.form_revision - past)
    if name is None:
        assert paper_form.receive(renewal, arrived, NOW).state.status is RegistrationStatus.PAPER_RECEIVED
        return
    with pytest.raises(RenewalError, match=name):
        paper_form.receive(renewal, arrived, NOW)


def test_stamped_form_that_waits_for_the_desk_is_no_signature() -> None:
    here = paper_form.receive(begun(SendBy.PAPER, ContractPreparation.DESK), posted_form(), NOW).state
    waits = paper_form.accept(here, "clerk-1", judged(), NOW).state
    assert waits.status is RegistrationStatus.AWAITING_CONFIRMATION
    electronic = sending.change_sending(waits, SendBy.ELECTRONIC, NOW).state
    assert electronic.status is RegistrationStatus.AWAITING_SIGNATURE
    assert (
        sending.change_sending(electronic, SendBy.PAPER, NOW).state.status
        is RegistrationStatus.PAPER_RECEIVED
    )


def test_conditions_are_data_and_what_fails_is_named() -> None:
    made: dict[str, Any] = registration(send_by=SendBy.PAPER).model_dump()
    made["good_standing"] = [{"measure": "refused_of_late", "most": 0}]
    renewal = form.register(
        type(registration()).model_validate(made), document("form 1"), EXAMPLE_VENDOR, NOW
    ).state
    here = paper_form.receive(renewal, posted_form(), NOW).state
    waits = paper_form.accept(here, "clerk-1", judged(refused_of_late=2), NOW).state
    assert (waits.status, waits.needs_desk) == (
        RegistrationStatus.AWAITING_CONFIRMATION,
        "not_in_good_standing",
    )
    assert "refused_of_late <= 0 (2)" in str(waits.desk_note)
    through = paper_form.accept(here, "clerk-1", judged(), NOW)
    assert through.state.status is RegistrationStatus.ACCEPTED
    (event,) = [each for each in through.events if isinstance(each, RenewalAccepted)]
    assert "refused_of_late <= 0" in event.reason


@pytest.mark.parametrize("way", list(SendBy))
def test_reminders_come_each_time_the_limit_has_passed_once_more(way: SendBy) -> None:
    renewal, told = begun(way, ContractPreparation.AUTOMATIC), list[Any]()
    limit, expected = REGISTRATION_FLOW.limits[renewal.status].working_days, expected_by(renewal)
    for day in range(60):
        if decision := remind(renewal, NOW + timedelta(days=day)):
            renewal = decision.state
            told += decision.events
    assert [event.days_waited for event in told] == [limit * n for n in range(1, len(told) + 1)]
    assert len(told) > 2
    assert civil_date(told[0].occurred_at, renewal.registration.zone) == expected
    awaited = PaperFormAwaited if way is SendBy.PAPER else FormSignatureAwaited
    assert {type(event) for event in told} == {awaited}
