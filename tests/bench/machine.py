"""The machine of a run: what its figures depend on."""

import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Self

from pydantic import BaseModel, ConfigDict

_SYNCS = 100
_BLOCK = b"\0" * 4096


class Machine(BaseModel):
    """`memory` in GB. `fsync` in ms: the median time in which the disk keeps one more block of 4 KB."""

    model_config = ConfigDict(frozen=True)

    cores: int
    processor: str
    memory: float
    fsync: float

    @classmethod
    def here(cls) -> Self:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        return cls(
            cores=len(os.sched_getaffinity(0)),
            processor=_processor(),
            memory=round(pages * page / 1e9, 1),
            fsync=round(_fsync_ms(), 2),
        )

    def __str__(self) -> str:
        return f"{self.cores} cores ({self.processor}), {self.memory:g} GB, fsync {self.fsync:g} ms"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown processor")


def _fsync_ms() -> float:
    """Measured where the servers of a run keep their data."""
    taken = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.write(_BLOCK)
            os.fsync(file.fileno())
            taken.append(1000 * (time.perf_counter() - began))
    return median(taken)
