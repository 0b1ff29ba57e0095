"""A batch of posted forms over HTTP, by the hand scanner and by the feeder, until the forms are received."""

from typing import Any
from uuid import UUID

import httpx

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.domain.registration.form_code import FormCode
from shared.events.paper_form import PaperFormReceived
from tests.services.renewal.offices import today
from tests.services.renewal.paper.test_copy import on_paper, problem
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


async def test_from_the_beep_to_received(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await on_paper(world, office_ref)
    batch = await opened(world)
    digits = FormCode(number=made["number"], revision=1).digits
    entered = (await enter(world, batch, digits, envelope=7)).json()
    assert (entered["fresh"], entered["why_not"], entered["pages"]) == (True, None, 0)
    assert (entered["registration"]["id"], entered["expected"]) == (made["id"], 1)
    again = (await enter(world, batch, made["number"])).json()
    assert (again["fresh"], again["id"], again["envelope"]) == (False, entered["id"], 7)
    assert problem(await ask(world, "POST", f"/{batch}/closing")) == (409, "batch-unfinished")

    await fed(world, batch, feeder_pdf(scan_pages(form, seed=21, turn=180, noise=6.0)))
    await tallied(world, batch, reading=0, matched=2, waiting=0)
    preview = (await ask(world, "GET", f"/{batch}/closing")).json()
    assert preview == {"received": 1, "refused": {}, "unfinished": 0}
    assert (await world.registration(made["id"], world.people.clerk()))["status"] == "awaiting_paper"

    closed = await ask(world, "POST", f"/{batch}/closing")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    told = await world.hears(PaperFormReceived, UUID(made["id"]))
    assert told.received_on == today(world)
    now = await tallied(world, batch, received=1)
    assert now["entries"]["entered"] == 0
    scan = await world.documents.get(told.scan.sha256)
    assert b"/Count 2>>" in scan
    assert problem(await enter(world, batch, digits)) == (409, "batch-closed")
