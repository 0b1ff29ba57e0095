"""The ledger of crash points that have fired. It is a file, so it outlives the processes that die.

One JSON object for each line: `{"mark": …}` starts a new stretch of the run, `{"armed": …}` says whether
processes may die, `{"fired": KEY, "service": …}` is written and synced just before a death.
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
    """`fired` in order, by key; `recent`: deaths by service since the last mark."""

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
    """Several processes append. Each line is one write, so no line is torn."""

    file: Path

    def mark(self, name: str) -> None:
        """From here on each service may die again."""
        self._append({"mark": name})

    def arm(self, armed: bool) -> None:
        self._append({"armed": armed})

    def fire(self, key: str, service: str) -> None:
        """Record a death. The line is on disk when this returns."""
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
