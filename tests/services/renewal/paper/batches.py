"""A batch of posted forms over HTTP, as a clerk enters and feeds it."""

from typing import Any

import httpx

from tests.services.renewal.offices import today
from tests.services.renewal.world import World
from tests.support.service_process import until

BATCHES = "/v1/desk/batches"


async def ask(world: World, method: str, path: str, **parts: Any) -> httpx.Response:
    return await world.client.request(method, BATCHES + path, headers=world.people.clerk(), **parts)


async def opened(world: World, **post: str) -> str:
    answer = await ask(world, "POST", "", json={"received_on": today(world).isoformat(), **post})
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


async def enter(world: World, batch: str, code: str, **more: Any) -> httpx.Response:
    return await ask(world, "POST", f"/{batch}/entries", json={"code": code, **more})


async def tallied(world: World, batch: str, **counts: int) -> dict[str, Any]:
    """The batch's tally, when it has these counts."""

    async def find() -> dict[str, Any] | None:
        tally: dict[str, Any] = (await ask(world, "GET", f"/{batch}")).json()["tally"]
        every = {**tally, **tally["entries"], **tally["sheets"]}
        return tally if all(every[name] == count for name, count in counts.items()) else None

    return await until(find, f"a tally of {counts}")


async def fed(world: World, batch: str, upload: bytes, entry: str = "") -> dict[str, Any]:
    path = f"/{batch}/entries/{entry}/scan" if entry else f"/{batch}/feeds"
    answer = await ask(world, "POST", path, content=upload)
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body
