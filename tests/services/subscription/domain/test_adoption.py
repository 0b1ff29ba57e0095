"""A licence taken over, and corrected by a later import."""

from datetime import date, timedelta

import pytest

from services.subscription.domain.access import in_force
from services.subscription.domain.changes import adopt, advance, apply_contract, correct
from services.subscription.domain.subscription import Subscription
from shared.aggregate import Decision
from shared.events.base import Stage
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    Licence,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionTerminated,
)
from shared.ids import subscription_id
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    VIEWING,
    adopted,
    contract,
    days,
    licence,
    moves,
    noon,
)


def corrected(state: Subscription, on: date, told: Licence) -> Decision[Subscription]:
    return correct(state, told, noon(on), BOTH)


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
def test_adoption_tells_the_record_and_the_present_stage_alone(left: int, stage: str) -> None:
    decision = adopt("ngoc-ha", "qlts", licence(), noon(ENDS - days(left)), BOTH)
    recorded, told = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert isinstance(told, SubscriptionAdopted)
    assert recorded.licence == licence()
    assert recorded.stage == told.stage == decision.state.stage == stage
    assert told.access == (FULL if left >= 0 else ())
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
    assert in_force(state, noon(today), BOTH).ends_on == today + days(30)
    assert advance(state, noon(today + days(29)), BOTH).events == ()
    assert moves(advance(state, noon(today + days(30)), BOTH).events) == [
        ("final_notice", "terminated", today + days(30))
    ]


def test_the_same_licence_again_changes_nothing() -> None:
    state = adopted(ENDS - days(100))
    assert corrected(state, ENDS - days(50), licence()) == Decision(state)


def test_another_contact_is_recorded_and_takes_no_reminder_away() -> None:
    decision = corrected(adopted(ENDS - days(61)), ENDS - days(60), licence(contact_name="Lê Thị Mới"))
    (recorded,) = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert recorded.licence.contact_name == "Lê Thị Mới"
    assert len(advance(decision.state, noon(ENDS - days(60)), BOTH).events) == 1


def test_another_policy_waits_for_the_next_term() -> None:
    state = adopted(ENDS - days(10))
    decision = corrected(state, ENDS - days(9), licence(policy=VIEWING.id))
    assert decision.events == ()
    assert (decision.state.policy, decision.state.next_policy) == ("r117", VIEWING.id)
    renewed = apply_contract(decision.state, contract(ENDS, ENDS + days(365)), noon(ENDS), BOTH)
    assert renewed.state.policy == VIEWING.id
    present = licence(ENDS + days(365), policy=VIEWING.id, package="advanced", users=30)
    again = corrected(renewed.state, ENDS, present)
    assert again.events == ()
    assert again.state == renewed.state.with_(stated=again.state.stated)


@pytest.mark.parametrize(
    ("old_left", "new_left", "told", "stage"),
    [
        (-10, 300, AccessRestored, "active"),
        (-10, 20, AccessRestored, "expiring"),
        (-70, 5, AccessRestored, "expiring"),
        (200, -5, AccessLocked, "locked"),
        (20, -5, AccessLocked, "locked"),
        (20, -40, AccessLocked, "final_notice"),
        (-40, -5, AccessLocked, "locked"),
        (200, 40, SubscriptionExpiring, "expiring"),
        (45, 20, SubscriptionExpiring, "expiring"),
        (20, 45, None, "expiring"),
        (45, 40, None, "expiring"),
        (20, 200, None, "active"),
    ],
)
def test_a_corrected_last_day_counts_at_once(
    old_left: int, new_left: int, told: type | None, stage: str
) -> None:
    today = ENDS - days(old_left)
    decision = corrected(adopted(today), today, licence(today + days(new_left)))
    recorded, *rest = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert [type(event) for event in rest] == ([told] if told else [])
    assert recorded.stage == decision.state.stage == stage
    assert all(event.effective_on == today for event in decision.events)
    assert in_force(decision.state, noon(today), BOTH).stage == stage


def test_what_the_calendar_brought_is_told_before_the_correction() -> None:
    decision = corrected(adopted(ENDS - days(5)), ENDS + days(2), licence(ENDS + days(365)))
    assert moves(decision.events) == [
        ("expiring", "locked", ENDS + days(1)),
        ("locked", "active", ENDS + days(2)),
    ]


def test_a_wrong_date_in_a_file_ends_no_service_without_notice() -> None:
    today = ENDS - days(100)
    decision = corrected(adopted(today), today, licence(today - days(400)))
    _, locked = decision.events
    assert isinstance(locked, AccessLocked)
    assert (locked.new_stage, locked.terminates_on) == (Stage.FINAL_NOTICE, today + days(30))
    again = corrected(decision.state, today + days(10), licence(today - days(401)))
    assert again.state.terminates_from == today + days(30)
    mended = corrected(again.state, today + days(11), licence(ENDS))
    assert mended.state.terminates_from is None
    assert moves(mended.events) == [("final_notice", "expiring", today + days(11))]


def test_an_ended_service_stays_ended_under_another_old_date() -> None:
    state = advance(adopted(ENDS), noon(ENDS + days(60)), BOTH).state
    decision = corrected(state, ENDS + days(61), licence(ENDS - days(9)))
    assert [type(event) for event in decision.events] == [SubscriptionRecorded]
    assert decision.state.stage == Stage.TERMINATED
    reopened = corrected(decision.state, ENDS + days(62), licence(ENDS + days(20)))
    assert moves(reopened.events) == [("terminated", "final_notice", ENDS + days(62))]
    ended = advance(reopened.state, noon(ENDS + days(92)), BOTH)
    assert [type(event) for event in ended.events] == [SubscriptionTerminated]


def test_another_zone_moves_the_instant_of_the_next_change() -> None:
    state = adopted(ENDS - days(5))
    decision = corrected(state, ENDS - days(4), licence(zone="Pacific/Apia"))
    before, after = state.next_change_at, decision.state.next_change_at
    assert before is not None
    assert after is not None
    assert before - after == timedelta(hours=6)
