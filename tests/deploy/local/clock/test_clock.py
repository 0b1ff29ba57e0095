"""The clock stops at every midnight in Vietnam, and only moves forward."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import MongoClient

from deploy.local.clock.clock import ZONE, StackClock, describe, parse, stops
from deploy.local.host.problem import StackProblem
from deploy.local.stack.parts import PARTS
from shared.runtime.settings import Settings
from shared.time.calendar import civil_date, start_of_day

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-31", datetime(2026, 12, 30, 17, tzinfo=UTC)),
        ("2026-12-31T09:30", datetime(2026, 12, 31, 2, 30, tzinfo=UTC)),
        ("2026-12-31T09:30+00:00", datetime(2026, 12, 31, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_vietnams_zone(text: str, instant: datetime) -> None:
    assert parse(text) == instant


@pytest.mark.parametrize("text", ["", "2026-13-01", "31/12/2026", "tomorrow"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(StackProblem, match="please write"):
        parse(text)


@given(
    st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
)
def test_no_local_midnight_is_passed_over(start: datetime, length: timedelta) -> None:
    end = start + length
    made = list(stops(start, end))
    assert made[-1] == end
    assert made == sorted(set(made))
    first, last = civil_date(start, ZONE), civil_date(end, ZONE)
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert {start_of_day(day, ZONE) for day in days} <= set(made)


@pytest.fixture
def clock(mongo_uri: str, settings: Settings) -> Iterator[StackClock]:
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri, tz_aware=True)
    with client:
        acknowledged = client[settings.database("stack")]["clock_acks"]
        acknowledged.insert_many({"_id": f"{part}-api-worker", "epoch": 1} for part in PARTS)
        yield StackClock(client, settings)


def test_moved_clock_says_how_it_is_set_back(clock: StackClock) -> None:
    """Guards against: `make up` after `make demo` silently keeps the date to which the demo moved."""
    state = Path(".run")
    (now,) = describe(clock, state)
    assert f"{clock.today():%d/%m/%Y}" in now
    clock.move_to(clock.now() + timedelta(days=3))
    now, set_back = describe(clock, state)
    assert f"{clock.today():%d/%m/%Y}" in now
    assert "`make down`" in set_back
    assert ".run" in set_back


def test_it_moves_forward_and_never_back(clock: StackClock) -> None:
    target = clock.now() + timedelta(days=3)
    clock.move_to(target)
    assert clock.now() >= target
    with pytest.raises(StackProblem, match="only moves forward"):
        clock.move_to(target - timedelta(seconds=1))
