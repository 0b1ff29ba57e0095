"""How often Python looks for reference cycles."""

import gc

_ALLOCATIONS = 50_000


def tune() -> None:
    """Called when all that lives as long as the process is there. A batch of decisions is thousands of
    objects that are dropped together and form no cycles: by default Python would search through them, and
    through all libraries, hundreds of times a second, which costs as much again as the decisions."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 100)
