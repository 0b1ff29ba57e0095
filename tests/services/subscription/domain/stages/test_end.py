"""No service ends without warning, without release, or before the whole lock has passed."""

from datetime import date
from uuid import UUID

import pytest

from services.subscription.domain.changes import registration
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice, release_end
from services.subscription.domain.stages.policy import Policy
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.subscription import AccessLocked, SubscriptionRecorded, SubscriptionTerminated
from shared.time.calendar import start_of_day
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    VIEWING,
    adopted,
    advanced,
    days,
    ended,
    licence,
    noon,
    on_paper,
    release,
    table,
)

END = ENDS + days(60)
ID = UUID(int=9)


def unwarned(overdue: int) -> Subscription:
    """Advanced day by day; no notice has arrived."""
    return advance(
        advance(adopted(ENDS), noon(ENDS + days(1)), BOTH).state, noon(ENDS + days(overdue)), BOTH
    ).state


def released(state: Subscription, day: date = END) -> Subscription:
    decision = release_end(state, release(day), noon(state.told_on), BOTH)
    assert decision is not None
    return decision.state


def noticed(state: Subscription, about: Stage, on: date) -> Subscription:
    decision = record_notice(state, NoticeOnRecord(about, ENDS, noon(on)), noon(on), BOTH)
    assert decision is not None
    return decision.state


def test_what_two_people_released_ends_on_its_day_and_is_emitted_once() -> None:
    state = released(advanced(adopted(ENDS), ENDS + days(50)))
    assert advance(state, noon(END - days(1)), BOTH).events == ()
    decision = advance(state, noon(END + days(9)), BOTH)
    (end,) = decision.events
    assert isinstance(end, SubscriptionTerminated)
    assert (end.effective_on, decision.state.terminated_on, decision.state.ends_on) == (END, END, None)
    assert advance(decision.state, noon(END + days(400)), BOTH).events == ()


def test_what_nobody_released_stays_in_the_last_warning() -> None:
    state = advanced(adopted(ENDS), END + days(300))
    assert (state.stage, state.ends_on) == (Stage.FINAL_NOTICE, END)


def test_an_end_whose_notice_is_missing_is_not_released() -> None:
    """Guards against: 412 notices were missing, two people released the plan, and all services ended."""
    state = noticed(unwarned(31), Stage.LOCKED, ENDS + days(31))
    assert release_end(state, release(END), noon(ENDS + days(50)), BOTH) is None
    assert advance(state, noon(END + days(20)), BOTH).state.stage == Stage.FINAL_NOTICE


@pytest.mark.parametrize("late", [0, 13, 25, 29, 40])
def test_the_end_follows_its_final_notice_by_fourteen_days_however_late_it_was_given(late: int) -> None:
    """Guards against: after an outage 21 hours lie between the final notice and the end."""
    given_on = ENDS + days(31 + late)
    state = noticed(noticed(unwarned(31), Stage.LOCKED, ENDS + days(31)), Stage.FINAL_NOTICE, given_on)
    assert state.ends_on == max(END, given_on + days(14))
    assert release_end(state, release(state.ends_on - days(1)), noon(given_on), BOTH) is None
    assert advanced(released(state, state.ends_on), state.ends_on - days(1)).stage == Stage.FINAL_NOTICE
    assert advanced(released(state, state.ends_on), state.ends_on).stage == Stage.TERMINATED
    banner = [
        (e.terminates_on, e.end_notice_days)
        for e in notified(given_on)
        if isinstance(e, SubscriptionRecorded)
    ]
    assert banner == [(state.ends_on, None)]


def notified(on: date) -> tuple[Event, ...]:
    state = noticed(unwarned(31), Stage.LOCKED, ENDS + days(31))
    decision = record_notice(state, NoticeOnRecord(Stage.FINAL_NOTICE, ENDS, noon(on)), noon(on), BOTH)
    assert decision is not None
    return decision.events


def test_notice_counts_from_the_day_it_was_given_not_from_its_event() -> None:
    state, given_on = unwarned(31), ENDS + days(40)
    notice = record_notice(
        state, NoticeOnRecord(Stage.FINAL_NOTICE, ENDS, noon(given_on)), noon(given_on + days(12)), BOTH
    )
    assert notice is not None
    assert notice.state.ends_on == END
    ahead = NoticeOnRecord(Stage.FINAL_NOTICE, ENDS, noon(given_on + days(30)))
    early = record_notice(state, ahead, noon(given_on), BOTH)
    assert early is not None
    assert early.state.last_notice_on == given_on, "a clock elsewhere may run ahead"


def test_the_final_notice_says_what_a_lock_notice_that_was_never_sent_would_have() -> None:
    """Guards against: mail fails for the whole lock, whose notice is overtaken: the service never ends."""
    state = noticed(unwarned(31), Stage.FINAL_NOTICE, ENDS + days(31))
    assert set(state.notices) == {Stage.LOCKED, Stage.FINAL_NOTICE}
    assert advanced(released(state), END).stage == Stage.TERMINATED


def test_a_release_that_cannot_be_kept_lapses_on_its_day_by_itself() -> None:
    """Guards against: a release that stayed would keep the subscription off the plan of every later day."""
    state = released(advanced(adopted(ENDS), ENDS + days(50)))
    opened = on_paper(state, ID, noon(ENDS + days(50)), BOTH)
    assert opened is not None
    assert opened.state.next_change_at == start_of_day(END, state.zone)
    lapsed = advance(opened.state, noon(END), BOTH)
    assert (lapsed.events, lapsed.state.release, lapsed.state.next_change_at) == ((), None, None)


