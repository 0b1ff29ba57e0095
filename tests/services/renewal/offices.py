"""Offices over HTTP: with a licence, and registered."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import httpx

from shared.events.base import Stage
from shared.time.calendar import civil_date
from tests.services.renewal.examples import DECLARED
from tests.services.renewal.messages import recorded
from tests.services.renewal.world import World

EXPIRED = date(2026, 10, 31)


def today(world: World) -> date:
    return civil_date(world.service.clock.now(), "Asia/Ho_Chi_Minh")


def request(world: World, office_ref: str, product_code: str = "qlts", **office: Any) -> dict[str, Any]:
    body: dict[str, Any] = deepcopy(DECLARED)
    body["office"] |= office
    body["invoice"]["wanted_on"] = None
    body["payment"]["on"] = (today(world) + timedelta(days=30)).isoformat()
    return body | {"office_ref": office_ref, "product_code": product_code, "send_by": "electronic"}


async def licensed(
    world: World, office_ref: str, product_code: str = "qlts", stage: Stage = Stage.LOCKED, **licence: Any
) -> None:
    """`licence`: what differs from the example's."""
    event = recorded(office_ref=office_ref, product_code=product_code, expires_on=EXPIRED, stage=stage)
    event = event.model_copy(update={"licence": event.licence.model_copy(update=licence)})
    await world.tell(world.subscription, event)
    await world.knows(office_ref, product_code, stage=stage)


async def post(world: World, office_ref: str, body: dict[str, Any]) -> httpx.Response:
    return await world.client.post("/v1/registrations", json=body, headers=world.people.renewer(office_ref))


async def registered(world: World, office_ref: str, product_code: str = "qlts") -> dict[str, Any]:
    await licensed(world, office_ref, product_code)
    answer = await post(world, office_ref, request(world, office_ref, product_code))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body
