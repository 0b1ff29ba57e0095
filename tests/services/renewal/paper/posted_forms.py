"""A stamped form comes by post: the desk receives it, and decides."""

from typing import Any

import httpx

from tests.services.renewal.paper.batches import ask, enter, fed, opened, tallied
from tests.services.renewal.world import World


async def take_in(world: World, made: dict[str, Any], upload: bytes, **post: str) -> dict[str, Any]:
    """Receives the form in a batch of its own. Returns its applied entry."""
    batch = await opened(world, **post)
    entry = (await enter(world, batch, made["number"])).json()["id"]
    await fed(world, batch, upload, entry)
    await tallied(world, batch, reading=0, waiting=0, unread=0)
    closed = await ask(world, "POST", f"/{batch}/closing")
    assert closed.status_code == 200, closed.text
    await tallied(world, batch, entered=0, applying=0)
    lines = (await ask(world, "GET", f"/{batch}/entries")).json()
    applied: dict[str, Any] = next(line for line in lines if line["id"] == entry)
    return applied


async def judge(world: World, id: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    whole = f"/v1/registrations/{id}/{path}"
    return await world.client.post(whole, json=body, headers=world.people.clerk())
