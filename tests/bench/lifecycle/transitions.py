"""Transitions by the scheduler against the same documents and outbox entries written by bare `bulk_write`.

The bare writes are prepared from our results: only writing them is measured, in batches and as durably as
ours.
"""

import time
from statistics import mean

import bson
from pymongo import UpdateOne

from shared.runtime.settings import Settings
from shared.storage.mongo import Document
from tests.bench import bare
from tests.bench.lifecycle.population import GROWN
from tests.bench.lifecycle.race import Race
from tests.bench.result import Result, compare
from tests.bench.scale import scale
from tests.bench.servers import alternate


async def run(settings: Settings) -> list[Result]:
    chosen = scale()
    race = await Race.of(settings, chosen.due)

    async def bulk_write() -> float:
        return await _written(race)

    async def by_hand() -> float:
        return await race.again(bulk_write, essence=lambda document: document)

    ours, bare_rate = await alternate("transitions", chosen.rounds, race.ours, by_hand)
    outbox, trail = (_kilobytes(list(race.after.values()), name) for name in GROWN)
    note = f"each {outbox:.1f} KB of events, {trail:.1f} KB of audit entries"
    return [compare("transitions", ours, bare_rate, at_least=0.7, unit="transitions/s", note=note)]


def _kilobytes(documents: list[Document], name: str) -> float:
    """The mean size of what a transition has added there."""
    return mean(len(bson.encode({name: one[name]})) for one in documents) / 1024


async def _written(race: Race) -> float:
    """The seconds that the writes took."""
    life = race.life
    kept = bare.database(life.service.settings.mongo.get_secret_value(), life.service.database.name)[
        life.kept.name
    ]
    writes = [_write(before, race.after[id]) for id, before in race.before.items()]
    began = time.perf_counter()
    for first in range(0, len(writes), life.batch):
        await kept.bulk_write(writes[first : first + life.batch], ordered=False)
    return time.perf_counter() - began


def _write(before: Document, after: Document) -> UpdateOne:
    """Set new values and push to outbox and trail, if no other writer was faster, as a save does."""
    new = {name: value for name, value in after.items() if name not in GROWN and before.get(name) != value}
    push = {name: {"$each": after[name]} for name in GROWN if after.get(name)}
    return UpdateOne({"_id": after["_id"], "version": before["version"]}, {"$set": new, "$push": push})
