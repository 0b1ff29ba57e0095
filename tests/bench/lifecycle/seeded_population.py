"""Populations of any size, created once in a run, and the days on which parts of them are due.

Two cohorts of `due` offices each, scattered among the others, are due alternately, day after day. In the
largest population, `at_midnight` more are due at one midnight after all those days.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from pymongo import WriteConcern

from shared.ids import fresh
from shared.runtime.settings import Settings
from shared.storage.mongo import Document
from tests.bench.lifecycle.population import (
    GROWN,
    NOTHING_TO_SEND,
    LifecycleBench,
    copy,
    due_by,
    first_instant,
    life,
    today,
)
from tests.bench.lifecycle.progress import Progress
from tests.bench.scale import Scale

_DAYS_LEFT = {"one": 100, "other": 110, "midnight": 130}
_IDLE_DAYS_LEFT = range(1000, 1360, 30)
_IDLE = [f"idle {left}" for left in _IDLE_DAYS_LEFT]
_REMINDED_AT = (90, 60, 30, 15, 7, 3, 1, 0)
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class SeededPopulation:
    life: LifecycleBench
    size: int

    async def next_day(self) -> datetime:
        """Move the clock to noon of the next day on which a cohort is due."""
        rounds = self.life.service.database["bench_rounds"]
        await rounds.update_one({"_id": "used"}, {"$inc": {"days": 1}}, upsert=True)
        used = await rounds.find_one({"_id": "used"})
        assert used is not None
        days = _cohort_days()
        assert used["days"] <= len(days), "no day is left on which one cohort alone is due"
        at = first_instant(days[used["days"] - 1]) + timedelta(hours=12)
        self.life.move_to(at)
        return at

    async def due(self) -> list[Document]:
        """The whole documents of the subscriptions that are due now."""
        return await self.life.kept.find(due_by(self.life.service.clock.now())).to_list(None)

    async def restore(self, documents: list[Document]) -> None:
        """Put the documents back as they were."""
        kept = self.life.kept
        await kept.delete_many({"_id": {"$in": [document["_id"] for document in documents]}})
        await kept.insert_many(documents, ordered=False)

    async def sent(self) -> None:
        """Empty the outboxes and trails, as relay and archive do."""
        waiting = {"$or": [{f"{name}.0": {"$exists": True}} for name in GROWN]}
        await self.life.kept.update_many(waiting, {"$set": NOTHING_TO_SEND})


async def seed_population(settings: Settings, size: int, scale: Scale) -> SeededPopulation:
    """The population of this size, created unless an earlier benchmark of the run has done so."""
    return await _made(settings, f"of{size}", size, _kinds(size, scale))


async def seed_lock_cohort(settings: Settings, number: int) -> SeededPopulation:
    """A new population, twice as large as the number that is locked at the midnight."""
    return await _made(settings, f"b{fresh().hex[:8]}", 2 * number, cycle(("midnight", _IDLE[0])))


async def _made(settings: Settings, name: str, size: int, kinds: Iterator[str]) -> SeededPopulation:
    made = SeededPopulation(life(settings, name), size)
    if await made.life.kept.estimated_document_count() != size:
        await _fill(made.life, size, kinds, await _templates(settings))
        await made.life.service.prepare([])
    return made


def midnight() -> datetime:
    """The midnight at which the many are due."""
    return first_instant(today() + timedelta(days=_DAYS_LEFT["midnight"] + 1))


def _cohort_days() -> list[date]:
    """The days on which one of the two cohorts is reminded, until the first is locked."""
    one, other = (today() + timedelta(days=_DAYS_LEFT[name]) for name in ("one", "other"))
    return sorted(
        day for end in (one, other) for left in _REMINDED_AT if (day := end - timedelta(days=left)) <= one
    )


async def _templates(settings: Settings) -> dict[str, Document]:
    """One document of each kind, which the service itself brought into its state."""
    scratch = life(settings, f"scratch{fresh().hex[:8]}")
    expiry = {name: today() + timedelta(days=left) for name, left in _DAYS_LEFT.items()}
    expiry |= {
        kind: today() + timedelta(days=left) for kind, left in zip(_IDLE, _IDLE_DAYS_LEFT, strict=True)
    }
    for number, expires_on in enumerate(expiry.values()):
        await scratch.adopt(number, expires_on)
    templates = {name: await scratch.document(number) for number, name in enumerate(expiry)}
    for left in _REMINDED_AT:
        scratch.move_to(first_instant(expiry["midnight"] - timedelta(days=left)) + timedelta(hours=12))
        await scratch.drain()
    templates["midnight"] = await scratch.document([*expiry].index("midnight"))
    await scratch.service.client.drop_database(scratch.service.database)
    return templates


async def _fill(to: LifecycleBench, size: int, kinds: Iterator[str], templates: dict[str, Document]) -> None:
    """Insert without waiting for the journal, two batches at a time; indexes are created afterwards."""
    kept = to.kept.with_options(write_concern=WriteConcern(w=1, j=False))
    progress = Progress(f"population of {size:,}", size)
    inserting: set[asyncio.Future[object]] = set()
    for first in range(0, size, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, size))
        documents = [copy(templates[next(kinds)], number) for number in numbers]
        if len(inserting) > 1:
            done, inserting = await asyncio.wait(inserting, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*done)
        inserting.add(asyncio.ensure_future(kept.insert_many(documents, ordered=False)))
        progress.at(first)
    await asyncio.gather(*inserting)
    progress.end(size)


def _kinds(size: int, scale: Scale) -> Iterator[str]:
    """The kind of each office in turn, evenly spread."""
    cohorts = cycle(("one", "other"))
    idle = cycle(_IDLE)
    every = size // (2 * scale.due)
    others = size - 2 * scale.due
    many = scale.at_midnight if size == scale.largest else 0
    other = 0
    for number in range(size):
        if number % every == 0:
            yield next(cohorts)
            continue
        yield "midnight" if (other + 1) * many // others > other * many // others else next(idle)
        other += 1
