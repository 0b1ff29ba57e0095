"""An office registers five minutes before midnight on the last day, and looks again on New Year's Day."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from shared.events.base import Event, Stage
from shared.events.subscription import AccessLocked
from shared.time.clock import SystemClock
from tests.services.renewal.messages import recorded
from tests.services.renewal.pages.licensed import ZONE, licensed
from tests.services.renewal.pages.steps import path
from tests.services.renewal.world import World, own_settings, world
from tests.support.browser import Visit, serve_on_port
from tests.support.people import People
from tests.support.service_process import until

YEAR = SystemClock().now().astimezone(ZoneInfo(ZONE)).year
LAST_DAY = date(YEAR, 12, 31)


@pytest.fixture(scope="module")
async def renewal_world(
    kafka: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """A service of its own, because its clock is moved and can't be moved back."""
    folder = tmp_path_factory.mktemp("new-year")
    settings = own_settings(kafka, mongo_uri, folder)
    async with world(settings, People(Path(settings.jwks))) as running:
        yield running


@pytest.fixture(scope="module")
async def address(renewal_world: World) -> AsyncIterator[str]:
    async with serve_on_port(renewal_world.app) as url:
        yield url


async def set_clock(world: World, day: date, hour: int, minute: int) -> None:
    """Moves the clock forward to that local time of the office."""
    to = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    offset = (to - SystemClock().now()).total_seconds()
    stack = world.service.client[world.service.settings.database("stack")]
    changed = {"$set": {"offset": offset}, "$inc": {"epoch": 1}}
    await stack["clock"].update_one({"_id": "clock"}, changed, upsert=True)

    async def is_there() -> bool:
        return world.service.clock.now() >= to

    await until(is_there, f"the clock at {to}")


async def locks(world: World, office_ref: str) -> None:
    """Subscription's events at the change of the year."""
    told = recorded(office_ref=office_ref, stage=Stage.EXPIRING, expires_on=LAST_DAY)
    lock = AccessLocked(
        **told.model_dump(include=set(Event.model_fields)),
        old_stage=Stage.EXPIRING,
        new_stage=Stage.LOCKED,
        access=(),
        days_overdue=1,
        expires_on=LAST_DAY,
        terminates_on=LAST_DAY + timedelta(days=60),
    )
    await world.tell(world.subscription, lock)
    await world.knows(office_ref, "qlts", stage="locked")


async def registers(page: Page, office_ref: str, way: str) -> None:
    await page.goto(path(office_ref, "notice"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hôm nay là ngày sử dụng cuối cùng")
    await page.get_by_role("link", name="Đăng ký gia hạn").click()
    await page.get_by_label("Đơn vị cam kết thanh toán").check()
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await expect(page.locator("main")).to_contain_text(
        f"Từ ngày 01/01/{YEAR + 1} đến hết ngày 31/12/{YEAR + 1}"
    )
    await page.get_by_role("link", name="Chọn cách gửi").click()
    await page.get_by_label(way).check()
    await page.get_by_role("button", name="Xác nhận đăng ký").click()
    registered = "Đã nhận đăng ký GH-" if way.startswith("In phiếu") else "còn một bước: ký số"
    await expect(page.get_by_role("heading", level=1)).to_contain_text(registered)
    await expect(page.locator("main")).to_contain_text(f"16:55 ngày 31/12/{YEAR}")


async def test_registered_on_the_last_afternoon_and_seen_again_on_new_years_day(
    renewal_world: World, visit: Visit
) -> None:
    world = renewal_world
    await set_clock(world, LAST_DAY, 16, 55)
    pages = {}
    ways = {"sign": "Ký số và gửi ngay", "post": "In phiếu để đóng dấu và gửi bưu điện"}
    for office_ref, way in ways.items():
        await licensed(world, office_ref, Stage.EXPIRING, 0)
        pages[office_ref] = await visit(world.people.renewer(office_ref))
        await registers(pages[office_ref], office_ref, way)
    await set_clock(world, date(YEAR + 1, 1, 1), 8, 0)
    for office_ref, (step, waiting) in {
        "sign": ("đơn vị ký số phiếu đăng ký", "Ký số phiếu (chờ đơn vị"),
        "post": (
            "đơn vị gửi phiếu đăng ký đã đóng dấu cho nhà cung cấp",
            "Gửi phiếu đã đóng dấu, trước tiên là ảnh chụp (chờ đơn vị",
        ),
    }.items():
        await locks(world, office_ref)
        page = pages[office_ref]
        await page.goto(path(office_ref, "notice"))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Đã hết hạn, tạm ngừng đăng nhập")
        said = page.locator("main")
        await expect(said).to_contain_text(f"lúc 16:55 ngày 31/12/{YEAR}. Bước tiếp theo: {step}.")
        await expect(page.get_by_role("link", name="Đăng ký gia hạn")).to_have_count(0)
        await page.get_by_role("link", name="Theo dõi đăng ký").click()
        await expect(page.locator("main")).to_contain_text(waiting)
