"""A renewal on paper over HTTP: the stamped form comes by post, the desk accepts it, and the contract rests
on it."""

from datetime import timedelta
from uuid import UUID

import pytest

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from shared.events.paper_form import PaperFormAccepted, PaperFormReceived, PaperFormReturned
from shared.events.renewal import ContractPrepared, RenewalAccepted, RenewalRefused
from tests.services.renewal.downloads import read
from tests.services.renewal.offices import today
from tests.services.renewal.paper.posted_forms import judge, take_in
from tests.services.renewal.waiting_registrations import register_and_print
from tests.services.renewal.world import World
from tests.support.problems import problem


async def test_returned_once_and_then_accepted(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    id = made["id"]
    stack = feeder_pdf(scan_pages(form, seed=4, turn=180, noise=6.0))
    await take_in(world, made, stack, postmarked_on=(today(world) - timedelta(days=2)).isoformat())
    told = await world.hears(PaperFormReceived, UUID(id))
    assert (told.received_on, told.form_revision) == (today(world), 1)

    back = await judge(world, id, "paper/return", {"reason": "unstamped", "note": "thiếu dấu tròn"})
    assert (back.json()["status"], back.json()["returned_note"]) == ("paper_returned", "thiếu dấu tròn")
    assert (await world.hears(PaperFormReturned, UUID(id))).reason == "unstamped"
    assert problem(await judge(world, id, "paper/accept")) == (409, "no-paper-to-judge")

    await take_in(world, made, feeder_pdf(scan_pages(form, seed=5, skew=2.0)))
    done = await judge(world, id, "paper/accept")
    assert (done.status_code, done.json()["status"], done.json()["returned"]) == (200, "accepted", None)
    accepted = await world.hears(PaperFormAccepted, UUID(id))
    assert (await world.hears(RenewalAccepted, UUID(id))).decided_by == "rule"
    prepared = await world.hears(ContractPrepared, UUID(id))
    assert prepared.signed_form == accepted.scan
    contract = next(paper for paper in done.json()["documents"] if paper["kind"] == "contract")
    said = await read(world, contract["href"], office_ref)
    assert accepted.scan.sha256 in said.replace(" ", "")
    assert "bản chụp phiếu đã đóng dấu" in said


async def test_paper_posted_for_an_electronic_one_is_taken(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    renewer = world.people.renewer(office_ref)
    path = f"/v1/registrations/{made['id']}/sending"
    await world.client.put(path, json={"send_by": "electronic"}, headers=renewer)
    assert (await take_in(world, made, scan_pages(form, seed=7)[0]))["at"] == "received"
    now = await world.registration(made["id"], world.people.clerk())
    assert (now["status"], now["send_by"]) == ("paper_received", "paper")


async def test_clerk_with_an_older_version_gets_an_error(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    await take_in(world, made, scan_pages(form, seed=8)[0])
    path = f"/v1/registrations/{made['id']}"
    seen = (await world.client.get(path, headers=world.people.clerk())).headers["etag"]
    headers = world.people.clerk() | {"if-match": seen}
    back = {"reason": "altered", "note": "sửa số năm"}
    first = await world.client.post(f"{path}/paper/return", json=back, headers=headers)
    assert first.json()["status"] == "paper_returned"
    second = await world.client.post(f"{path}/paper/accept", headers=headers)
    assert problem(second) == (409, "registration-moved")


@pytest.mark.parametrize("received", [False, True])
async def test_refused_by_the_desk_until_it_is_accepted(
    renewal_world: World, office_ref: str, *, received: bool
) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    if received:
        await take_in(world, made, scan_pages(form, seed=9)[0])
    refused = await judge(world, made["id"], "refuse", {"reason": "chưa đủ điều kiện"})
    assert (refused.json()["status"], refused.json()["refused"]) == ("refused", "chưa đủ điều kiện")
    assert (await world.hears(RenewalRefused, UUID(made["id"]))).reason == "chưa đủ điều kiện"
    late = await take_in(world, made, scan_pages(form, seed=9)[0])
    assert (late["at"], late["why_not"]["reason"]) == ("refused", "paper-not-awaited")
