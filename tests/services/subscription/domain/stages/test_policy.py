from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.subscription.domain.stages.policy import SEVERITY, Policy
from services.subscription.domain.stages.stage import calendar_stage
from shared.events.base import Capability, Stage
from tests.services.subscription.examples import ENDS, POLICIES, R117, VIEWING, days

FULL = [capability.value for capability in Capability]


def test_r117_is_the_table_of_the_release() -> None:
    assert [(row.stage, row.first_day, bool(row.access)) for row in R117.stages] == [
        ("active", None, True),
        ("expiring", -90, True),
        ("locked", 1, False),
        ("final_notice", 30, False),
        ("terminated", 60, False),
    ]
    assert R117.reminder_days == (90, 60, 30, 15, 7, 3, 1, 0)
    assert R117.deletion_hold_days == 30
    assert all(id == policy.id for id, policy in POLICIES.items())


def test_pre_r117_lets_an_overdue_office_view_its_data() -> None:
    assert [(row.stage, row.first_day, sorted(row.access), row.notice) for row in VIEWING.stages] == [
        ("active", None, sorted(FULL), "none"),
        ("expiring", -60, sorted(FULL), "expiring"),
        ("locked", 1, ["read"], "overdue"),
        ("terminated", 60, [], "terminated"),
    ]
    assert VIEWING.reminder_days == (60, 30, 15, 7, 3, 1, 0)
    assert VIEWING.deletion_hold_days == 30


def test_a_table_may_leave_an_overdue_office_part_of_its_access() -> None:
    assert VIEWING.access(Stage.LOCKED) == (Capability.READ,)
    assert VIEWING.last_warning == Stage.LOCKED
    assert VIEWING.last_warning_lasts == days(59)
    assert VIEWING.warnings == {Stage.LOCKED}
    assert R117.warnings == {Stage.LOCKED, Stage.FINAL_NOTICE}


def _table(**changes: Any) -> dict[str, Any]:
    stages = [
        {"stage": "active", "first_day": None, "access": FULL, "notice": "none"},
        {"stage": "expiring", "first_day": -90, "access": FULL, "notice": "expiring"},
        {"stage": "locked", "first_day": 1, "access": [], "notice": "locked"},
        {"stage": "terminated", "first_day": 60, "access": [], "notice": "terminated"},
    ]
    for place, change in changes.pop("rows", {}).items():
        stages[place] = {**stages[place], **change}
    return {"id": "t", "stages": stages, "reminder_days": [90, 0], "deletion_hold_days": 30, **changes}


@pytest.mark.parametrize(
    ("fault", "table"),
    [
        ("begins with active", _table(stages=[])),
        ("begins with active", _table(rows={1: {"stage": "locked"}, 2: {"stage": "expiring"}})),
        ("ends with terminated", _table(rows={3: {"stage": "final_notice"}})),
        ("first stage has no first day", _table(rows={0: {"first_day": -365}})),
        ("first stage has no first day", _table(rows={2: {"first_day": None}})),
        ("first days rise", _table(rows={2: {"first_day": 60}})),
        ("first days rise", _table(rows={1: {"first_day": 61}})),
        ("in their order", _table(rows={2: {"stage": "expiring"}})),
        ("gives back", _table(rows={3: {"access": ["read"]}})),
        ("gives back", _table(rows={1: {"access": []}, 2: {"access": FULL}})),
        ("access is full", _table(rows={1: {"access": ["read"]}})),
        ("access is full", _table(rows={2: {"first_day": 0}})),
        ("access is full", _table(rows={1: {"first_day": 1}, 2: {"first_day": 2}}, reminder_days=[])),
        ("access is full", _table(rows={2: {"first_day": 2}})),
        ("a warning with less access", _table(rows={2: {"access": FULL}})),
        ("reminder days fall", _table(reminder_days=[30, 30])),
        ("reminder days fall", _table(reminder_days=[0, 90])),
        ("belong into the expiring", _table(reminder_days=[91])),
        ("greater than or equal to 0", _table(reminder_days=[-1])),
        ("Input should be 'read'", _table(rows={1: {"access": ["fly"]}})),
        ("Extra inputs", _table(last_day=3)),
        ("leaves no access", _table(rows={2: {"access": ["read"]}, 3: {"access": ["read"]}})),
        ("less than or equal to 3660", _table(rows={3: {"first_day": 3661}})),
        ("less than or equal to 3660", _table(deletion_hold_days=3661)),
        ("Input should be 'active'", _table(rows={2: {"stage": "frozen"}})),
        ("Input should be 'none'", _table(rows={2: {"notice": "shout"}})),
        ("match pattern", _table(id="R 117")),
    ],
)
def test_an_unsound_table_is_refused(fault: str, table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=fault):
        Policy.model_validate(table)


