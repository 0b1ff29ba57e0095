"""A licence is adopted at its present stage."""

import pytest

from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import advance
from shared.events.base import Stage
from shared.events.subscription import (
    AccessLocked,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
)
from shared.ids import subscription_id
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    VIEWING,
    adopted,
    advanced,
    days,
    licence,
    noon,
)


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (200, "active"),
        (90, "expiring"),
        (0, "expiring"),
        (-1, "locked"),
        (-45, "final_notice"),
        (-400, "final_notice"),
    ],
)
def test_adoption_emits_the_record_and_the_present_stage_alone(left: int, stage: str) -> None:
    decision = adopt("ngoc-ha", "qlts", licence(), noon(ENDS - days(left)), BOTH)
    recorded, event = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert isinstance(event, SubscriptionAdopted)
    assert recorded.licence == licence()
    assert recorded.stage == event.stage == decision.state.stage == stage
    assert event.access == (FULL if left >= 0 else ())
    assert decision.state.id == recorded.subscription_id == subscription_id("ngoc-ha", "qlts")


def test_adoption_on_a_reminder_day_sends_no_mail_and_goes_on_with_the_next() -> None:
    state = adopted(ENDS - days(60))
    assert advance(state, noon(ENDS - days(60)), BOTH).events == ()
    decision = advance(state, noon(ENDS - days(30)), BOTH)
    assert [e.days_left for e in decision.events if isinstance(e, SubscriptionExpiring)] == [30]


@pytest.mark.parametrize("overdue", [30, 59, 60, 4000])
def test_an_office_adopted_in_or_past_the_last_warning_gets_the_whole_of_it(overdue: int) -> None:
    today = ENDS + days(overdue)
    state = adopted(today)
    assert current_entitlement(state, noon(today), BOTH).ends_on == today + days(30)
    assert advance(state, noon(today + days(15)), BOTH).events == ()
    (warned,) = advance(state, noon(today + days(16)), BOTH).events
    assert isinstance(warned, AccessLocked)
    assert (warned.new_stage, warned.terminates_on) == (Stage.FINAL_NOTICE, today + days(30))


def test_an_office_adopted_in_its_lock_goes_on_from_its_own_last_day() -> None:
    state = adopted(ENDS + days(10))
    assert (state.locked_since, state.ends_on) == (ENDS + days(1), ENDS + days(60))
    assert state.notices == (Stage.LOCKED,), "given by whoever served it before"
    assert advanced(state, ENDS + days(30)).stage == Stage.FINAL_NOTICE


def test_an_office_adopted_in_a_table_of_one_warning_is_warned_by_us() -> None:
    state = adopted(ENDS + days(10), policy=VIEWING.id)
    assert (state.notices, state.ends_on) == ((), ENDS + days(10) + days(59))
