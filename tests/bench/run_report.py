"""The report of measurements: the results of each, how long it took, and the machine and the day, which may
differ. It is written after each measurement, so an interrupted run keeps what it has."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from tests.bench.machine import Machine
from tests.bench.result import Result, cells, table


class Measurement(BaseModel):
    """`seconds`: how long it took."""

    results: list[Result]
    seconds: float
    scale: str
    machine: Machine
    day: date

    def __str__(self) -> str:
        return f"{self.day}, scale {self.scale}, {self.machine}"


class RunReport(BaseModel):
    """Measurements by their names."""

    measurements: dict[str, Measurement] = {}

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """None without the file, or if another release wrote it."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def write(self, file: Path, groups: Mapping[str, str]) -> None:
        """Write `file`, which ends in .json, and the same for people beside it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.model_dump_json(indent=2) + "\n")
        file.with_suffix(".md").write_text(self.markdown(groups))

    @property
    def results(self) -> list[Result]:
        return [result for one in self.measurements.values() for result in one.results]

    def __str__(self) -> str:
        taken = duration(sum(one.seconds for one in self.measurements.values()))
        conditions = dict.fromkeys(map(str, self.measurements.values()))
        return "\n".join([table(self.results), "", *conditions, taken])

    def markdown(self, groups: Mapping[str, str]) -> str:
        """A table for each group. `groups` has the group of every measurement that there is, in the order of
        the page; those that the report lacks are named at the end."""
        parts = ["# What `make bench` measured\n"]
        for group in dict.fromkeys(groups.values()):
            names = [name for name in groups if groups[name] == group and name in self.measurements]
            parts += _section(group, {name: self.measurements[name] for name in names}) if names else []
        if missing := [f"`{name}`" for name in groups if name not in self.measurements]:
            parts.append(f"**Not measured yet**: {', '.join(missing)}.\n")
        return "\n".join(parts)


def _section(group: str, measured: Mapping[str, Measurement]) -> list[str]:
    head, *rows = cells([result for one in measured.values() for result in one.results])
    lines = [head, ("---",) * len(head), *rows]
    conditions: dict[str, list[str]] = {}
    for name, one in measured.items():
        conditions.setdefault(str(one), []).append(f"`{name}` ({duration(one.seconds)})")
    return [
        f"## {group}\n",
        *(f"| {' | '.join(line)} |" for line in lines),
        "",
        *(f"{', '.join(names)}: {said}.\n" for said, names in conditions.items()),
    ]


def expected_seconds(names: Iterable[str], scale: str, *earlier: RunReport | None) -> dict[str, float]:
    """How long each measurement took in the first of the earlier reports that has it at this scale. One that
    none has is missing."""
    known: dict[str, float] = {}
    for report in reversed([report for report in earlier if report]):
        known |= {name: one.seconds for name, one in report.measurements.items() if one.scale == scale}
    return {name: known[name] for name in names if name in known}


def duration(seconds: float) -> str:
    """In words: seconds if there are few, else whole minutes."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
