"""Results of measurements, and their table."""

from collections.abc import Sequence
from statistics import quantiles

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """`ratio` is value / baseline. `ok` is None without a goal."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    goal: str | None = None
    ok: bool | None = None
    note: str | None = None


def compare(
    name: str,
    value: float,
    baseline: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "events/s",
    note: str | None = None,
) -> Result:
    """A value and a baseline in the same unit. `at_least` or `at_most` is the goal for their ratio."""
    ratio = value / baseline
    goals = [("ratio >= ", at_least, -1), ("ratio <= ", at_most, 1)]
    goal, ok = None, None
    for said, bound, sign in goals:
        if bound is not None:
            goal, ok = f"{said}{bound:g}", sign * ratio <= sign * bound
    return Result(
        name=name,
        value=round(value, 1),
        unit=unit,
        baseline=round(baseline, 1),
        ratio=round(ratio, 3),
        goal=goal,
        ok=ok,
        note=note,
    )


def limit(name: str, value: float, *, at_most: float, unit: str = "ms", note: str | None = None) -> Result:
    return Result(
        name=name,
        value=round(value, 1),
        unit=unit,
        goal=f"<= {at_most:g} {unit}",
        ok=value <= at_most,
        note=note,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def cells(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """The head of the table, then a row for each result."""
    head = ("name", "value", "unit", "baseline", "ratio", "goal", "", "")
    rows = [
        (
            r.name,
            f"{r.value:,.1f}",
            r.unit,
            _shown(r.baseline),
            _shown(r.ratio, 2),
            r.goal or "",
            _verdict(r),
            r.note or "",
        )
        for r in results
    ]
    return [head, *rows]


def table(results: Sequence[Result]) -> str:
    rows = cells(results)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _shown(number: float | None, digits: int = 1) -> str:
    return "" if number is None else f"{number:,.{digits}f}"


def _verdict(result: Result) -> str:
    return {None: "", True: "ok", False: "NOT MET"}[result.ok]
