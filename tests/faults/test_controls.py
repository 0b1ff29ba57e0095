"""Without its protection each control makes the checker fail; with it the same run passes."""

from pathlib import Path

import pytest

from shared.runtime.settings import Settings
from tests.faults.checker import INVARIANTS
from tests.faults.controls.control import Control
from tests.faults.controls.registry import CONTROLS

_SLOW = "blocking render in the loop"
"""It has to wait for a session to end. `make faults` runs it too."""

CASES = [
    pytest.param(control, id=control.name, marks=pytest.mark.sweep if control.name == _SLOW else ())
    for control in CONTROLS
]


@pytest.fixture
def own(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"session_seconds": 6, "environment": "production", "log_level": "error"}
    )


@pytest.mark.parametrize("control", CASES)
async def test_without_its_protection_the_checker_fails(
    control: Control, own: Settings, tmp_path: Path
) -> None:
    found = await control.run(control.broken, own, tmp_path / "broken.jsonl")
    assert control.breaks in INVARIANTS
    assert control.breaks in {violation.invariant for violation in found}, found


@pytest.mark.parametrize("control", CASES)
async def test_with_it_the_same_run_holds(control: Control, own: Settings, tmp_path: Path) -> None:
    assert await control.run(control.sound, own, tmp_path / "sound.jsonl") == []


def test_there_are_nine() -> None:
    assert len({control.name for control in CONTROLS}) == 9
