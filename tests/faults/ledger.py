"""Which crash points have fired, kept in a file that outlives the processes that die at them.

One JSON object a line: `{"mark": …}` where a new stretch of the run begins, `{"armed": …}` whether anybody
is to die, `{"fired": KEY, "service": …}` written and synced just before the death.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class LedgerState:
    """What the ledger says: `fired` in order, by key; `recent` deaths by service since the last mark."""

    armed: bool = False
    fired: dict[str, str] = field(default_factory=dict)
    recent: Counter[str] = field(default_factory=Counter)

    def take(self, line: Mapping[str, Any]) -> None:
        match line:
            case {"mark": _}:
                self.recent.clear()
            case {"armed": armed}:
                self.armed = bool(armed)
            case {"fired": key, "service": service}:
                self.fired[key] = service
                self.recent[service] += 1


@dataclass(frozen=True, slots=True)
class Ledger:
    """Several processes append; a line is one write, so that none is torn."""

    file: Path

    def mark(self, name: str) -> None:
        """Each service may die some times more from here on."""
        self._append({"mark": name})

    def arm(self, armed: bool) -> None:
        self._append({"armed": armed})

    def fire(self, key: str, service: str) -> None:
        """On the disk when it returns."""
        self._append({"fired": key, "service": service})

    def read(self) -> LedgerState:
        told = LedgerState()
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        for line in lines:
            told.take(json.loads(line))
        return told

    def _append(self, line: Mapping[str, Any]) -> None:
        file = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(file, f"{json.dumps(line)}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)
