"""The result of a whole `make faults`: as one line, as JSON, and as a page."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults.controls_run import ControlResults
from tests.faults.crash_report import CrashReport

Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Findings:
    """`history` and `cluster` are the summaries of the random runs; `rolling` is that of the two releases,
    `authority` that of the authorities."""

    seed: int
    minutes: float
    crash: CrashReport
    controls: ControlResults
    history: Summary
    cluster: Summary
    rolling: Summary
    authority: Summary

    @property
    def violations(self) -> list[str]:
        """All violations as texts."""
        random = [f"{v['invariant']}: {v['what']}" for run in self.history["runs"] for v in run["violations"]]
        return [
            *self.crash.faults,
            *self.controls.violations,
            *random,
            *self.cluster["violations"],
            *self.rolling["violations"],
            *self.authority["violations"],
        ]

    @property
    def held(self) -> bool:
        return not self.violations and not self.controls.missed

    @property
    def single(self) -> Counter[str]:
        """How often each random fault was injected in the runs in one process."""
        return sum((Counter(run["faults"]) for run in self.history["runs"]), Counter())

    @property
    def totals(self) -> str:
        faults = self.single.total() + sum(self.cluster["faults"].values()) + len(self.authority["faults"])
        return (
            f"faults: {self.crash.count} crash points, {faults} faults, {len(self.violations)} violations,"
            f" {len(self.controls.caught)}/{len(self.controls.tried)} negative controls caught"
        )

    def json(self, crash_points: Summary) -> str:
        controls = self.controls
        told = {
            "seed": self.seed,
            "minutes": self.minutes,
            "totals": self.totals,
            "crash": crash_points,
            "controls": {
                "tried": controls.tried,
                "caught": controls.caught,
                "violations": controls.violations,
            },
            "history": self.history,
            "cluster": self.cluster,
            "rolling": self.rolling,
            "authority": self.authority,
        }
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def page(self) -> str:
        return "\n".join((*self._head(), *self._crash(), *self._controls(), *self._random(), ""))

    def _head(self) -> Iterator[str]:
        yield f"# `make faults SEED={self.seed} MINUTES={self.minutes:g}`"
        yield from ("", f"`{self.totals}`", "")
        yield from (f"- **{violation}**" for violation in self.violations)

    def _crash(self) -> Iterator[str]:
        yield from ("## Crash points", "")
        yield "At each of these, processes were killed (SIGKILL) while offices were walked through a renewal."
        yield from ("", "```text", self.crash.table(), "```", "")

    def _controls(self) -> Iterator[str]:
        yield from ("## Negative controls", "", "| protection taken away | what then failed |", "|---|---|")
        for name in self.controls.tried:
            yield f"| {name} | {self.controls.caught.get(name, '**nothing: not caught**')} |"
        yield ""

    def _random(self) -> Iterator[str]:
        yield from ("## Two releases", "")
        yield f"A renewal through an upgrade of `{self.rolling['old'][:12]}`, another through the way back:"
        yield from (f"{len(self.rolling['violations'])} violations.", "")
        yield from ("## Authorities", "")
        yield "Each time an office renewed, and no signature was accepted without proof:"
        yield from ("", *(f"- {name}" for name in self.authority["faults"]), "")
        yield from ("## Random faults", "", "| fault | in one process | on a cluster |", "|---|---|---|")
        single, cluster = self.single, self.cluster["faults"]
        for name in sorted({*single, *cluster, *self.cluster["not_struck"]}):
            yield f"| {name} | {single.get(name, '')} | {cluster.get(name, '')} |"
