"""The size of the large benchmarks: as the goals say, or small for a trial (SCALE=small)."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`name` is what SCALE says. In each population, `due` subscriptions are due on one day of a round.

    In the largest population, `at_midnight` are due at another midnight and must be published `within` that
    many seconds. `seconds`: the duration of one HTTP measurement.
    """

    name: str
    populations: tuple[int, int, int]
    due: int
    rounds: int
    at_midnight: int
    within: float
    seconds: float
    imported: int
    import_whole: int

    @property
    def largest(self) -> int:
        return self.populations[-1]


FULL = Scale(
    "full",
    (10_000, 100_000, 1_000_000),
    due=5_000,
    rounds=5,
    at_midnight=600_000,
    within=300,
    seconds=20,
    imported=5_000,
    import_whole=50_000,
)
# The same rate at midnight as FULL, plus the second that a tick may wait.
SMALL = Scale(
    "small",
    (2_000, 6_000, 20_000),
    due=1_000,
    rounds=3,
    at_midnight=10_000,
    within=8,
    seconds=4,
    imported=1_000,
    import_whole=3_000,
)

_SCALES = {each.name: each for each in (FULL, SMALL)}


def scale() -> Scale:
    """The scale that SCALE names; FULL by default."""
    named = os.environ.get("SCALE") or "full"
    if named not in _SCALES:
        raise SystemExit(f"SCALE={named}: there are {', '.join(_SCALES)}")
    return _SCALES[named]
