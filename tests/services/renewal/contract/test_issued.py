"""An issued document never changes: it is served by its hash and never rendered again; a void one says so."""

from copy import deepcopy
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.renewal.render.renderer import Renderer
from shared.events.renewal import FormReissued
from shared.time.calendar import civil_date
from tests.services.renewal.examples import DECLARED
from tests.services.renewal.messages import recorded, superseded
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


async def registered(world: World, office_ref: str) -> dict[str, Any]:
    event = recorded(office_ref=office_ref, expires_on=date(2026, 10, 31))
    await world.tell(world.subscription, event)
    await world.knows(office_ref, "qlts", stage="locked")
    today = civil_date(world.service.clock.now(), "Asia/Ho_Chi_Minh")
    body: dict[str, Any] = deepcopy(DECLARED)
    body["invoice"]["wanted_on"] = None
    body["payment"]["on"] = (today + timedelta(days=30)).isoformat()
    body |= {"office_ref": office_ref, "product_code": "qlts", "send_by": "electronic"}
    answer = await world.client.post("/v1/registrations", json=body, headers=world.people.renewer(office_ref))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def read(world: World, paper: dict[str, Any], office_ref: str) -> httpx.Response:
    answer = await world.client.get(paper["href"], headers=world.people.member(office_ref))
    assert answer.status_code == 200
    assert sha256(answer.content).hexdigest() == paper["sha256"]
    return answer


async def test_issued_form_is_never_rendered_again(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    (paper,) = made["documents"]

    async def rendered(*_: object) -> bytes:
        raise AssertionError("rendered anew")

    monkeypatch.setattr(Renderer, "form", rendered)
    first, second = [await read(world, paper, office_ref) for _ in range(2)]
    assert first.content == second.content
    assert first.headers["etag"] == f'"{paper["sha256"]}"'
    assert "immutable" in first.headers["cache-control"]


async def test_form_with_an_outdated_term_is_void(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    before = await read(world, made["documents"][0], office_ref)
    renewal_id = UUID(made["id"])
    await world.tell(world.signing, superseded(1, renewal_id=renewal_id, office_ref=office_ref))
    await world.hears(FormReissued, renewal_id)
    now = await world.registration(renewal_id, world.people.renewer(office_ref))
    assert [(paper["revision"], paper["void"]) for paper in now["documents"]] == [(1, True), (2, False)]
    assert now["form_revision"] == 2
    old, new = [await read(world, paper, office_ref) for paper in now["documents"]]
    assert old.content == before.content
    assert new.content != before.content
