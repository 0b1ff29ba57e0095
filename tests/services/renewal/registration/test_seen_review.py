"""The office registers only what its pages showed: anything that changed since is shown first."""

import pytest

from services.renewal.registration.service import NO_CONDITIONS
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import declared, path, renewer
from tests.services.renewal.stores import of_office
from tests.services.renewal.world import World
from tests.support.html import Form, Page

pytestmark = pytest.mark.usefixtures("rendered_once")


async def reviewed(world: World, office_ref: str) -> tuple[Reader, Form]:
    """A renewer at the last step, who saw the review."""
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    review = await declared(world, reader, office_ref)
    return reader, (await reader.get(review.links["Chọn cách gửi"])).form("/send")


async def test_a_colleagues_save_is_shown_before_anything_is_registered(
    renewal_world: World, office_ref: str
) -> None:
    """Years, price and term are the same: only the person who represents the office differs."""
    world = renewal_world
    reader, form = await reviewed(world, office_ref)
    colleague = await renewer(world, office_ref)
    theirs = (await colleague.get(path(office_ref, "declare"))).form("/declare")
    await colleague.send(theirs, office__representative="Lê Thị Mới", do="save")
    again = Page((await reader.send(form, 422, send_by="paper")).text)
    assert "vừa thay đổi, nên chưa đăng ký" in again.text
    assert "Lê Thị Mới" in again.text
    assert await of_office(world.renewals, office_ref) == []
    send = await reader.get(again.links["Chọn cách gửi"])
    await reader.send(send.form("/send"), send_by="paper")
    (made,) = await of_office(world.renewals, office_ref)
    assert made.registration.office.representative == "Lê Thị Mới"


async def test_a_save_between_the_review_and_the_last_step_is_shown_too(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    review = await declared(world, reader, office_ref)
    colleague = await renewer(world, office_ref)
    theirs = (await colleague.get(path(office_ref, "declare"))).form("/declare")
    await colleague.send(theirs, order__years="2", do="save")
    send = await reader.get(review.links["Chọn cách gửi"])
    again = Page((await reader.send(send.form("/send"), 422, send_by="paper")).text)
    assert "vừa thay đổi, nên chưa đăng ký" in again.text


@pytest.mark.parametrize("seen", ["", "00" * 32])
async def test_a_page_that_names_no_such_review_registers_nothing(
    renewal_world: World, office_ref: str, seen: str
) -> None:
    world = renewal_world
    reader, form = await reviewed(world, office_ref)
    again = Page((await reader.send(form, 422, send_by="paper", seen=seen)).text)
    assert "vừa thay đổi, nên chưa đăng ký" in again.text
    assert await of_office(world.renewals, office_ref) == []


async def test_who_saw_no_conditions_agrees_to_none(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    reader, form = await reviewed(world, office_ref)
    again = Page((await reader.send(form, 422, send_by="paper", conditions=NO_CONDITIONS)).text)
    assert "Điều khoản chung vừa có bản mới" in again.text
    assert await of_office(world.renewals, office_ref) == []