def test_the_last_warning_is_repeated_if_its_notice_did_not_arrive() -> None:
    state = noticed(unwarned(31), Stage.LOCKED, ENDS + days(31))
    assert advance(state, noon(END - days(15)), BOTH).events == ()
    (again,) = advance(state, noon(END - days(14)), BOTH).events
    assert isinstance(again, AccessLocked)
    assert (again.old_stage, again.new_stage) == (Stage.FINAL_NOTICE, Stage.FINAL_NOTICE)
    assert (again.effective_on, again.terminates_on) == (END - days(14), END)
    noticed_once = noticed(state, Stage.FINAL_NOTICE, ENDS + days(32))
    assert advance(noticed_once, noon(END - days(1)), BOTH).events == ()


def test_a_short_last_warning_is_repeated_in_its_middle() -> None:
    short = {"r117": table("r117", -90, 1, 30, 38)}
    state = adopted(ENDS + days(30))
    assert advance(state, noon(ENDS + days(35)), short).events == ()
    (again,) = advance(state, noon(ENDS + days(36)), short).events
    assert isinstance(again, AccessLocked)


def test_a_warning_skipped_in_an_outage_needs_no_notice_of_its_own() -> None:
    """Guards against: the notice is overtaken and never sent, and the service can never end."""
    state = advance(adopted(ENDS), noon(ENDS + days(40)), BOTH).state
    assert state.notices == (Stage.LOCKED,)
    warned = noticed(state, Stage.FINAL_NOTICE, ENDS + days(41))
    assert advanced(released(warned), END).stage == Stage.TERMINATED


def test_a_notice_of_another_date_or_of_a_warning_still_to_come_is_none() -> None:
    state, on = unwarned(3), noon(ENDS + days(3))
    for about, term in ((Stage.LOCKED, ENDS - days(1)), (Stage.LOCKED, None), (Stage.FINAL_NOTICE, ENDS)):
        assert record_notice(state, NoticeOnRecord(about, term, on), on, BOTH) is None
    once = noticed(state, Stage.LOCKED, ENDS + days(3))
    assert record_notice(once, NoticeOnRecord(Stage.LOCKED, ENDS, on), noon(ENDS + days(4)), BOTH) is None


def test_a_date_corrected_back_takes_the_later_warnings_notice_off_the_record() -> None:
    state = advanced(adopted(ENDS), ENDS + days(40))
    assert state.notices == (Stage.LOCKED, Stage.FINAL_NOTICE)
    back = correct(state, licence(ENDS + days(20)), noon(ENDS + days(40)), BOTH).state
    assert (back.stage, back.notices, back.ends_on) == (Stage.LOCKED, (Stage.LOCKED,), ENDS + days(80))


def test_while_a_registration_is_open_nothing_ends() -> None:
    state = released(advanced(adopted(ENDS), ENDS + days(50)))
    opened = on_paper(state, ID, noon(ENDS + days(55)), BOTH)
    assert opened is not None
    passed = advance(opened.state, noon(END + days(5)), BOTH)
    assert (passed.events, passed.state.stage) == ((), Stage.FINAL_NOTICE)
    refused = registration.close(passed.state, ID, noon(END + days(6)), BOTH)
    assert refused is not None
    assert (refused.state.stage, refused.state.release) == (Stage.FINAL_NOTICE, None), "released again first"


def test_a_registration_refused_before_the_day_leaves_the_release_standing() -> None:
    state = released(advanced(adopted(ENDS), ENDS + days(50)))
    opened = on_paper(state, ID, noon(ENDS + days(55)), BOTH)
    assert opened is not None
    refused = registration.close(opened.state, ID, noon(ENDS + days(57)), BOTH)
    assert refused is not None
    assert advanced(refused.state, END).stage == Stage.TERMINATED


def test_one_person_alone_releases_nothing() -> None:
    state = advanced(adopted(ENDS), ENDS + days(50))
    with pytest.raises(SubscriptionError, match="same-person"):
        release_end(state, release(END, second="a"), noon(ENDS + days(50)), BOTH)


@pytest.mark.parametrize(
    ("state", "day"),
    [
        (adopted(ENDS - days(5)), END),
        (advanced(adopted(ENDS), ENDS + days(50)), END - days(1)),
        (ended(), END + days(1)),
        (released(advanced(adopted(ENDS), ENDS + days(50))), END + days(1)),
    ],
    ids=["in use", "not due by then", "ended", "released already"],
)
def test_what_may_not_end_is_not_released(state: Subscription, day: date) -> None:
    assert release_end(state, release(day), noon(state.told_on), BOTH) is None


def test_the_whole_lock_passes_since_the_last_access_whatever_the_date_says() -> None:
    """A named person sets a date a year ago: locked today, the service ends no sooner than any other."""
    today = ENDS - days(100)
    state = correct(adopted(today), licence(today - days(400)), noon(today), BOTH).state
    assert (state.stage, state.locked_since, state.ends_on) == (Stage.LOCKED, today, today + days(59))
    viewing = correct(adopted(today, policy=VIEWING.id), licence(today - days(400)), noon(today), BOTH).state
    assert (viewing.stage, viewing.ends_on) == (Stage.LOCKED, today + days(59))


def test_house_tables_end_by_their_own_days() -> None:
    policy: Policy = table("r117", -10, 1, 3, 5)
    state = advance(adopted(ENDS), noon(ENDS + days(1)), {"r117": policy}).state
    assert state.ends_on == ENDS + days(5)
