from typing import Any

import pytest
from pydantic import ValidationError

from services.subscription.domain.policy import Policy
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


def test_a_table_may_leave_an_overdue_office_part_of_its_access() -> None:
    assert VIEWING.access(Stage.LOCKED) == (Capability.READ,)
    assert VIEWING.last_warning == Stage.LOCKED
    assert VIEWING.warning_lasts == days(59)


def test_the_end_is_put_off_and_never_brought_forward() -> None:
    assert R117.ending_not_before(ENDS + days(75), ENDS).ends_on(ENDS) == ENDS + days(75)
    assert R117.ending_not_before(ENDS + days(40), ENDS) == R117


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
        ("reminder days fall", _table(reminder_days=[30, 30])),
        ("reminder days fall", _table(reminder_days=[0, 90])),
        ("belong into the expiring", _table(reminder_days=[91])),
        ("greater than or equal to 0", _table(reminder_days=[-1])),
        ("Input should be 'read'", _table(rows={1: {"access": ["fly"]}})),
        ("Extra inputs", _table(last_day=3)),
    ],
)
def test_an_unsound_table_is_refused(fault: str, table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=fault):
        Policy.model_validate(table)
