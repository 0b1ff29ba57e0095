"""The desk's page of one registration, as a clerk reads it."""

from datetime import date
from typing import Any

import pytest

from services.renewal.render.preview.samples import OFFICE
from services.renewal.texts import FOUND, LOOKS
from shared.text.i18n import Text
from shared.web.people import Role
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, record_term, sign
from tests.services.renewal.world import World
from tests.support.html import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


async def read_case(world: World, made: dict[str, Any]) -> Page:
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK))
    return await clerk.get(f"/renewal/desk/registrations/{made['id']}")


@pytest.mark.parametrize(
    ("looks", "said", "unsaid"),
    [
        ((), FOUND["certificate matched by review"], LOOKS["stamp_without_name"]),
        (("stamp_without_name",), LOOKS["stamp_without_name"], FOUND["certificate matched by review"]),
    ],
)
async def test_only_true_reasons_for_a_look_are_told(
    renewal_world: World, office_ref: str, looks: tuple[str, ...], said: Text, unsaid: Text
) -> None:
    """Guards against: the page says that the certificate lacks the office's code, "or for what follows"."""
    world = renewal_world
    made = await registered(world, office_ref)
    await sign(world, made, office_ref, "awaiting_confirmation", match="review", looks=looks)
    page = await read_case(world, made)
    assert said.vi in page.text
    assert unsaid.vi not in page.text
    codes = f"Mã số thuế {OFFICE.tax_code}, mã đơn vị có quan hệ với ngân sách {OFFICE.budget_code}"
    assert f"Mã đơn vị khai {codes} Mã trên giấy phép {codes}" in page.text
    assert page.links["Báo cáo kiểm tra chữ ký số"] == f"/signing/forms/{made['id']}/report"


async def test_issued_contract_leaves_no_warning_and_tells_who_signed(
    renewal_world: World, office_ref: str
) -> None:
    """Guards against: the page warns that the expiry has moved, because of this very contract."""
    world = renewal_world
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    await record_term(world, made, office_ref, date(2027, 10, 31))
    page = await read_case(world, made)
    assert "nay giấy phép hết hạn ngày" not in page.text
    assert f"{OFFICE.name} · Đơn vị ký số phiếu" in page.text
    assert "Nhà cung cấp · Nhà cung cấp ký số hợp đồng" in page.text
    assert "Người phụ trách gia hạn của đơn vị (renewer-1) · Đăng ký" in page.text
    assert "Hợp đồng chờ ký số" not in page.text
    assert "Mở phiếu đã ký (PDF)" in page.links
