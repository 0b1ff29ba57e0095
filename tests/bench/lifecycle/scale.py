"""How large the lifecycle is measured: as the goals say, or small enough for a try (SCALE=small)."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Of each population `due` come due on one day of a round; of the largest, `at_midnight` at another
    midnight, to be published `within` that many seconds. `seconds` is how long HTTP is measured at a time."""

    populations: tuple[int, int, int]
    due: int
    rounds: int
    at_midnight: int
    within: float
    seconds: float

    @property
    def largest(self) -> int:
        return self.populations[-1]


FULL = Scale((10_000, 100_000, 1_000_000), due=5_000, rounds=5, at_midnight=600_000, within=300, seconds=20)
# The same number a second at midnight as in full, and time enough for the second that a tick may wait.
SMALL = Scale((2_000, 6_000, 20_000), due=1_000, rounds=3, at_midnight=10_000, within=8, seconds=4)

_SCALES = {"full": FULL, "small": SMALL}


def scale() -> Scale:
    """As SCALE says; full by default."""
    named = os.environ.get("SCALE") or "full"
    if named not in _SCALES:
        raise SystemExit(f"SCALE={named}: there are {', '.join(_SCALES)}")
    return _SCALES[named]
