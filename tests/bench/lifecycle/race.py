"""The same expiry job several times over: by our schedule first, then by others from the same documents."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Self

from shared.runtime.settings import Settings
from shared.storage.mongo import Document
from tests.bench.lifecycle.population import Life
from tests.bench.lifecycle.seeding import Seeded, locking, midnight

Documents = dict[str, Document]
"""By their ids."""


class Race:
    """`number` offices are locked at one midnight."""

    def __init__(self, population: Seeded, number: int) -> None:
        self._population = population
        self._number = number
        self.before: Documents = {}
        self.after: Documents = {}

    @classmethod
    async def of(cls, settings: Settings, number: int) -> Self:
        return cls(await locking(settings, number), number)

    @property
    def life(self) -> Life:
        return self._population.life

    @property
    def now(self) -> datetime:
        return self.life.service.clock.now()

    async def ours(self) -> float:
        """By our schedule, which begins with each round. Returns how many a second."""
        await self._begin()
        began = time.perf_counter()
        await self.life.drain()
        taken = time.perf_counter() - began
        self.after = await self._found()
        return self._number / taken

    async def again(
        self, run: Callable[[], Awaitable[float]], essence: Callable[[Document], object]
    ) -> float:
        """From the same documents by `run`, which returns the seconds it took. Returns how many a second.

        It must end with the same: `essence` is what of a document must be equal.
        """
        await self._begin()
        taken = await run()
        found = await self._found()
        wrong = [id for id, document in found.items() if essence(document) != essence(self.after[id])]
        assert found.keys() == self.after.keys(), "documents are gone"
        assert not wrong, f"{len(wrong)} documents are wrong, the first {wrong[0]}"
        return self._number / taken

    async def _begin(self) -> None:
        """The same documents as in the first round, due."""
        if self.before:
            await self._population.restore(list(self.before.values()))
            return
        self.life.move_to(midnight() + timedelta(minutes=1))
        self.before = _by_id(await self._population.due())
        assert len(self.before) == self._number, f"{len(self.before)} are due instead of {self._number}"

    async def _found(self) -> Documents:
        return _by_id(await self.life.kept.find({"_id": {"$in": [*self.before]}}).to_list(None))


def _by_id(documents: list[Document]) -> Documents:
    return {document["_id"]: document for document in documents}
