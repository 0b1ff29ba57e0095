"""A flow's table is sound, or says what is wrong with it."""

from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from shared.flow_table import FlowTable, LimitStart, Owner, WaitLimit


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


class Turn(StrEnum):
    SWITCH = "switch"
    FALL = "fall"
    MEND = "mend"


TABLE: FlowTable[Light, Turn] = FlowTable(
    first=(Light.RED,),
    transitions={
        Light.RED: {Turn.SWITCH: (Light.GREEN,)},
        Light.GREEN: {Turn.SWITCH: (Light.RED, Light.GREEN), Turn.FALL: (Light.BROKEN,)},
        Light.BROKEN: {Turn.FALL: (Light.BROKEN,), Turn.MEND: (Light.RED,)},
    },
    step_owners={Turn.SWITCH: (Owner.RULE,), Turn.FALL: (Owner.OFFICE,), Turn.MEND: (Owner.DESK, Owner.OPS)},
    limits={
        Light.RED: WaitLimit(Owner.RULE, 3, LimitStart.PAY_DAY),
        Light.GREEN: WaitLimit(Owner.OFFICE, days=1),
    },
    settled=(Light.BROKEN,),
    corrections=frozenset({Turn.MEND}),
)
RED, GREEN = TABLE.transitions[Light.RED], TABLE.transitions[Light.GREEN]
DAY = WaitLimit(Owner.RULE, 1)

FLAWED: dict[str, tuple[dict[str, Any], str]] = {
    "a status that waits, without a limit": ({"limits": {Light.RED: DAY}}, "green must wait"),
    "a limit of no day": (
        {"limits": {**TABLE.limits, Light.RED: WaitLimit(Owner.RULE)}},
        "red has no limit, or two",
    ),
    "two limits": (
        {"limits": {**TABLE.limits, Light.RED: WaitLimit(Owner.RULE, 1, days=1)}},
        "red has no limit, or two",
    ),
    "an owner who can do nothing": (
        {"limits": {**TABLE.limits, Light.RED: WaitLimit(Owner.DESK, 1)}},
        "desk can do nothing about red",
    ),
    "a step without an owner": (
        {"step_owners": {**TABLE.step_owners, Turn.FALL: ()}},
        "fall has no owner",
    ),
    "a step that nobody declared": (
        {"step_owners": {turn: by for turn, by in TABLE.step_owners.items() if turn is not Turn.MEND}},
        "mend has no owner",
    ),
    "a step that is never possible": (
        {"transitions": {**TABLE.transitions, Light.BROKEN: {}}},
        "mend is never possible",
    ),
    "a status without its row": ({"transitions": {Light.RED: RED, Light.GREEN: GREEN}}, "broken is missing"),
    "a status that nothing leads to": (
        {"transitions": {**TABLE.transitions, Light.GREEN: {Turn.SWITCH: (Light.RED,)}}},
        "broken is never reached",
    ),
    "settled, and somebody goes on": ({"corrections": frozenset()}, "broken is settled, and mend leads away"),
    "settled, and waited for": ({"limits": {**TABLE.limits, Light.BROKEN: DAY}}, "broken must wait"),
}


def test_a_sound_table_has_no_flaw() -> None:
    assert list(TABLE.flaws()) == []


@pytest.mark.parametrize("name", FLAWED)
def test_a_flaw_is_named(name: str) -> None:
    change, flaw = FLAWED[name]
    assert any(found.startswith(flaw) for found in replace(TABLE, **change).flaws())


def test_a_table_answers_what_the_code_asks() -> None:
    assert TABLE.may(Light.BROKEN, Turn.MEND)
    assert not TABLE.may(Light.RED, Turn.MEND)
    assert TABLE.targets(Light.GREEN, Turn.SWITCH) == (Light.RED, Light.GREEN)
    assert TABLE.targets(Light.RED, Turn.FALL) == ()
    assert TABLE.with_step(Turn.FALL) == (Light.GREEN, Light.BROKEN)
    assert TABLE.steps_of(Light.BROKEN, Owner.OPS) == [Turn.MEND]
    assert (TABLE.waiting, TABLE.owners) == ((Light.RED, Light.GREEN), (Owner.OFFICE, Owner.RULE))
    assert [limit.length for limit in TABLE.limits.values()] == ["3 working days", "1 days"]
