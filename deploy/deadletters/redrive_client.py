"""Asks the service to handle dead letters again, and prints the results."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from deploy.deadletters.words import letter_line, result_line
from deploy.texts import line
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrives, RedriveStatus, TooLarge
from shared.time.clock import Clock

_POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class RedriveClient:
    """Requests redrives in the name of `by`, for the reason `because`. `clock` is real time.

    Each public method returns the command's exit status.
    """

    redrives: Redrives
    clock: Clock
    by: str
    because: str
    tell: Callable[[str], None]

    async def rehearse(self, letters: AsyncIterator[DeadLetter]) -> int:
        """Print which letters would be redriven, and request nothing."""
        known, count = await self.redrives.newest(), 0
        async for letter in letters:
            last = known.get(letter.position)
            if last and (last.done or last.status is RedriveStatus.ASKED):
                self.tell(result_line(last))
            else:
                self.tell(letter_line(letter, last))
                count += 1
        self.tell(f"→ {line('redrive.rehearsed', count=count)}")
        return 0

    async def ask(self, letters: AsyncIterator[DeadLetter], *, seconds: float) -> int:
        """Request a redrive of every letter, then wait up to `seconds` for the results and print them."""
        asked, well = set[str](), True
        async for letter in letters:
            try:
                redrive, ours = await self.redrives.ask(letter, self.by, self.because, self.clock.now())
            except TooLarge:
                self.tell(f"✗ {letter.position}: {line('redrive.too_large')}")
                well = False
                continue
            if not ours:
                self.tell(result_line(redrive))
            if not redrive.done:
                asked.add(redrive.id)
        self.tell(f"→ {line('redrive.requested', count=len(asked))}")
        return 0 if await self._all_done(asked, seconds) and well else 1

    async def withdraw(self, position: str) -> int:
        """End the waiting redrive of this position: it counts as failed, and may be requested again.

        The service may finish it at the same moment. The first result wins and is printed.
        """
        last = await self.redrives.newest_of(position)
        if last and last.status is RedriveStatus.ASKED:
            why = f"{line('redrive.withdrawn')} ({self.by}: {self.because})"
            await self.redrives.finish(last, RedriveStatus.FAILED, self.clock.now(), {}, why)
            (settled,) = await self.redrives.by_ids([last.id])
            self.tell(result_line(settled))
            return 0 if settled.fault == why else 1
        self.tell(result_line(last) if last else f"✗ {line('redrive.none')}")
        return 1

    async def _all_done(self, asked: set[str], seconds: float) -> bool:
        """Print the results as they arrive. Returns whether all were applied or skipped in time."""
        until, done = asyncio.get_running_loop().time() + seconds, True
        while asked:
            for one in [
                one for one in await self.redrives.by_ids(asked) if one.status is not RedriveStatus.ASKED
            ]:
                self.tell(result_line(one))
                asked.remove(one.id)
                done = done and one.done
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(_POLL_SECONDS)
        for one in await self.redrives.by_ids(asked):
            self.tell(result_line(one))
        return done and not asked
