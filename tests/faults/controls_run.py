"""Runs each negative control twice: without its protection, which the checker must detect, and with it."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.controls.registry import CONTROLS
from tests.faults.history_run import servers, with_own_namespace


@dataclass(frozen=True, slots=True)
class ControlResults:
    """`caught`: controls of `tried` that the checker failed, with the broken invariant. `violations`: those
    found although the protection was in place."""

    tried: list[str] = field(default_factory=list)
    caught: dict[str, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        return [name for name in self.tried if name not in self.caught]


def run(out: Path) -> ControlResults:
    """Run all controls on their own servers. Their histories are written to `out`."""
    told = ControlResults()
    with servers() as settings:
        own = settings.model_copy(update={"environment": "production"})
        for control in CONTROLS:
            told.tried.append(control.name)
            place = f"control-{len(told.tried)}"
            found = asyncio.run(
                control.run(control.broken, with_own_namespace(own), out / f"{place}-broken.jsonl")
            )
            if control.breaks in {violation.invariant for violation in found}:
                told.caught[control.name] = control.breaks
            held = asyncio.run(
                control.run(control.sound, with_own_namespace(own), out / f"{place}-sound.jsonl")
            )
            told.violations.extend(f"{control.name}, unbroken: {v.invariant}: {v.what}" for v in held)
            verdict = "caught" if control.name in told.caught else "NOT CAUGHT"
            print(f"  {control.name}: {verdict}, {len(held)} violations unbroken", flush=True)
    return told
