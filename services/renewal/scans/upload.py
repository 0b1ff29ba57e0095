"""An upload while it is being read."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from services.renewal.scans.limits import Limits


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in the temporary folder, from which the worker processes read. Use it with `async with`, which
    deletes the file. `pages`: the number of its pages."""

    file: Path
    pages: int
    limits: Limits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.file.unlink, missing_ok=True)
