"""Who may renew for an office beside whom the platform says: one person, told of each of its products."""

from datetime import timedelta

import pytest

from services.renewal.domain.appointment import Naming, RenewerAppointment, name, withdraw
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import Refused
from shared.events.renewal import RenewerNamed, RenewerWithdrawn
from shared.ids import subscription_id
from tests.services.renewal.examples import NOW, OFFICE_REF, licence
from tests.services.renewal.messages import document


def office() -> list[LicenceCopy]:
    second = {"product_code": "qlcb", "subscription_id": subscription_id(OFFICE_REF, "qlcb")}
    return [licence(), licence().model_copy(update=second)]


def naming(user_ref: str = "u-1") -> Naming:
    stated = {"name": "Lê Thị Lan", "title": "Kế toán", "email": "lan@truong.example", "reason": "Đã nghỉ"}
    return Naming.model_validate({"user_ref": user_ref, **stated})


def named(user_ref: str = "u-1", before: RenewerAppointment | None = None) -> RenewerAppointment:
    return name(before, office(), naming(user_ref), document("letter"), "desk-1", NOW).state


def test_named_is_told_of_each_product() -> None:
    decision = name(None, office(), naming(), document("letter"), "desk-1", NOW)
    assert decision.state.renewer
    assert (decision.state.renewer.user_ref, decision.state.renewer.by) == ("u-1", "desk-1")
    assert [(type(event), event.product_code) for event in decision.events] == [
        (RenewerNamed, "qlts"),
        (RenewerNamed, "qlcb"),
    ]


def test_another_takes_the_place_of_the_first_and_both_are_told() -> None:
    decision = name(named("u-1"), office(), naming("u-2"), document("letter"), "desk-1", NOW)
    assert decision.state.renewer
    assert decision.state.renewer.user_ref == "u-2"
    told = [(type(event), getattr(event, "user_ref", "")) for event in decision.events]
    assert told == [(RenewerWithdrawn, "u-1")] * 2 + [(RenewerNamed, "u-2")] * 2


def test_the_same_person_with_other_evidence_is_not_withdrawn() -> None:
    later = NOW + timedelta(days=1)
    decision = name(named(), office(), naming(), document("other letter"), "desk-2", later)
    assert {type(event) for event in decision.events} == {RenewerNamed}


def test_withdrawn_nobody_is_left_and_it_is_not_done_twice() -> None:
    decision = withdraw(named(), office(), NOW)
    assert decision.state.renewer is None
    assert [type(event) for event in decision.events] == [RenewerWithdrawn] * 2
    with pytest.raises(Refused, match="nobody-named"):
        withdraw(decision.state, office(), NOW)


def test_an_office_that_nobody_knows_has_no_renewer() -> None:
    with pytest.raises(Refused, match="office-unknown"):
        name(None, [], naming(), document("letter"), "desk-1", NOW)
