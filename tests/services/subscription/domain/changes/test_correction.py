"""A licence is corrected: a named person's date counts at once, a list's unexpected date is held."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.subscription.domain.changes.concession import concede
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import correct, release_hold, restate
from services.subscription.domain.facts import Concession
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.subscription import (
    AccessHeld,
    AccessLocked,
    AccessRestored,
    Licence,
    SubscriptionExpiring,
    SubscriptionRecorded,
)
from shared.storage.aggregate import Decision
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    VIEWING,
    adopted,
    advanced,
    contract,
    days,
    ended,
    licence,
    moves,
    noon,
    unwarned,
)


def named(state: Subscription, on: date, given: Licence) -> Decided:
    return correct(state, given, noon(on), BOTH)


def listed(state: Subscription, on: date, given: Licence, *, many: bool = False) -> Decided:
    return restate(state, given, noon(on), BOTH, many=many)


def noticed(state: Subscription, on: date) -> Decided:
    term = state.licence.expires_on
    decision = record_notice(state, NoticeOnRecord(Stage.EXPIRING, term, noon(on)), noon(on), BOTH)
    assert decision is not None
    return decision


def kinds(events: tuple[Event, ...]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_the_same_licence_again_changes_nothing() -> None:
    state = adopted(ENDS - days(100))
    assert listed(state, ENDS - days(50), licence()) == Decision(state)
    assert named(state, ENDS - days(50), licence()) == Decision(state)


@pytest.mark.parametrize("how", [named, listed])
def test_another_contact_is_recorded_and_takes_no_reminder_away(how) -> None:  # type: ignore[no-untyped-def]
    decision = how(adopted(ENDS - days(61)), ENDS - days(60), licence(contact_name="Lê Thị Mới"))
    (recorded,) = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert recorded.licence.contact_name == "Lê Thị Mới"
    assert len(advance(decision.state, noon(ENDS - days(60)), BOTH).events) == 1


def test_another_policy_waits_for_the_next_term() -> None:
    state = adopted(ENDS - days(10))
    decision = restate(state, licence(policy=VIEWING.id), noon(ENDS - days(9)), BOTH, next_policy=VIEWING.id)
    assert decision.events == ()
    assert (decision.state.policy, decision.state.next_policy) == ("r117", VIEWING.id)
    renewed = ContractApplication(BOTH, "r117", noon(ENDS)).apply(
        decision.state, contract(ENDS, ENDS + days(365))
    )
    assert renewed.state.policy == VIEWING.id


@pytest.mark.parametrize(
    ("old_left", "new_left", "kind", "stage"),
    [
        (-10, 300, AccessRestored, "active"),
        (-10, 20, AccessRestored, "expiring"),
        (200, -5, AccessLocked, "locked"),
        (20, -5, AccessLocked, "locked"),
        (20, -400, AccessLocked, "locked"),
        (-40, -5, AccessLocked, "locked"),
        (200, 40, SubscriptionExpiring, "expiring"),
        (45, 20, SubscriptionExpiring, "expiring"),
        (20, 45, None, "expiring"),
        (45, 40, None, "expiring"),
        (20, 200, None, "active"),
    ],
)
def test_a_named_persons_date_counts_at_once(
    old_left: int, new_left: int, kind: type | None, stage: str
) -> None:
    today = ENDS - days(old_left)
    decision = named(adopted(today), today, licence(today + days(new_left)))
    recorded, *rest = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert [type(event) for event in rest] == ([kind] if kind else [])
    assert recorded.stage == decision.state.stage == stage
    assert all(event.effective_on == today for event in decision.events)
    assert current_entitlement(decision.state, noon(today), BOTH).stage == stage


def test_what_the_calendar_brought_is_emitted_before_the_correction() -> None:
    decision = named(adopted(ENDS - days(5)), ENDS + days(2), licence(ENDS + days(365)))
    assert moves(decision.events) == [
        ("expiring", "locked", ENDS + days(1)),
        ("locked", "active", ENDS + days(2)),
    ]


def test_a_list_that_moves_the_date_to_yesterday_is_held_for_a_week_and_a_notice() -> None:
    today = ENDS - days(100)
    decision = listed(adopted(today), today, licence(today - days(1)))
    assert kinds(decision.events) == [SubscriptionRecorded, SubscriptionExpiring, AccessHeld]
    reminded, held = decision.events[1:]
    assert isinstance(reminded, SubscriptionExpiring)
    assert isinstance(held, AccessHeld)
    assert reminded.days_left == 6
    assert (held.new_stage, held.access, held.reason) == (Stage.LOCKED, FULL, "date_too_new")
    assert decision.snapshot is not None
    state = noticed(decision.state, today + days(1)).state
    answer = current_entitlement(state, noon(today + days(6)), BOTH)
    assert (answer.access, answer.stage) == (FULL, Stage.EXPIRING)
    locked = advance(state, noon(today + days(7)), BOTH)
    assert moves(locked.events) == [("expiring", "locked", today + days(7))]
    assert (locked.state.hold, locked.state.ends_on) == (None, today + days(66))


def test_without_its_notice_on_record_a_listed_date_takes_nothing_and_says_so() -> None:
    today = ENDS - days(100)
    state = listed(adopted(today), today, licence(today + days(3))).state
    waiting = advanced_to(state, today + days(7))
    assert [event.reason for event in waiting.events if isinstance(event, AccessHeld)] == ["notice_missing"]
    assert current_entitlement(waiting.state, noon(today + days(300)), BOTH).access == FULL
    assert (
        "trong lúc chờ kiểm tra" in current_entitlement(waiting.state, noon(today + days(9)), BOTH).reason.vi
    )
    late = noticed(waiting.state, today + days(20))
    assert moves(late.events) == [], "one whole day lies between"
    locked = advanced_to(late.state, today + days(22))
    assert moves(locked.events) == [("expiring", "locked", today + days(22))]
    assert locked.state.ends_on == today + days(81), "the whole lock from there"


def advanced_to(state: Subscription, day: date) -> Decided:
    return advance(state, noon(day), BOTH)


@pytest.mark.parametrize(
    ("about", "told_after"), [(Stage.LOCKED, 7), (Stage.FINAL_NOTICE, 7), (Stage.EXPIRING, 14)]
)
def test_a_warning_of_a_lock_that_an_exemption_undid_is_no_notice_of_a_listed_date(
    about: Stage, told_after: int
) -> None:
    """Found by the random histories: a late notice of the lock arrives while the office is exempt."""
    taken_over, listed_on = date(2024, 2, 29), date(2024, 3, 22)
    exempted = Concession(until=taken_over + days(52), reason="bão", by="a")
    state = unwarned(taken_over, taken_over - days(61), policy=VIEWING.id)
    state = concede(state, "exemption", exempted, noon(taken_over), BOTH).state
    state = listed(state, listed_on, licence(listed_on - days(61), policy=VIEWING.id)).state
    notice = NoticeOnRecord(about, state.licence.expires_on, noon(listed_on))
    arrived = record_notice(state, notice, noon(listed_on), BOTH)
    state = arrived.state if arrived else state
    state = concede(state, "exemption", None, noon(listed_on), BOTH).state
    waiting = advanced_to(state, listed_on + days(30))
    held = [event for event in waiting.events if isinstance(event, AccessHeld)]
    assert [(event.reason, event.effective_on) for event in held] == [
        ("notice_missing", listed_on + days(told_after))
    ]
    assert current_entitlement(waiting.state, noon(listed_on + days(30)), BOTH).access == FULL


def test_a_listed_date_far_off_locks_like_any_other_once_its_reminders_arrived() -> None:
    state = listed(adopted(ENDS - days(200)), ENDS - days(200), licence(ENDS + days(31))).state
    assert state.hold is None
    reminded = noticed(state, ENDS - days(59)).state
    assert moves(advanced_to(reminded, ENDS + days(32)).events)[-1] == ("expiring", "locked", ENDS + days(32))


def test_one_of_too_many_waits_for_a_person_and_the_office_gets_no_notice() -> None:
    today = ENDS - days(100)
    decision = listed(adopted(today), today, licence(today - days(1)), many=True)
    assert kinds(decision.events) == [SubscriptionRecorded, AccessHeld]
    state = noticed(decision.state, today + days(1)).state
    later = advanced_to(state, today + days(400))
    assert (later.events, later.state.stage, later.state.hold) == ((), Stage.ACTIVE, "many_at_once")
    freed = release_hold(later.state, noon(today + days(400)), BOTH)
    assert moves(freed.events) == [("active", "locked", today + days(400))]
    assert freed.state.hold is None
    assert release_hold(freed.state, noon(today + days(401)), BOTH) == Decision(freed.state)


def test_of_too_many_those_whose_access_stays_are_not_held() -> None:
    """Guards against: a date waits for a release that nobody knows of, because nothing says that it is
    needed."""
    today = ENDS - days(100)
    state = listed(adopted(today), today, licence(ENDS + days(365)), many=True).state
    assert (state.trust.needs_release, state.hold) == (False, None)


@pytest.mark.parametrize("overdue", [-3, 5, 45, 400])
def test_a_list_with_another_past_date_opens_no_locked_office(overdue: int) -> None:
    """Guards against: a list with every date one day off would have opened all locked offices."""
    today = ENDS + days(10)
    decision = listed(advanced(adopted(ENDS), today), today, licence(today - days(overdue)))
    if overdue < 0:
        assert moves(decision.events) == [("locked", "expiring", today)]
    else:
        assert kinds(decision.events) == [SubscriptionRecorded]
        assert (decision.state.stage, decision.state.hold) == (Stage.LOCKED, None)


def test_an_office_locked_and_opened_by_a_list_is_not_locked_again_without_notice() -> None:
    today = ENDS + days(10)
    state = listed(advanced(adopted(ENDS), today), today, licence(today + days(3))).state
    assert state.stage == Stage.EXPIRING
    waiting = advanced_to(state, today + days(30))
    assert (waiting.state.stage, waiting.state.hold) == (Stage.EXPIRING, "notice_missing")


def test_a_list_that_moves_a_zone_alone_leaves_an_expected_date_expected() -> None:
    state = listed(adopted(ENDS - days(5)), ENDS - days(4), licence(zone="Pacific/Apia")).state
    assert state.trust.named
    before, after = adopted(ENDS - days(5)).next_change_at, state.next_change_at
    assert before is not None
    assert after is not None
    assert before - after == timedelta(hours=6)


def test_a_date_in_a_file_ends_no_service() -> None:
    state = ended()
    later = ENDS + days(61)
    decision = listed(state, later, licence(ENDS - days(9)))
    assert kinds(decision.events) == [SubscriptionRecorded]
    assert decision.state.stage == Stage.TERMINATED, "what has ended stays ended"
    reopened = named(decision.state, later, licence(ENDS + days(30)))
    assert moves(reopened.events) == [("terminated", "final_notice", later)]
    assert (reopened.state.terminated_on, reopened.state.release) == (None, None)


def test_the_last_imported_row_again_takes_no_renewal_back() -> None:
    """An import that died is finished by sending the file again, even after a contract has come."""
    state = advanced(adopted(ENDS - days(90)), ENDS - days(30))
    renewed = ContractApplication(BOTH, "r117", noon(ENDS - days(30))).apply(
        state, contract(ENDS, ENDS + days(365))
    )
    assert listed(renewed.state, ENDS + days(10), licence(ENDS)) == Decision(renewed.state)
    other = listed(renewed.state, ENDS, licence(ENDS + days(396)))
    assert other.state.licence.expires_on == ENDS + days(396)


def test_a_clock_a_day_behind_takes_back_nothing_that_was_emitted() -> None:
    """Guards against: access is given back and taken again because the clock was set."""
    state = advanced(adopted(ENDS), ENDS + days(1))
    decision = named(state, ENDS, licence(name="Trường Mới"))
    assert moves(decision.events) == []
    notice = record_notice(
        state.with_(notices=()), NoticeOnRecord(Stage.LOCKED, ENDS, noon(ENDS)), noon(ENDS), BOTH
    )
    assert notice is not None
    assert (notice.state.stage, moves(notice.events)) == (Stage.LOCKED, [])


def test_a_named_persons_lock_stays_if_the_corrected_zone_is_a_day_behind() -> None:
    """Guards against: a date that is "tomorrow" in the other zone was held as an unexpected one."""
    now = datetime(2026, 6, 15, 2, tzinfo=UTC)
    ahead, behind = date(2026, 6, 15), date(2026, 6, 14)
    past = licence(ahead - days(30), zone="Pacific/Apia")
    state = correct(adopted(ahead - days(3), zone="Pacific/Apia"), past, now, BOTH).state
    assert (state.stage, state.locked_since) == (Stage.LOCKED, ahead)
    moved = restate(state, licence(ahead - days(20), zone="America/Santiago"), now, BOTH)
    assert moves(moved.events) == []
    assert (moved.state.stage, moved.state.locked_since) == (Stage.LOCKED, behind)


def test_a_date_without_notice_is_not_shown_as_held_while_a_contract_keeps_access() -> None:
    today = ENDS - days(100)
    state = listed(adopted(today), today, licence(today + days(30))).state
    disputed = (
        ContractApplication(BOTH, "r117", noon(today)).apply(state, contract(ENDS, ENDS + days(365))).state
    )
    assert disputed.next_change_at is None, "nothing to wake up for"
    later = advanced_to(disputed, today + days(40))
    assert (kinds(later.events).count(AccessHeld), later.state.hold) == (0, None)
    refused = ContractApplication(BOTH, "r117", noon(today + days(41))).resolve_dispute(
        later.state, UUID(int=1), accept=False
    )
    assert [e.reason for e in refused.events if isinstance(e, AccessHeld)] == ["notice_missing"]
    assert refused.state.hold == "notice_missing"
