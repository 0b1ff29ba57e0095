"""A batch of posted forms over HTTP, by the hand scanner and by the feeder, until the forms are received."""

from uuid import UUID

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.domain.registration.form_code import FormCode
from shared.events.paper_form import PaperFormReceived
from tests.services.renewal.offices import today
from tests.services.renewal.paper.batches import ask, enter, fed, opened, tallied
from tests.services.renewal.waiting_registrations import register_and_print
from tests.services.renewal.world import World
from tests.support.problems import problem


async def test_from_the_beep_to_received(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
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
