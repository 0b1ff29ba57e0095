"""What a day's plan lists, and who may release it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes.concession import concede
from services.subscription.domain.changes.hold_limit import HoldLimit
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Concession, DateTrust, Release
from services.subscription.domain.plans.plan import PlanLine, PlanTally, may_end_on, plan_line
from services.subscription.domain.plans.release import (
    FURTHEST_AHEAD,
    Approval,
    EndListRef,
    approve,
    check_day,
)
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice, release_end
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from tests.services.subscription.examples import BOTH, ENDS, adopted, days, noon, on_paper

END = ENDS + days(60)
WARNED = (Stage.LOCKED, Stage.FINAL_NOTICE)


def at(state: Subscription, day: date) -> Subscription:
    return advance(state, noon(day), BOTH).state


def locked(warned: Iterable[Stage] = WARNED) -> Subscription:
    """A subscription in its last warning, a week before the end, with those notices on record."""
    on = ENDS + days(31)
    state = at(at(adopted(ENDS - days(40)), ENDS + days(1)), on)
    for stage in warned:
        decided = record_notice(state, NoticeOnRecord(stage, ENDS, noon(on)), noon(on), BOTH)
        assert decided is not None
        state = decided.state
    return at(state, END - days(7))


def line(state: Subscription, day: date) -> PlanLine | None:
    return plan_line(StageContext.of(state, BOTH), day)


def released(state: Subscription, day: date) -> Subscription:
    release = Release(day=day, plan="0" * 64, by=("a", "b"))
    decided = release_end(state, release, noon(END - days(7)), BOTH)
    assert decided is not None
    return decided.state


def test_a_plan_lists_each_change_on_its_day_and_no_other() -> None:
    state = adopted(ENDS - days(100))
    lines = {day: line(state, day) for day in (ENDS + days(n) for n in range(-99, 60))}
    assert {day: (found.old, found.new) for day, found in lines.items() if found} == {
        ENDS - days(90): (Stage.ACTIVE, Stage.EXPIRING),
        ENDS + days(1): (Stage.EXPIRING, Stage.LOCKED),
        ENDS + days(30): (Stage.LOCKED, Stage.FINAL_NOTICE),
    }


def test_an_end_is_listed_from_its_day_on_until_it_is_released() -> None:
    state = locked()
    assert line(state, END - days(1)) is None
    first, later = line(state, END), line(state, END + days(3))
    assert first == later
    assert first is not None
    assert (first.old, first.new, first.released, first.missing) == (*_LAST_MOVE, False, ())


_LAST_MOVE = (Stage.FINAL_NOTICE, Stage.TERMINATED)


def test_a_released_end_keeps_its_line_and_leaves_the_next_days_plan() -> None:
    before, after = locked(), released(locked(), END)
    first, now = line(before, END), line(after, END)
    assert first is not None
    assert now is not None
    assert (now.text, now.released) == (first.text, True)
    assert line(after, END + days(1)) is None
    assert at(after, END).stage is Stage.TERMINATED


def test_an_end_without_its_notice_is_named_and_not_released() -> None:
    """Guards against: the plan said that 412 notices were missing, and two people released it all the
    same."""
    state = locked(warned=[Stage.LOCKED])
    found = line(state, END)
    assert found is not None
    assert (found.missing, found.ends) == ((Stage.FINAL_NOTICE,), False)
    tally = PlanTally()
    tally.add(found)
    assert (tally.terminations, tally.notices_missing, tally.changes.total()) == (0, 1, 0)
    assert tally.terminations_hash == sha256(b"").hexdigest()
    release = Release(day=END, plan="0" * 64, by=("a", "b"))
    assert release_end(state, release, noon(END - days(7)), BOTH) is None


def test_what_may_yet_turn_out_otherwise_is_on_no_list() -> None:
    week_before = noon(END - days(7))
    registering = on_paper(locked(), UUID(int=7), week_before, BOTH)
    assert registering is not None
    granted = Concession(until=END, reason="lũ lụt", by="ops-1")
    extended = concede(locked(), "extension", granted, week_before, BOTH).state
    unasked = DateTrust(set_on=END - days(7), named=False, before=Stage.FINAL_NOTICE)
    of_many = unasked.model_copy(update={"needs_release": True})
    held = [locked().with_(trust=trust) for trust in (unasked, of_many)]
    for state in (registering.state, extended, *held):
        assert not may_end_on(StageContext.of(state, BOTH), END)


def test_an_ended_one_is_on_no_plan() -> None:
    ended = at(released(locked(), END), END)
    assert [line(ended, END + days(n)) for n in (1, 2, 30)] == [None] * 3


@given(st.lists(st.uuids(), unique=True, max_size=20), st.data())
def test_the_hash_is_that_of_the_sorted_lines(ids: list[UUID], data: st.DataObject) -> None:
    pairs = st.sampled_from([(Stage.EXPIRING, Stage.LOCKED), _LAST_MOVE])
    lines = [PlanLine(id, "o", "qlts", *data.draw(pairs)) for id in sorted(ids, key=str)]
    tally = PlanTally()
    for one in lines:
        tally.add(one)
    texts = sorted(f"{one.id} {one.old.value} {one.new.value}\n" for one in lines)
    ends = [text for text in texts if text.endswith("terminated\n")]
    assert tally.hash == sha256("".join(texts).encode()).hexdigest()
    assert tally.terminations_hash == sha256("".join(ends).encode()).hexdigest()
    assert (tally.changes.total(), tally.terminations) == (len(texts), len(ends))


def voice(by: str) -> Approval:
    return Approval(by=by, reason="Đã gọi từng đơn vị", at=datetime(2027, 2, 20, tzinfo=UTC))


def test_two_different_people_release_a_list_once() -> None:
    listed = EndListRef(END, "0" * 64, 3, "name")
    first = approve(None, listed, voice("a")).state
    with pytest.raises(SubscriptionError, match="same-person"):
        approve(first, listed, voice("a"))
    second = approve(first, listed, voice("b")).state
    assert second.release == Release(day=END, plan="0" * 64, by=("a", "b"))
    for by in ("a", "b", "c"):
        with pytest.raises(SubscriptionError, match="already-released"):
            approve(second, listed, voice(by))
    with pytest.raises(ValueError):
        _ = first.release


def test_a_day_is_released_beforehand_and_at_most_thirty_days() -> None:
    check_day(ENDS + days(1), ENDS)
    check_day(ENDS + FURTHEST_AHEAD, ENDS)
    for day, rule in ((ENDS - days(1), "begun"), (ENDS, "begun"), (ENDS + FURTHEST_AHEAD + days(1), "far")):
        with pytest.raises(SubscriptionError, match=rule):
            check_day(day, ENDS)


@pytest.mark.parametrize(
    ("held", "all", "expected"),
    [(0, 0, False), (1, 200, False), (2, 200, True), (20, 4000, False), (21, 4000, True), (21, 10**6, True)],
)
def test_many_are_more_than_twenty_or_half_a_percent(held: int, all: int, expected: bool) -> None:
    assert HoldLimit().exceeded(held, all) is expected
