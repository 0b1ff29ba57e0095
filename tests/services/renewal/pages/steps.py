"""The steps of an office on the pages, for tests that begin at a later step."""

from datetime import timedelta

from playwright.async_api import Page as BrowserPage

from tests.services.renewal.pages.licensed import today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.html import Page


async def renewer(world: World, office_ref: str) -> Reader:
    return await Reader.signed_in(world, world.people.renewer(office_ref))


def path(office_ref: str, step: str) -> str:
    return f"/renewal/o/{office_ref}/qlts/{step}"


def promised(world: World) -> dict[str, str]:
    on = today(world) + timedelta(days=30)
    return {"payment__kind": "promised", "payment__on": f"{on:%d/%m/%Y}", "payment__committed": "yes"}


async def declared(world: World, reader: Reader, office_ref: str) -> Page:
    """Does step 1 and returns the page of step 2."""
    page = await reader.get(path(office_ref, "declare"))
    answer = await reader.send(page.form("/declare"), **promised(world), do="review")
    assert answer.headers["location"].endswith("/review")
    return await reader.followed(answer)


async def registered(world: World, reader: Reader, office_ref: str, send_by: str = "electronic") -> Page:
    await declared(world, reader, office_ref)
    page = await reader.get(path(office_ref, "send"))
    return await reader.followed(await reader.send(page.form("/send"), send_by=send_by))


async def unfold(page: BrowserPage, section: str) -> None:
    """Opens a section of the form that is folded because it is as the licence says."""
    await page.get_by_role("heading", name=section).click()
