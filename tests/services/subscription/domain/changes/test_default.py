"""After an office broke its commitment, the same term gets access by payment or by the desk alone."""

from datetime import date

import pytest

from services.subscription.domain.changes import registration
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy
from tests.services.subscription.domain.changes.forms import closes, sign, upload_copy
from tests.services.subscription.domain.changes.payments import (
    DUE,
    START,
    UNTIL,
    breaks,
    commits,
    extends,
    paper,
    pays,
    registered,
)
from tests.services.subscription.domain.changes.states import ID, OTHER, after, locked
from tests.services.subscription.examples import BOTH, FULL, advanced, days, noon

BROKEN = UNTIL - days(2)
LATE = UNTIL + days(9)


def defaulted() -> Subscription:
    """No form was here; the commitment was broken, and some days have passed."""
    state = after(registered(locked(40)), commits(UNTIL, by="rule"))
    return advanced(after(advanced(state, BROKEN), breaks(BROKEN)), LATE)


def is_open(state: Subscription) -> bool:
    return current_entitlement(state, noon(LATE), BOTH).access == FULL


def test_a_default_cuts_nothing_that_runs() -> None:
    state = after(sign(locked(40), START), commits(UNTIL), breaks(BROKEN))
    assert state.temporary_until == UNTIL
    assert not is_open(advanced(state, LATE))


def test_a_form_gives_nothing_after_a_default() -> None:
    broken = after(registered(locked(40)), commits(UNTIL), breaks(BROKEN))
    assert sign(broken, BROKEN + days(1)).temporary_until is None, "not even the commitment's own last days"
    for state in (defaulted(), registered(after(defaulted(), closes(LATE)), OTHER)):
        for id in (ID, OTHER):
            assert not is_open(sign(state, LATE, id))
            copy = upload_copy(state, LATE, id=id)
            assert copy is None or not is_open(copy.state)


def test_a_form_from_before_the_default_that_is_handled_after_it_gives_its_days() -> None:
    broken = after(registered(locked(40)), breaks(START + days(1)))
    assert sign(broken, START).temporary_until == START + days(15)


def test_the_rule_accepts_nothing_after_a_default() -> None:
    other = sign(after(defaulted(), closes(LATE)), LATE, OTHER)
    until = LATE + days(50)
    assert not is_open(after(other, commits(until, LATE, 1, id=OTHER, by="rule")))
    desk = after(other, commits(until, LATE, 1, id=OTHER, by="desk"))
    assert (desk.temporary_until, desk.temporary_for) == (until, OTHER)
    before = after(other, commits(until, BROKEN - days(1), 1, id=OTHER, by="desk"))
    assert not is_open(before), "the desk didn't know of it"


def test_an_extension_after_the_default_opens_again() -> None:
    late = after(sign(defaulted(), LATE), extends(LATE + days(20), LATE, 20))
    assert late.temporary_until == LATE + days(20)
    again = after(late, breaks(LATE + days(21), 30))
    assert again.temporary_until == LATE + days(20)
    assert after(again, breaks(BROKEN, 15)) == again, "redriven"
    assert after(defaulted(), extends(LATE + days(20), LATE, 14)).temporary_until is None, "of before"


def test_payment_in_full_after_the_default_opens_again() -> None:
    assert not is_open(after(defaulted(), pays(DUE - 1, LATE)))
    assert is_open(after(defaulted(), pays(DUE, LATE)))


@pytest.mark.parametrize(("on", "opens"), [(BROKEN - days(1), True), (LATE, False)])
def test_a_contract_that_waits_for_the_office_opens_nothing_after_a_default(on: date, opens: bool) -> None:
    posted = after(registered(locked(40), way=SendBy.PAPER), paper(START, 1), breaks(BROKEN))
    waits = after(
        advanced(posted, LATE),
        lambda state: registration.await_assent(state, ID, LATE + days(9), noon(on), noon(LATE), BOTH),
    )
    assert is_open(waits) is opens
