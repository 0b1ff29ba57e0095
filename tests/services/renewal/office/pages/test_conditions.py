"""The general conditions are shown before the office confirms, and are those that the form names."""

from hashlib import sha256

import pytest

from shared.events.renewal import RenewalRegistered
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.steps import declared, path, renewer
from tests.services.renewal.stores import of_office
from tests.services.renewal.world import World
from tests.support.html import Page


async def test_conditions_are_shown_then_named_by_the_form(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    review = await declared(world, reader, office_ref)
    assert "Đơn vị thanh toán đúng hạn ghi trên phiếu" in review.text
    full = await world.client.get(review.links["Đọc toàn văn Điều khoản chung"])
    assert (full.status_code, full.headers["content-type"]) == (200, "text/html; charset=utf-8")
    send = await reader.get(path(office_ref, "send"))
    await reader.followed(await reader.send(send.form("/send"), send_by="paper"))
    (made,) = await of_office(world.renewals, office_ref)
    told = await world.hears(RenewalRegistered, made.registration.renewal_id)
    assert told.conditions is not None
    assert told.conditions.sha256 == sha256(full.content).hexdigest()


async def test_conditions_that_changed_before_confirming_are_shown_again(
    renewal_world: World, office_ref: str
) -> None:
    """The typed and chosen values stay; confirming again registers with the new conditions."""
    world = renewal_world
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    await declared(world, reader, office_ref)
    send = (await reader.get(path(office_ref, "send"))).form("/send")
    send.fields["conditions"] = "00" * 32
    again = Page((await reader.send(send, 422, send_by="paper")).text)
    assert "Điều khoản chung vừa có bản mới" in again.text
    assert await of_office(world.renewals, office_ref) == []
    await reader.followed(await reader.send(again.form("/send"), send_by="paper"))
    assert len(await of_office(world.renewals, office_ref)) == 1


@pytest.mark.parametrize("edition", ["general/2024-01-01", "none/2025-07-01", "general/today", "../form"])
async def test_no_other_edition_is_served(renewal_world: World, edition: str) -> None:
    answer = await renewal_world.client.get(f"/renewal/conditions/{edition}")
    assert answer.status_code == 404
