"""One time limit for a whole request: waiting, work and saving together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.resilience.errors import OutOfTime


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Raises OutOfTime if the block takes longer. A save that has begun may still succeed."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise OutOfTime(f"not done within {seconds:g} s") from None
