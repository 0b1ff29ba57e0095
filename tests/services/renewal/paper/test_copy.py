"""An office uploads a copy of its stamped form over HTTP: it is read from a scan of exactly the issued
form."""

from io import BytesIO
from uuid import UUID

import httpx
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from shared.events.paper_form import PaperCopyRefused, PaperCopyUploaded
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.waiting_registrations import register_and_print
from tests.services.renewal.world import World
from tests.support.problems import problem


async def show(world: World, office_ref: str, id: str, upload: bytes) -> httpx.Response:
    path = f"/v1/registrations/{id}/paper/copy"
    return await world.client.post(path, content=upload, headers=world.people.renewer(office_ref))


async def test_copy_of_the_form_is_filed_with_one_event(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    picture = scan_pages(form, seed=1, turn=90, skew=1.5, noise=8.0)[0]
    for _ in range(2):
        shown = await show(world, office_ref, made["id"], picture)
        assert (shown.status_code, shown.json()["status"]) == (200, "awaiting_paper")
        assert [paper["kind"] for paper in shown.json()["documents"]] == ["form", "paper_copy"]
    assert shown.json()["remarks"] == []
    told = await world.hears(PaperCopyUploaded, UUID(made["id"]))
    assert told.shown.sha256 == shown.json()["documents"][1]["sha256"]
    kept = await world.client.get(shown.json()["documents"][1]["href"], headers=world.people.clerk())
    assert kept.content.startswith(b"%PDF")
    assert picture not in kept.content


async def test_picture_of_something_else_opens_nothing(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, _ = await register_and_print(world, office_ref)
    _, other_form = await register_and_print(world, f"{office_ref}-b")
    other = await show(world, office_ref, made["id"], scan_pages(other_form, seed=2)[0])
    assert problem(other) == (409, "paper-of-another")
    blank = BytesIO()
    Image.new("RGB", (1654, 2339), "white").save(blank, "JPEG")
    assert problem(await show(world, office_ref, made["id"], blank.getvalue())) == (422, "paper-code-unread")
    bad = await show(world, office_ref, made["id"], b"MZ not a picture")
    assert problem(bad) == (422, "upload-bad")
    assert bad.json()["errors"][0]["rule"] == "upload_kind"
    now = await world.registration(made["id"], world.people.clerk())
    assert [paper["kind"] for paper in now["documents"]] == ["form"]


async def test_form_as_printed_is_refused_and_gives_no_access(renewal_world: World, office_ref: str) -> None:
    """Case 38: the form's own PDF, unchanged, alone or with a picture that doesn't show the form; and
    pictures that a program rendered from it."""
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    beside = PdfWriter(PdfReader(BytesIO(form)))
    picture = BytesIO()
    Image.new("RGB", (1654, 2339), "grey").save(picture, "PDF")
    beside.append(picture)
    both = BytesIO()
    beside.write(both)
    drawn = scan_pages(form, seed=5, dpi=150)
    for upload in (form, both.getvalue(), drawn[0], feeder_pdf(drawn)):
        answer = await show(world, office_ref, made["id"], upload)
        assert problem(answer) == (422, "paper-as-printed")
        assert answer.json()["errors"][0]["rule"] == "upload_as_printed"
    now = await world.registration(made["id"], world.people.clerk())
    assert [paper["kind"] for paper in now["documents"]] == ["form"]
    stamped = await show(world, office_ref, made["id"], scan_pages(form, seed=4, sealed=True)[-1])
    assert stamped.status_code == 200


async def test_digitally_signed_form_is_refused_with_the_way_to_send_it(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    signed = form + b"9999 0 obj\n<</Type/Sig/ByteRange [0 10 20 30]>>\nendobj\n%%EOF\n"
    answer = await show(world, office_ref, made["id"], signed)
    assert problem(answer) == (422, "paper-signed-digitally")
    where = answer.json()["sending"]
    changed = await world.client.put(
        where, json={"send_by": "electronic"}, headers=world.people.renewer(office_ref)
    )
    assert changed.json()["status"] == "awaiting_signature"


async def test_copy_that_shows_no_stamp_is_refused_by_the_desk(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    path, why = f"/v1/registrations/{made['id']}/paper/copy/refuse", {"reason": "Chưa đóng dấu"}
    desk = world.people.clerk()
    none_yet = await world.client.post(path, json=why, headers=desk)
    assert problem(none_yet) == (409, "no-copy-to-judge")
    await show(world, office_ref, made["id"], scan_pages(form, seed=7, noise=6.0)[0])

    async def listed() -> bool:
        found = await world.client.get("/v1/desk/queue", params={"copy_shown": True}, headers=desk)
        return made["id"] in [row["id"] for row in found.json()["rows"]]

    assert await listed()
    refused = await world.client.post(path, json=why, headers=desk)
    assert (refused.status_code, refused.json()["copy_refused"]) == (200, "Chưa đóng dấu")
    assert [paper["void"] for paper in refused.json()["documents"]] == [False, True]
    assert (await world.hears(PaperCopyRefused, UUID(made["id"]))).reason == "Chưa đóng dấu"
    assert not await listed()
    page = await Reader.signed_in(world, world.people.renewer(office_ref))
    assert "Chưa đóng dấu" in (await page.get(f"/renewal/registrations/{made['id']}")).text
    clerk = await Reader.signed_in(world, desk)
    assert "Chưa đóng dấu" in (await clerk.get(f"/renewal/desk/registrations/{made['id']}")).text


@pytest.mark.parametrize("who", ["member", "stranger"])
async def test_only_who_may_register_shows(renewal_world: World, office_ref: str, who: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    people = {"member": world.people.member(office_ref), "stranger": world.people.renewer("T-other")}
    path = f"/v1/registrations/{made['id']}/paper/copy"
    answer = await world.client.post(path, content=scan_pages(form, seed=3)[0], headers=people[who])
    assert answer.status_code == {"member": 403, "stranger": 404}[who]
