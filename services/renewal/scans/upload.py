"""An upload while it is being read."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from services.renewal.scans.limits import Limits


@dataclass(frozen=True, slots=True)
class Upload:
    """`pages` of a file that worker processes read by themselves: `async with` it, which removes the file."""

    file: Path
    pages: int
    limits: Limits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.file.unlink, missing_ok=True)
