"""Each step of the lead is told of each product, and each product only of its own."""

from collections.abc import Sequence
from datetime import timedelta

from services.renewal.domain.desk import approval
from services.renewal.domain.earlier_form import EarlierForm
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.joint.events import for_each_product
from services.renewal.domain.joint.members import accept_joined, is_due, release_joined
from services.renewal.domain.paper import paper_form
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Event, SendBy, Stage
from shared.events.paper_form import PaperFormAccepted
from shared.events.renewal import FormReissued, RenewalAccepted, RenewalRegistered
from shared.storage.aggregate import Decision
from tests.services.renewal.domain.joint.examples import CODES, accepted_lead, joint_registration, lead
from tests.services.renewal.examples import NOW, TODAY, judged, registration
from tests.services.renewal.messages import document, posted_form


def by_product(events: Sequence[Event]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        found.setdefault(event.product_code, []).append(type(event).__name__)
    return found


def test_registration_is_told_of_each_product_with_its_own_order_and_term() -> None:
    made = joint_registration()
    decision = for_each_product(form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW))
    told = [event for event in decision.events if isinstance(event, RenewalRegistered)]
    assert [(each.renewal_id, each.total_vnd, each.term) for each in told] == [
        (each.renewal_id, each.order.total, each.term) for each in made.on_form
    ]
    assert [each.lead_id for each in told] == [None, made.renewal_id, made.renewal_id]
    assert [each.renewal_id for each in told[0].joined] == [each.renewal_id for each in made.joined]
    assert all(each.transfer and each.transfer.amount == made.total for each in told)
    assert {each.form.sha256 for each in told} == {document("form 1").sha256}


def test_single_registration_is_told_once_and_without_the_new_fields() -> None:
    decision = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW)
    assert for_each_product(decision) is decision
    assert not {"lead_id", "joined"} & decision.events[0].model_dump().keys()


def test_cancelling_cancels_all() -> None:
    decision = for_each_product(sending.cancel(lead(), "office", "changed our mind", NOW))
    assert by_product(decision.events) == {code: ["RenewalCancelled"] for code in CODES}


def test_paper_that_is_received_and_accepted_is_told_of_each() -> None:
    received = for_each_product(paper_form.receive(lead(SendBy.PAPER), posted_form(), NOW))
    assert by_product(received.events) == {code: ["PaperFormReceived"] for code in CODES}
    accepted = for_each_product(paper_form.accept(received.state, "clerk-1", judged(), NOW))
    assert {each.subscription_id for each in accepted.events if isinstance(each, PaperFormAccepted)} == {
        each.subscription_id for each in received.state.registration.on_form
    }


def test_corrected_expiry_of_a_joined_product_restates_the_form_of_all() -> None:
    renewal = lead()
    made = renewal.registration
    moved = restate(
        made.joined[0], made.joined[0].term.basis_expires_on - timedelta(days=10), Stage.LOCKED, TODAY
    )
    assert form.is_outdated(renewal, {moved.subscription_id: moved.term.basis_expires_on})
    restated = made.model_copy(update={"joined": (moved, made.joined[1])})
    decision = for_each_product(
        form.reissue(renewal, restated, document("form 2"), "corrected", judged(), NOW)
    )
    told = [event for event in decision.events if isinstance(event, FormReissued)]
    assert [(each.term, each.old_term) for each in told] == [
        (now.term, before.term) for now, before in zip(restated.on_form, made.on_form, strict=True)
    ]
    assert decision.state.unconfirmed == (1,)  # the corrected term ends earlier than the office agreed to
    agreed = form.confirm_term(decision.state, 2, judged(), NOW)
    assert agreed.state.unconfirmed == ()


def test_accepted_lead_gives_each_joined_product_a_renewal_of_its_own() -> None:
    accepted = accepted_lead()
    assert is_due(accepted)
    members = [accept_joined(accepted, place, NOW, moved=False) for place in (0, 1)]
    for member, joined in zip(members, accepted.registration.joined, strict=True):
        (event,) = member.events
        assert isinstance(event, RenewalAccepted)
        assert (event.renewal_id, event.subscription_id) == (joined.renewal_id, joined.subscription_id)
        assert member.state.status is RegistrationStatus.ACCEPTED
        assert member.state.basis_form == accepted.basis_form
        assert member.state.commitment is None
        assert for_each_product(member) is member
    released = release_joined(accepted).state
    assert not is_due(released)
    assert released.carried == (released.registration,)


def test_product_whose_expiry_moved_waits_for_the_desk() -> None:
    member = accept_joined(accepted_lead(), 0, NOW, moved=True)
    assert member.state.needs_desk is DeskReason.EXPIRY_MOVED
    assert member.events == ()


def test_earlier_form_that_states_no_term_of_a_product_stops_nothing() -> None:
    accepted = accepted_lead()
    term = accepted.registration.term
    earlier = EarlierForm(revision=1, term=term, agreed_to=term.term_to, reason="corrected", reissued_at=NOW)
    member = accept_joined(accepted.with_changes(earlier=(earlier,)), 1, NOW, moved=False).state
    assert [form.term for form in member.earlier] == [member.registration.term]


def test_after_the_release_the_form_is_the_leads_own() -> None:
    """Guards against: the other products are renewed by then, so their licences have moved."""
    released = release_joined(accepted_lead()).state
    waits = released.with_changes(status=RegistrationStatus.AWAITING_CONFIRMATION)
    moved = {each.subscription_id: TODAY for each in waits.registration.joined}
    assert not form.is_outdated(waits, moved)
    decision: Decision[Renewal] = approval.accept(
        waits, "clerk-1", "again", waits.registration.term.basis_expires_on, NOW
    )
    assert by_product(for_each_product(decision).events).keys() == {"qlts"}
