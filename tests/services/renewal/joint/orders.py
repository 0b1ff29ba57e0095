"""Joint registrations over HTTP."""

from typing import Any

import httpx

from tests.services.renewal.offices import licensed, request
from tests.services.renewal.world import World

PATH = "/v1/joint-registrations"


def joint_request(world: World, office_ref: str, *codes: str, **change: Any) -> dict[str, Any]:
    body = request(world, office_ref)
    order = body.pop("order")
    del body["product_code"]
    products = [{"product_code": code, "order": order} for code in codes]
    return body | {"products": products} | change


async def register_jointly(
    world: World, office_ref: str, *codes: str, key: str = "", **change: Any
) -> httpx.Response:
    headers = world.people.renewer(office_ref) | ({"idempotency-key": key} if key else {})
    body = joint_request(world, office_ref, *codes, **change)
    return await world.client.post(PATH, json=body, headers=headers)


async def jointly_registered(world: World, office_ref: str, *codes: str, **change: Any) -> dict[str, Any]:
    for code in codes:
        await licensed(world, office_ref, code)
    answer = await register_jointly(world, office_ref, *codes, **change)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body
