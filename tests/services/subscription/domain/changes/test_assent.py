"""The gate while a contract waits for its office: whose turn it is, until when, and that nothing ends."""

from datetime import date, timedelta
from uuid import UUID

from services.subscription.domain.changes import registration
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from tests.services.subscription.examples import BOTH, ENDS, adopted, days, noon, on_paper

ID = UUID(int=9)
NOW = noon(ENDS - days(5))
SIGN_BY = date(2027, 1, 12)


def accepted(*, revision: int | None = 1) -> Subscription:
    """The registration was accepted. The stamped form has arrived, unless `revision` is None."""
    known = on_paper(adopted(ENDS - days(40)), ID, NOW, BOTH)
    assert known is not None
    here = registration.record_paper(known.state, ID, revision, NOW, NOW, BOTH)
    assert here is not None
    taken = registration.record_acceptance(here.state, ID, True, NOW, NOW, BOTH)
    assert taken is not None
    return taken.state


def waits(sign_by: date | None, minutes: int, state: Subscription) -> Subscription:
    decision = registration.await_assent(state, ID, sign_by, NOW + timedelta(minutes=minutes), NOW, BOTH)
    return decision.state if decision else state


def reason(state: Subscription) -> str:
    return current_entitlement(state, NOW, BOTH).reason.vi


def test_gate_says_that_the_office_signs_its_contract_and_until_when() -> None:
    """Both events may have the same instant."""
    state = waits(SIGN_BY, 0, accepted())
    assert "đơn vị ký hợp đồng" in reason(state)
    assert "chậm nhất ngày 12/01/2027" in reason(state)
    assert "by 2027-01-12" in current_entitlement(state, NOW, BOTH).reason.en
    assert "nhà cung cấp xem xét" in reason(waits(None, 1, state))
    late = waits(SIGN_BY, 0, waits(None, 1, state))
    assert "nhà cung cấp xem xét" in reason(late), "what was told before comes late"


def test_void_contract_is_the_vendor_s_turn_and_the_next_one_waits_again() -> None:
    state = waits(SIGN_BY, 0, accepted())
    voided = registration.record_acceptance(state, ID, False, NOW + timedelta(minutes=2), NOW, BOTH)
    assert voided is not None
    assert "nhà cung cấp xem xét" in reason(voided.state)
    again = registration.record_acceptance(voided.state, ID, True, NOW + timedelta(minutes=3), NOW, BOTH)
    assert again is not None
    assert "nhà cung cấp xem xét" in reason(again.state)
    assert "đơn vị ký hợp đồng" in reason(waits(SIGN_BY + days(9), 3, again.state))


def test_nothing_ends_while_the_contract_waits() -> None:
    state = waits(SIGN_BY, 0, accepted())
    assert current_entitlement(state, noon(ENDS + days(80)), BOTH).stage is not Stage.TERMINATED


def test_access_rests_on_the_form_while_the_contract_waits() -> None:
    """Guards against: the office did all it could in time, and was locked during the days in which it could
    sign."""
    state = waits(SIGN_BY, 0, accepted())
    assert current_entitlement(state, noon(SIGN_BY), BOTH).stage is Stage.EXPIRING
    assert (state.temporary_until, state.temporary_for) == (SIGN_BY, ID)
    again = waits(SIGN_BY + days(9), 3, state)
    assert again.temporary_until == SIGN_BY + days(9), "its paper was sent back"
    assert waits(None, 4, again).temporary_until == again.temporary_until


def test_access_rests_on_a_form_that_is_here_and_not_for_ever() -> None:
    assert waits(SIGN_BY, 0, accepted(revision=None)).temporary_until is None
    forged = waits(date(2029, 1, 12), 0, accepted())
    assert forged.temporary_until == NOW.date() + days(90)
