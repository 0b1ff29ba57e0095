"""Case 40: the expiry changes while a registration is open. Its form is restated, and a form that the office
signed or posted before still leads to the contract."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.renewal.contract.preparation import restated_term
from services.renewal.domain.contract import contract
from services.renewal.domain.desk import approval
from services.renewal.domain.desk.approval import ApprovalFacts
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import SendBy, Stage
from shared.events.renewal import FormReissued
from shared.situation import Turn
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import document, form_signed, posted_form

LATER, EARLIER = 21, -21


def begun(send_by: SendBy, prepare: ContractPreparation = ContractPreparation.AUTOMATIC) -> Renewal:
    made = registration(send_by=send_by).model_copy(update={"prepare": prepare})
    return form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state


def known(renewal: Renewal) -> ApprovalFacts:
    return replace(judged(), expires_on=renewal.registration.term.basis_expires_on)


def corrected(renewal: Renewal, days: int) -> Decision[Renewal]:
    made = renewal.registration
    moved = restate(made, made.term.basis_expires_on + timedelta(days=days), Stage.EXPIRING, TODAY)
    facts = replace(judged(), expires_on=moved.term.basis_expires_on)
    paper = document(f"form {renewal.form_revision + 1}")
    return form.reissue(renewal, moved, paper, "corrected", facts, NOW)


def accepted(renewal: Renewal) -> Decision[Renewal]:
    return paper_form.accept(renewal, "clerk-1", known(renewal), NOW)


def signed(renewal: Renewal, revision: int = 1, match: str = "tax_code") -> Decision[Renewal]:
    event = form_signed(revision=revision, match=match)
    return contract.record_signed_form(renewal, event, licence(), known(renewal), NOW)


def told(decision: Decision[Renewal]) -> list[str]:
    return [type(event).__name__ for event in decision.events]


def test_the_event_says_why_from_what_to_what_and_what_the_office_must_agree_to() -> None:
    renewal = begun(SendBy.PAPER)
    (later,) = corrected(renewal, LATER).events
    (earlier,) = corrected(renewal, EARLIER).events
    assert isinstance(later, FormReissued)
    assert isinstance(earlier, FormReissued)
    assert (later.reason, later.old_term, later.form_revision) == ("corrected", renewal.registration.term, 2)
    assert later.term.term_to > renewal.registration.term.term_to
    assert (later.unconfirmed, earlier.unconfirmed) == ((), (1,))


def test_paper_of_before_is_accepted_when_the_term_ends_later_and_the_contract_cites_both() -> None:
    """The office posts the form with the date 10 December; the date changes to the 31st; the desk accepts the
    paper."""
    renewal = corrected(begun(SendBy.PAPER), LATER).state
    assert (renewal.status, renewal.turn) == (RegistrationStatus.AWAITING_PAPER, Turn.SEND_PAPER)
    here = paper_form.receive(renewal, posted_form(1), NOW).state
    decision = accepted(here)
    assert told(decision) == ["PaperFormAccepted", "RenewalAccepted", "CommitmentAccepted"]
    assert decision.state.basis_form is not None
    assert decision.state.basis_form.revision == 1
    cited = restated_term(decision.state, 1)
    assert cited is not None
    number = f"{renewal.registration.number}/2"
    assert (cited.revision, cited.notice, cited.confirmed) == (1, number, False)
    assert cited.stated == here.earlier[0].term
    assert restated_term(decision.state, 2) is None


def test_paper_that_is_here_stays_here_while_the_date_moves() -> None:
    here = paper_form.receive(begun(SendBy.PAPER), posted_form(1), NOW).state
    moved = corrected(here, LATER).state
    assert (moved.status, moved.posted, moved.since) == (
        RegistrationStatus.PAPER_RECEIVED,
        here.posted,
        here.since,
    )
    assert accepted(moved).state.status is RegistrationStatus.ACCEPTED


def test_a_term_that_ends_earlier_waits_for_the_office_and_its_word_leads_on() -> None:
    here = paper_form.receive(corrected(begun(SendBy.PAPER), EARLIER).state, posted_form(1), NOW).state
    assert here.turn is Turn.CONFIRM
    judged_fine = accepted(here).state
    assert (judged_fine.status, judged_fine.turn) == (RegistrationStatus.AWAITING_PAPER, Turn.CONFIRM)
    agreed = form.confirm_term(judged_fine, 2, known(judged_fine), NOW)
    assert told(agreed) == ["TermConfirmed", "RenewalAccepted", "CommitmentAccepted"]
    cited = restated_term(agreed.state, 1)
    assert cited is not None
    assert cited.confirmed


def test_the_offices_word_may_come_before_its_paper() -> None:
    renewal = corrected(begun(SendBy.PAPER), EARLIER).state
    agreed = form.confirm_term(renewal, 2, known(renewal), NOW).state
    assert (agreed.status, agreed.unconfirmed) == (RegistrationStatus.AWAITING_PAPER, ())
    assert (
        accepted(paper_form.receive(agreed, posted_form(1), NOW).state).state.status
        is RegistrationStatus.ACCEPTED
    )
    again = form.confirm_term(agreed, 2, known(agreed), NOW)
    assert (again.events, again.state) == ((), agreed)


def test_the_office_agrees_to_the_term_that_it_saw() -> None:
    renewal = corrected(corrected(begun(SendBy.PAPER), EARLIER).state, -1).state
    with pytest.raises(RenewalError, match="form-restated"):
        form.confirm_term(renewal, 2, known(renewal), NOW)


@pytest.mark.parametrize("days", [LATER, EARLIER])
def test_signed_form_of_before_that_comes_late_leads_on_or_waits(days: int) -> None:
    decision = signed(corrected(begun(SendBy.ELECTRONIC), days).state, revision=1)
    if days > 0:
        assert told(decision) == ["RenewalAccepted", "CommitmentAccepted"]
        return
    assert (decision.state.status, decision.state.turn) == (
        RegistrationStatus.AWAITING_SIGNATURE,
        Turn.CONFIRM,
    )
    anew = signed(decision.state, revision=2)
    assert told(anew) == ["RenewalAccepted", "CommitmentAccepted"]
    word = form.confirm_term(decision.state, 2, known(decision.state), NOW)
    assert told(word) == ["TermConfirmed", "RenewalAccepted", "CommitmentAccepted"]


def test_form_that_waited_for_the_date_continues_and_other_doubts_stay() -> None:
    """A form that was signed after the licence had changed never gets stuck, and is never accepted unseen."""
    moved = judged(licence(expires_on=registration().term.basis_expires_on + timedelta(days=LATER)))
    for match, status in (
        ("tax_code", RegistrationStatus.ACCEPTED),
        ("review", RegistrationStatus.AWAITING_CONFIRMATION),
    ):
        event = form_signed(match=match)
        stuck = contract.record_signed_form(begun(SendBy.ELECTRONIC), event, licence(), moved, NOW).state
        assert stuck.needs_desk is DeskReason.EXPIRY_MOVED
        restated = corrected(stuck, LATER).state
        assert restated.status is status
        assert restated.needs_desk is (None if match == "tax_code" else DeskReason.CERTIFICATE_REVIEW)


def test_accepted_paper_at_the_desk_waits_for_the_office_when_the_date_moves_earlier() -> None:
    paper = paper_form.receive(begun(SendBy.PAPER, ContractPreparation.DESK), posted_form(1), NOW).state
    at_the_desk = accepted(paper).state
    assert corrected(at_the_desk, LATER).state.status is RegistrationStatus.AWAITING_CONFIRMATION
    waits = corrected(at_the_desk, EARLIER).state
    assert (waits.status, waits.needs_desk, waits.turn) == (
        RegistrationStatus.AWAITING_PAPER,
        None,
        Turn.CONFIRM,
    )
    back = corrected(waits, -EARLIER)
    assert back.state.status is RegistrationStatus.AWAITING_CONFIRMATION, "there and back: nothing is lost"
    assert back.state.unconfirmed == ()


def test_there_and_back_again_the_first_paper_counts_and_the_one_between_does_not() -> None:
    renewal = corrected(corrected(begun(SendBy.PAPER), LATER).state, EARLIER).state
    assert (renewal.form_revision, renewal.unconfirmed) == (3, (2,))
    assert (
        accepted(paper_form.receive(renewal, posted_form(1), NOW).state).state.status
        is RegistrationStatus.ACCEPTED
    )
    assert restated_term(renewal, 1) is None, "its term is the same again"
    between = paper_form.receive(renewal, posted_form(2), NOW).state
    assert between.turn is Turn.CONFIRM


def test_after_it_is_accepted_nothing_is_restated() -> None:
    done = signed(begun(SendBy.ELECTRONIC)).state
    assert done.status is RegistrationStatus.ACCEPTED
    last_days = {done.registration.subscription_id: TODAY}
    assert not form.is_outdated(done, last_days)
    assert form.is_outdated(begun(SendBy.PAPER), last_days)


def test_signature_that_comes_in_after_the_change_to_paper_is_sent_that_way() -> None:
    """Otherwise page and banner would ask for paper that nobody awaits."""
    renewal = sending.change_sending(
        begun(SendBy.ELECTRONIC, ContractPreparation.DESK), SendBy.PAPER, NOW
    ).state
    late = signed(renewal)
    assert told(late) == ["SendingChanged", "CommitmentAccepted"]
    assert late.state.turn is Turn.VENDOR


def test_the_desk_accepts_a_restated_form() -> None:
    waits = signed(begun(SendBy.ELECTRONIC, ContractPreparation.DESK)).state
    moved = corrected(waits, LATER).state
    basis = moved.registration.term.basis_expires_on
    assert approval.accept(moved, "clerk-1", "đã xem", basis, NOW).state.status is RegistrationStatus.ACCEPTED
