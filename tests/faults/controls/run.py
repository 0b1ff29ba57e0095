"""All negative controls in one go, for `make faults`."""

import asyncio
from pathlib import Path

from tests.faults.controls.every import CONTROLS
from tests.faults.history_run import OUT, apart, servers


def caught(folder: Path = OUT / "controls") -> dict[str, bool]:
    """By control: whether the checker failed it, naming its invariant, and passed the same run unbroken."""
    found = {}
    with servers() as settings:
        for control in CONTROLS:
            file = folder / control.name.replace(" ", "-")
            broken = asyncio.run(
                control.run(control.broken, apart(settings), file.with_suffix(".broken.jsonl"))
            )
            sound = asyncio.run(control.run(control.sound, apart(settings), file.with_suffix(".sound.jsonl")))
            found[control.name] = (
                control.breaks in {violation.invariant for violation in broken} and not sound
            )
            print(f"{'caught' if found[control.name] else 'NOT CAUGHT'}: {control.name}", flush=True)
    return found
