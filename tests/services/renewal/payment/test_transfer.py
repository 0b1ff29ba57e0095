"""The page and the answer that tell an office how to pay."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


async def test_page_tells_how_to_pay_and_the_qr_says_the_same(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    who = world.people.renewer(office_ref)
    answer = await world.client.get(f"/v1/registrations/{made['id']}/payment", headers=who)
    asked = answer.json()["transfer"]
    reader = await Reader.signed_in(world, who)
    registration = await reader.get(f"/renewal/registrations/{made['id']}")
    page = await reader.get(registration.links["Xem tài khoản và nội dung chuyển khoản"])
    for told in (asked["bank"], asked["account"], asked["holder"], asked["memo"]):
        assert told in page.text
    assert f"{asked['amount']:,}".replace(",", ".") in page.text
    html = (await reader.client.get(f"/renewal/registrations/{made['id']}/transfer")).text
    assert _decoded(html) == asked["vietqr"]


async def test_other_office_and_closed_registration_see_no_account(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    path, own = f"registrations/{made['id']}", world.people.renewer(office_ref)
    stranger = world.people.renewer(f"{office_ref}-other")
    assert (await world.client.get(f"/v1/{path}/payment", headers=stranger)).status_code == 404
    await (await Reader.signed_in(world, stranger)).get(f"/renewal/{path}/transfer", 404)
    cancelled = await world.client.post(
        f"/v1/{path}/cancellation", headers=own, json={"reason": "không cần nữa"}
    )
    assert cancelled.is_success, cancelled.text
    assert (await world.client.get(f"/v1/{path}/payment", headers=own)).json()["transfer"] is None
    reader = await Reader.signed_in(world, own)
    await reader.get(f"/renewal/{path}/transfer", 404)
    assert "Xem tài khoản và nội dung chuyển khoản" not in (await reader.get(f"/renewal/{path}")).links


def _decoded(html: str) -> str:
    """What an independent reader finds in the drawn QR of the page."""
    drawing = re.search(r'class="qr".*?<svg[^>]*viewBox="0 0 (\d+) .*?</svg>', html, re.DOTALL)
    assert drawing is not None
    side, scale = int(drawing[1]), 6
    image = Image.new("L", (side * scale, side * scale), 255)
    draw, (x, y) = ImageDraw.Draw(image), (0.0, 0.0)
    path = re.search(r'd="([^"]+)"', drawing[0])
    assert path is not None
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        values = [float(number) for number in numbers.split()]
        if step == "h":
            top = (y - 0.5) * scale
            draw.rectangle((x * scale, top, (x + values[0]) * scale - 1, top + scale - 1), fill=0)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if step == "M" else (x + values[0], y + values[1])
    (found,) = zxingcpp.read_barcodes(image)
    return found.text
