"""The office's page of one registration, as the office reads it."""

from datetime import date

import pytest

from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, record_term, sign
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


async def test_signed_form_stands_for_the_unsigned_one(renewal_world: World, office_ref: str) -> None:
    """Guards against: after signing, the page still opens the unsigned form."""
    world = renewal_world
    made = await registered(world, office_ref)
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    address = f"/renewal/registrations/{made['id']}"
    unsigned = await reader.get(address)
    assert "hoặc ký trên điện thoại" in unsigned.text
    form = unsigned.links["Mở phiếu (PDF)"]
    await sign(world, made, office_ref)
    page = await reader.get(address)
    assert "Hợp đồng chờ ký số" in page.links
    assert (page.links["Phiếu đăng ký, bản 1"], "Mở phiếu (PDF)" in page.links) == (form, False)
    signed = page.links["Mở phiếu đã ký (PDF)"]
    assert signed == page.links["Phiếu đã ký số"] != form
    names = [(await reader.client.get(each)).headers["content-disposition"] for each in (form, signed)]
    name = f"inline; filename*=UTF-8''phieu-dang-ky-{made['number']}-ban-1"
    assert names == [f"{name}.pdf", f"{name}-da-ky.pdf"]
    await issue(world, made, office_ref)
    assert "Hợp đồng chờ ký số" not in (await reader.get(address)).links


async def test_issued_contract_tells_until_when_the_office_signs_in(
    renewal_world: World, office_ref: str
) -> None:
    """Guards against: the page only asks for the payment, and not whether the office is let in again."""
    world = renewal_world
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    await record_term(world, made, office_ref, date(2027, 10, 31))
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    page = await reader.get(f"/renewal/registrations/{made['id']}")
    usable, pays = "sử dụng được đến hết ngày 31/10/2027", "Bước tiếp theo: Thanh toán (chờ đơn vị"
    assert 0 < page.text.index(usable) < page.text.index(pays)
