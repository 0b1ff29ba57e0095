"""A tick of the scheduler on growing populations, with the same number due in each."""

import time
from statistics import median

from shared.runtime.settings import Settings
from tests.bench.lifecycle.seeded_population import SeededPopulation, seed_population
from tests.bench.result import Result, compare
from tests.bench.scale import Scale, scale


async def run(settings: Settings) -> list[Result]:
    chosen = scale()
    populations = [await seed_population(settings, size, chosen) for size in chosen.populations]
    taken: dict[int, list[float]] = {population.size: [] for population in populations}
    for round in range(1, chosen.rounds + 1):
        for population in populations:
            taken[population.size].append(await _milliseconds_a_tick(population, chosen))
        shown = " ".join(f"{size:,}: {ticks[-1]:.0f} ms" for size, ticks in taken.items())
        print(f"  tick {round}/{chosen.rounds}: {shown}", flush=True)
    few, some, many = (median(ticks) for ticks in taken.values())
    least, tenfold, largest = (f"{size:,}" for size in chosen.populations)
    beside = f"beside {least}, {chosen.due:,} due"
    return [
        compare("tick_tenfold", some, few, unit="ms", note=f"{tenfold} {beside}"),
        compare("tick_hundredfold", many, few, at_most=1.3, unit="ms", note=f"{largest} {beside}"),
    ]


async def _milliseconds_a_tick(population: SeededPopulation, chosen: Scale) -> float:
    await population.next_day()
    began = time.perf_counter()
    ticks = await population.life.drain()
    taken = time.perf_counter() - began
    assert sum(ticks) == chosen.due, f"{sum(ticks)} were due instead of {chosen.due}"
    await population.sent()
    return 1000 * taken / len(ticks)
