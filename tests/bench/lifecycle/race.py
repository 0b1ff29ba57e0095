"""Runs the same expiry job several times from the same documents: first by our scheduler, then by others."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Self

from shared.runtime.settings import Settings
from shared.storage.mongo import Document
from tests.bench.lifecycle.population import LifecycleBench
from tests.bench.lifecycle.seeded_population import SeededPopulation, midnight, seed_lock_cohort

Documents = dict[str, Document]
"""Documents by id."""


class Race:
    """A race in which `number` offices are locked at one midnight."""

    def __init__(self, population: SeededPopulation, number: int) -> None:
        self._population = population
        self._number = number
        self.before: Documents = {}
        self.after: Documents = {}

    @classmethod
    async def of(cls, settings: Settings, number: int) -> Self:
        return cls(await seed_lock_cohort(settings, number), number)

    @property
    def life(self) -> LifecycleBench:
        return self._population.life

    @property
    def now(self) -> datetime:
        return self.life.service.clock.now()

    async def ours(self) -> float:
        """Run our scheduler. Returns transitions per second."""
        await self._begin()
        began = time.perf_counter()
        await self.life.drain()
        taken = time.perf_counter() - began
        self.after = await self._found()
        return self._number / taken

    async def again(
        self, run: Callable[[], Awaitable[float]], essence: Callable[[Document], object]
    ) -> float:
        """Run `run` on the same documents; it returns its seconds. Returns transitions per second.

        The result must be the same: `essence` gives the part of a document that must be equal.
        """
        await self._begin()
        taken = await run()
        found = await self._found()
        wrong = [id for id, document in found.items() if essence(document) != essence(self.after[id])]
        assert found.keys() == self.after.keys(), "documents are gone"
        assert not wrong, f"{len(wrong)} documents are wrong, the first {wrong[0]}"
        return self._number / taken

    async def _begin(self) -> None:
        """Make the documents of the first round due again."""
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
