"""The appointment of a renewer by the desk: one person per office, with its events in order."""

from datetime import timedelta

import pytest

from services.renewal.domain.desk.appointment import RenewerAppointment, RenewerDetails, appoint, withdraw
from services.renewal.domain.refusal import RenewalError
from shared.events.renewer import RenewerNamed, RenewerWithdrawn
from shared.ids import subscription_id
from tests.services.renewal.examples import NOW, OFFICE_REF, licence
from tests.services.renewal.messages import document


def naming(user_ref: str = "u-1") -> RenewerDetails:
    stated = {"name": "Lê Thị Lan", "title": "Kế toán", "email": "lan@truong.example", "reason": "Đã nghỉ"}
    return RenewerDetails.model_validate({"user_ref": user_ref, **stated})


def named(user_ref: str = "u-1", before: RenewerAppointment | None = None) -> RenewerAppointment:
    return appoint(before, licence(), naming(user_ref), document("letter"), "desk-1", NOW).state


def test_appointment_has_its_event() -> None:
    decision = appoint(None, licence(), naming(), document("letter"), "desk-1", NOW)
    assert decision.state.renewer
    assert (decision.state.renewer.user_ref, decision.state.renewer.by) == ("u-1", "desk-1")
    (event,) = decision.events
    assert isinstance(event, RenewerNamed)
    assert (event.subscription_id, event.user_ref) == (licence().subscription_id, "u-1")


def test_all_events_of_an_office_name_the_same_product() -> None:
    """Guards against: a later event named another product of the office, and overtook the earlier events."""
    second = {"product_code": "qlcb", "subscription_id": subscription_id(OFFICE_REF, "qlcb")}
    other = licence().model_copy(update=second)
    later = appoint(named("u-1"), other, naming("u-2"), document("letter"), "desk-1", NOW)
    told = [*later.events, *withdraw(later.state, NOW).events]
    assert {event.product_code for event in told} == {"qlts"}


def test_second_renewer_replaces_the_first_with_both_events() -> None:
    decision = appoint(named("u-1"), licence(), naming("u-2"), document("letter"), "desk-1", NOW)
    assert decision.state.renewer
    assert decision.state.renewer.user_ref == "u-2"
    told = [(type(event), getattr(event, "user_ref", "")) for event in decision.events]
    assert told == [(RenewerWithdrawn, "u-1"), (RenewerNamed, "u-2")]


def test_the_same_person_with_other_evidence_is_not_withdrawn() -> None:
    later = NOW + timedelta(days=1)
    decision = appoint(named(), licence(), naming(), document("other letter"), "desk-2", later)
    assert {type(event) for event in decision.events} == {RenewerNamed}


def test_withdrawn_nobody_is_left_and_it_is_not_done_twice() -> None:
    decision = withdraw(named(), NOW)
    assert decision.state.renewer is None
    assert [type(event) for event in decision.events] == [RenewerWithdrawn]
    with pytest.raises(RenewalError, match="nobody-named"):
        withdraw(decision.state, NOW)