@st.composite
def sound_tables(draw: st.DrawFn) -> dict[str, Any]:
    """Any valid table: with stages left out, and with any days and accesses."""
    between = draw(st.lists(st.sampled_from(["locked", "final_notice"]), unique=True)) or ["locked"]
    stages = ["active", "expiring", *sorted(between, key=lambda name: SEVERITY[Stage(name)]), "terminated"]
    expiring = draw(st.integers(-365, 0))
    overdue = draw(st.lists(st.integers(2, 365), min_size=len(between), max_size=len(between), unique=True))
    days = [None, expiring, 1, *sorted(overdue)]
    accesses = [FULL, FULL]
    for _ in between:
        left = draw(st.lists(st.sampled_from(accesses[-1]), unique=True)) if accesses[-1] else []
        accesses.append(left[: len(FULL) - 1])
    rows = [
        {"stage": stage, "first_day": day, "access": access, "notice": "none"}
        for stage, day, access in zip(stages, days, [*accesses, []], strict=True)
    ]
    reminders = draw(st.lists(st.integers(0, -expiring), unique=True).map(sorted))
    return {
        "id": "t", "stages": rows, "reminder_days": reminders[::-1],
        "deletion_hold_days": draw(st.integers(0, 90)),
    }  # fmt: skip


@given(sound_tables(), st.integers(-500, 500))
def test_a_sound_table_has_one_stage_for_every_day(table: dict[str, Any], day: int) -> None:
    policy = Policy.model_validate(table)
    until = [*policy.first_days[1:], None]
    fitting = [
        row.stage
        for row, end in zip(policy.stages, [policy.first_days[0], *until], strict=True)
        if (row.first_day is None or row.first_day <= day) and (end is None or day < end)
    ]
    assert fitting == [calendar_stage(ENDS, ENDS + days(day), policy)], "no gap, no overlap"
    assert (day <= 0) <= (policy.access(fitting[0]) == tuple(Capability)), "full to the last day of use"


rows = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(list(Stage)),
        "first_day": st.none() | st.integers(-10, 10),
        "access": st.lists(st.sampled_from(FULL), unique=True) | st.just(FULL),
        "notice": st.just("none"),
    }
)


@given(sound_tables(), st.data())
def test_a_table_changed_anywhere_is_refused_or_still_sound(
    table: dict[str, Any], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(table["stages"]) - 1))
    table["stages"][place] = data.draw(rows)
    try:
        policy = Policy.model_validate(table)
    except ValidationError:
        return
    assert list(policy.first_days) == sorted(set(policy.first_days)), "strictly ordered"
    severity = [SEVERITY[row.stage] for row in policy.stages]
    assert severity == sorted(set(severity))
    for day in range(-400, 400):
        before = policy.access(calendar_stage(ENDS, ENDS + days(day - 1), policy))
        access = policy.access(calendar_stage(ENDS, ENDS + days(day), policy))
        assert set(access) <= set(before), "time gives nothing back"
        assert (len(access) == len(FULL)) or day > 0
    assert access == (), "the end closes the product"
