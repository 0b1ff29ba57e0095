"""The result of a run over the crash points, as JSON and as a table."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.crash_injector import Side, point_of, sides_of
from tests.faults.crash_points import JOINT_SIDES, POINTS, SIDES


@dataclass(slots=True)
class CrashReport:
    """`fired`: keys of the crash places, in order. `unknown_mails`: sending attempts whose result SMTP could
    not tell. `wanted`: the sides of points or places that had to fire; None means all."""

    seed: int
    wanted: frozenset[str] | None = None
    walks: int = 0
    seconds: float = 0.0
    unknown_mails: int = 0
    fired: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def hit(self) -> dict[str, dict[Side, list[str]]]:
        """The places that fired, by point and side."""
        by_point: dict[str, dict[Side, list[str]]] = defaultdict(lambda: defaultdict(list))
        for key in self.fired:
            point, side = point_of(key)
            by_point[point][side].append(key)
        return by_point

    @property
    def missed(self) -> list[str]:
        """The wanted sides at which no process died."""
        hit = frozenset[str]().union(*map(sides_of, self.fired))
        if self.wanted is not None:
            return sorted(self.wanted - hit)
        return [side for side in (*SIDES, *JOINT_SIDES) if side not in hit]

    @property
    def count(self) -> int:
        """The number of points in the table at each side of which a process died."""
        hit = self.hit
        return sum(all(side in hit[point.name] for side in point.sides) for point in POINTS)

    @property
    def faults(self) -> list[str]:
        return [*self.violations, *(f"not reached: {name}" for name in self.missed)]

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        hit = self.hit
        points = [
            {
                "name": point.name,
                "module": point.boundary.module,
                "function": point.boundary.function,
                "call": point.boundary.method,
                **{side: hit[point.name][side] for side in point.sides},
            }
            for point in POINTS
        ]
        said = {
            "seed": self.seed,
            "walks": self.walks,
            "seconds": round(self.seconds),
            "deaths": len(self.fired),
            "points": points,
            "unknown_mails": self.unknown_mails,
            "faults": self.faults,
        }
        file.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def table(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        hit = self.hit
        yield f"{'point':<20} {'before':>6} {'middle':>6} {'after':>6}  where"
        for point in POINTS:
            counts = [
                str(len(hit[point.name][side])) if side in point.sides else ""
                for side in (Side.BEFORE, Side.MEANWHILE, Side.AFTER)
            ]
            where = f"{point.boundary.module}.{point.boundary.function}"
            yield f"{point.name:<20} {counts[0]:>6} {counts[1]:>6} {counts[2]:>6}  {where}"
        yield from (f"✗ {fault}" for fault in self.faults)
        yield (
            f"{self.count} of {len(POINTS)} points, {len(self.fired)} deaths in {self.walks} walks,"
            f" {self.unknown_mails} mails of unknown outcome, {self.seconds:.0f} s"
        )
