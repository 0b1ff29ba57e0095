"""The report of a run: its machine, what each measurement took, and its results. It is written after each
measurement, so an interrupted run keeps what it has."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from tests.bench.machine import Machine
from tests.bench.result import Result, cells, table


class RunReport(BaseModel):
    """`seconds`: how long each measurement took, by its name."""

    machine: Machine
    scale: str
    seconds: dict[str, float] = {}
    results: list[Result] = []

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """None without the file, or if another release wrote it."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def write(self, folder: Path) -> None:
        """Write report.json and report.md."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(self.model_dump_json(indent=2) + "\n")
        (folder / "report.md").write_text(self.markdown())

    def __str__(self) -> str:
        taken = duration(sum(self.seconds.values()))
        return f"{table(self.results)}\n\nscale {self.scale}; {self.machine}; {taken}"

    def markdown(self) -> str:
        head, *rows = cells(self.results)
        lines = [head, ("---",) * len(head), *rows]
        taken = ", ".join(f"{name} {duration(seconds)}" for name, seconds in self.seconds.items())
        return (
            "\n".join(f"| {' | '.join(line)} |" for line in lines)
            + f"\n\nScale {self.scale}. Machine: {self.machine}.\n\nTime: {taken}.\n"
        )


def expected_seconds(names: Iterable[str], scale: str, *earlier: RunReport | None) -> dict[str, float]:
    """How long each measurement took in the first of the earlier runs of this scale that has it. One that no
    run has is missing."""
    known: dict[str, float] = {}
    for run in reversed([run for run in earlier if run and run.scale == scale]):
        known |= run.seconds
    return {name: known[name] for name in names if name in known}


def duration(seconds: float) -> str:
    """In words: seconds if there are few, else whole minutes."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
