"""The list of the desk's items over HTTP."""

from typing import Any

from tests.services.renewal.world import World
from tests.support.service_process import until

PATH = "/v1/desk/items"


async def listed(world: World, **filters: Any) -> dict[str, Any]:
    answer = await world.client.get(PATH, params=filters, headers=world.people.clerk())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def comes(world: World, office_ref: str, count: int = 1) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = (await listed(world, office=office_ref))["items"]
        return items if len(items) == count else None

    if count:
        return await until(ask, f"{count} items of {office_ref}")
    await until(lambda: _is_empty(world, office_ref), f"no items of {office_ref}")
    return []


async def _is_empty(world: World, office_ref: str) -> bool:
    return not (await listed(world, office=office_ref))["items"]
