"""The login gate against a bare FastAPI endpoint with the same indexed reads of the same documents."""

import json
import random
import tempfile
from collections.abc import Iterator
from functools import partial

from shared.runtime.settings import Settings
from tests.bench.lifecycle.load import Connection, rate
from tests.bench.lifecycle.population import PRODUCT, office
from tests.bench.lifecycle.processes import bare_gate, service
from tests.bench.lifecycle.seeded_population import seed_population
from tests.bench.result import Result, compare
from tests.bench.scale import scale
from tests.bench.servers import alternate

_CONNECTIONS = 16
_PATHS = {"gate_office": "/v1/access/{}", "gate_product": f"/v1/access/{{}}/{PRODUCT}"}


async def run(settings: Settings) -> list[Result]:
    chosen = scale()
    population = await seed_population(settings, chosen.largest, chosen)
    own, database = population.life.service.settings, population.life.service.database.name
    results = []
    with (
        tempfile.TemporaryDirectory(prefix="giahan-gate-") as folder,
        service("api", own, folder) as ours,
        bare_gate(own, database, folder) as bare,
    ):
        for name, path in _PATHS.items():
            for port in (ours.port, bare.port):
                await _is_right(port, path)
            asking = partial(
                rate, paths=paths(path, chosen.largest), connections=_CONNECTIONS, seconds=chosen.seconds / 4
            )
            rates = await alternate(name, 3, partial(asking, ours.port), partial(asking, bare.port))
            results.append(compare(name, *rates, at_least=0.6, unit="requests/s"))
    return results


def paths(path: str, size: int) -> Iterator[str]:
    """Paths for offices of the population, random but the same in each run."""
    chance = random.Random(1)
    while True:
        yield path.format(office(chance.randrange(size)))


async def _is_right(port: int, path: str) -> None:
    """A fast server that finds no office is no result."""
    connection = await Connection.to(port)
    answer = json.loads(await connection.get(path.format(office(1))))
    connection.close()
    assert [one["product_code"] for one in answer["products"]] == [PRODUCT], answer
