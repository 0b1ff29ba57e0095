"""One office gets an extension, or an exemption from the lock for a while: with a reason and an end."""

from datetime import date

import pytest

from services.subscription.domain.changes.concession import Kind, concede
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Concession
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import AccessRestored, SubscriptionExpiring, SubscriptionRecorded
from tests.services.subscription.domain.changes.states import locked, renewed
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    adopted,
    advanced,
    days,
    ended,
    moves,
    noon,
)

KINDS: list[Kind] = ["extension", "exemption"]


def grant(state: Subscription, on: date, until: date | None, kind: Kind = "extension") -> Decided:
    granted = Concession(until=until, reason="bão số 3", by="ops-1") if until else None
    return concede(state, kind, granted, noon(on), BOTH)


@pytest.mark.parametrize("kind", KINDS)
def test_a_locked_office_is_opened_and_locked_again_after_the_last_day_granted(kind: Kind) -> None:
    today = ENDS + days(20)
    decision = grant(locked(20), today, today + days(10), kind)
    restored, _ = decision.events
    assert isinstance(restored, AccessRestored)
    assert (restored.effective_on, restored.new_stage) == (today, Stage.EXPIRING)
    assert decision.state.notices == ()
    assert decision.state.licence.expires_on == ENDS
    again = advanced(decision.state, today + days(11))
    assert (again.stage, again.locked_since) == (Stage.LOCKED, today + days(11))
    assert again.ends_on == today + days(70), "the whole lock once more"


def test_an_ended_office_is_opened_and_warned_again() -> None:
    state = ended()
    decision = grant(state, ENDS + days(65), ENDS + days(80))
    assert moves(decision.events) == [("terminated", "expiring", ENDS + days(65))]
    assert (decision.state.terminated_on, decision.state.release) == (None, None)
    later = advanced(decision.state, ENDS + days(300))
    assert later.stage == Stage.FINAL_NOTICE


def test_a_new_term_begins_where_the_old_one_ended_and_not_the_concession() -> None:
    today = ENDS + days(5)
    state = grant(locked(5), today, ENDS + days(40)).state
    later = renewed(state, today)
    assert later.licence.expires_on == ENDS + days(365)
    assert later.extension is None


def test_the_longer_of_two_concessions_holds_and_one_taken_back_counts_at_once() -> None:
    today = ENDS + days(5)
    state = grant(locked(5), today, today + days(10)).state
    state = grant(state, today, today + days(20), "exemption").state
    assert state.last_day == today + days(20)
    state = grant(state, today + days(1), None, "exemption").state
    assert state.last_day == today + days(10)
    back = grant(state, today + days(2), None)
    assert moves(back.events) == [("expiring", "locked", today + days(2))]


def test_from_expiring_to_active_only_the_record_shows_it() -> None:
    """Guards against: a change of stage without any event, so that the next change begins at a stage where
    none ended."""
    decision = grant(adopted(ENDS - days(30)), ENDS - days(30), ENDS + days(90))
    (recorded,) = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert recorded.stage == decision.state.stage == Stage.ACTIVE


def test_a_concession_that_changes_nothing_takes_no_reminder_away() -> None:
    decision = grant(adopted(ENDS - days(61)), ENDS - days(60), ENDS - days(10))
    (reminder,) = decision.events
    assert isinstance(reminder, SubscriptionExpiring)
    assert reminder.days_left == 60
    assert advance(decision.state, noon(ENDS - days(60)), BOTH).events == ()


@pytest.mark.parametrize(
    ("until", "rule"), [(ENDS - days(1), "date-past"), (ENDS + days(367), "date-too-far")]
)
def test_a_date_that_cannot_be_meant_is_refused(until: date, rule: str) -> None:
    with pytest.raises(SubscriptionError, match=rule):
        grant(adopted(ENDS), ENDS, until)
    grant(adopted(ENDS), ENDS, ENDS)
    grant(adopted(ENDS), ENDS, ENDS + days(366))
