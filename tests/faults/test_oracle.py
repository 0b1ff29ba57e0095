"""Each check of the oracle passes for a correct world, and finds what is broken in another."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid5

import pytest

from shared.events.base import Event, Stage
from shared.events.notifier import NoticeDelivered
from shared.events.subscription import AccessLocked, SubscriptionExpiring
from shared.ids import subscription_id
from tests.faults import oracle
from tests.faults.oracle import violations
from tests.faults.snapshot import LoggedEvent, OfficeView, WorldSnapshot

REF, MESSAGE = "a", "<1@x>"
LAST, LOCKED = date(2026, 12, 1), date(2026, 12, 3)
"""It was taken in one day before its last: a whole day lies between the reminder and the lock."""
SINCE = date(2026, 11, 30)
ID = subscription_id(REF, "qlts")
AT = datetime(2026, 12, 3, tzinfo=UTC)
COMMON: dict[str, Any] = {
    "subscription_id": ID,
    "office_ref": REF,
    "product_code": "qlts",
    "occurred_at": AT,
    "recorded_at": AT,
}


def _expiring() -> Event:
    return SubscriptionExpiring(
        **COMMON,
        effective_on=LAST,
        old_stage=Stage.EXPIRING,
        new_stage=Stage.EXPIRING,
        days_left=0,
        expires_on=LAST,
    )


def _locked(on: date = LOCKED) -> Event:
    return AccessLocked(
        **COMMON,
        effective_on=on,
        old_stage=Stage.EXPIRING,
        new_stage=Stage.LOCKED,
        access=(),
        days_overdue=2,
        expires_on=LAST,
        terminates_on=LAST,
    )


def _delivered(message_id: str) -> Event:
    return NoticeDelivered(
        **COMMON,
        effective_on=LOCKED,
        notice_id="1",
        reason="locked",
        channel="email",
        contact_id="1",
        message_id=message_id,
    )


def _told(sequence: int, event: Event, at: int, of: str = "subscription/a") -> LoggedEvent:
    return LoggedEvent(of, sequence, str(uuid5(ID, f"{of}{sequence}")), at, event)


def _notice(since: date, reason: str = "locked") -> dict[str, Any]:
    return {
        "office_ref": REF,
        "matter": {"since": since.isoformat(), "reason": reason},
        "status": "delivered",
        "due_at": None,
        "unknowns": 0,
    }


def _good() -> WorldSnapshot:
    """One office that was reminded and locked, with a letter for each; its lock was published twice."""
    told = [
        _told(1, _expiring(), 110),
        _told(2, _locked(), 210),
        _told(2, _locked(), 211),
        _told(1, _delivered("<0@x>"), 120, "notifier/0"),
        _told(1, _delivered(MESSAGE), 220, "notifier/1"),
    ]
    return WorldSnapshot(
        today=LOCKED,
        began={SINCE: 0, LAST: 100, LOCKED: 200},
        offices=[OfficeView(REF, SINCE, LAST, "locked")],
        told=told,
        kept={"subscription/a": 2, "notifier/0": 1, "notifier/1": 1},
        notices={"<0@x>": _notice(LAST, "expiring"), MESSAGE: _notice(LOCKED)},
        letters=Counter({"<0@x>": 1, MESSAGE: 1}),
        dead=0,
        expected_dead=0,
    )


def test_a_good_world_breaks_nothing() -> None:
    assert violations(_good()) == []


def _with_notice(**changes: Any) -> Callable[[WorldSnapshot], WorldSnapshot]:
    return lambda seen: replace(seen, notices=seen.notices | {MESSAGE: seen.notices[MESSAGE] | changes})


def _with_letters(count: int) -> Callable[[WorldSnapshot], WorldSnapshot]:
    return lambda seen: replace(seen, letters=Counter({"<0@x>": 1, MESSAGE: count}))


def _without(number: int) -> Callable[[WorldSnapshot], WorldSnapshot]:
    return lambda seen: replace(seen, told=seen.told[:number] + seen.told[number + 1 :])


def _and(*told: LoggedEvent, kept: int = 2) -> Callable[[WorldSnapshot], WorldSnapshot]:
    return lambda seen: replace(seen, told=[*seen.told, *told], kept=seen.kept | {"subscription/a": kept})


def _other_order(seen: WorldSnapshot) -> WorldSnapshot:
    return replace(seen, told=[seen.told[1], seen.told[0], *seen.told[2:]])


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (_without(0), oracle.recorded_is_published),
        (_other_order, oracle.recorded_is_published),
        (_and(_told(3, _locked(), 230)), oracle.recorded_is_published),
        (_and(_told(3, _locked(), 230), kept=3), oracle.each_transition_once),
        (_without(0), oracle.each_transition_once),
        (_and(_told(3, _locked(date(2026, 12, 4)), 230), kept=3), oracle.never_early),
        (lambda s: replace(s, began=s.began | {LOCKED: 215}), oracle.never_early),
        (
            lambda s: replace(s, offices=[OfficeView(REF, SINCE, LAST, "expiring")]),
            oracle.gate_shows_the_stage,
        ),
        (_with_notice(due_at=AT), oracle.every_notice_ends),
        (_without(4), oracle.every_notice_ends),
        (_with_notice(office_ref="b"), oracle.every_transition_has_its_notice),
        (_with_letters(2), oracle.one_letter_a_notice),
        (_with_letters(0), oracle.one_letter_a_notice),
        (lambda s: replace(s, letters=s.letters | Counter({"<9@x>": 1})), oracle.one_letter_a_notice),
        (lambda s: replace(s, dead=1), oracle.dead_letters_as_expected),
        (lambda s: replace(s, expected_dead=1), oracle.dead_letters_as_expected),
    ],
)
def test_what_is_broken_is_found(
    broken: Callable[[WorldSnapshot], WorldSnapshot], check: oracle.Check
) -> None:
    assert list(check(broken(_good())))


def test_every_check_is_tried() -> None:
    tried = test_what_is_broken_is_found.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {check for _, check in tried} == set(oracle.CHECKS)


def test_a_second_letter_is_allowed_where_an_attempt_stayed_unknown() -> None:
    seen = _with_letters(2)(_with_notice(unknowns=1)(_good()))
    assert list(oracle.one_letter_a_notice(seen)) == []
    assert oracle.windows(seen) == 1


@pytest.mark.parametrize(
    ("ended", "again"), [("overtaken", True), ("refused", True), ("parked", True), ("delivered", False)]
)
def test_last_warning_that_is_not_on_record_is_told_again(ended: str, *, again: bool) -> None:
    office = OfficeView(REF, date(2027, 1, 15), LAST, "final_notice")
    notices = {
        "<0@x>": _notice(date(2026, 11, 1), "expiring"),
        MESSAGE: _notice(date(2026, 12, 31)) | {"status": ended},
    }
    seen = replace(_good(), today=date(2027, 2, 1), offices=[office], told=[], notices=notices)
    found = list(oracle.each_transition_once(seen))
    assert found == (["never told: ('final_notice', 'a', datetime.date(2027, 1, 16))"] if again else [])


def test_office_that_no_reminder_reached_keeps_its_access_and_is_reminded_once_more() -> None:
    notices = {"<0@x>": _notice(LAST, "expiring") | {"status": "refused"}}
    seen = replace(_good(), told=_good().told[:1], notices=notices)
    assert list(oracle.each_transition_once(seen)) == [
        "never told: ('expiring -1', 'a', datetime.date(2026, 12, 2))"
    ]
    assert list(oracle.gate_shows_the_stage(seen)) == ["a: the gate says locked, the calendar expiring"]
