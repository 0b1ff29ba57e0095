"""The lock screen says how to get back; registration, history and REST tell one progress and next step."""

from datetime import timedelta
from typing import Any

import pytest

from services.renewal.guide.chapters import NAMES
from services.renewal.stores import office_renewals
from shared.events.base import Stage
from shared.ids import fresh
from shared.progress.next_step import NextStep
from tests.services.renewal.messages import recorded
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.licensed import licensed, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import path, renewer
from tests.services.renewal.pages.steps import registered as registered_on_pages
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.html import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


async def progress(world: World, made: dict[str, Any], office_ref: str) -> dict[str, Any]:
    who = world.people.renewer(office_ref)
    answer = await world.client.get(f"/v1/registrations/{made['id']}/progress", headers=who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    return {point["milestone"]: point["state"] for point in found["points"]}


async def test_lock_screen_tells_ways_price_needs_and_whom_to_call(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.LOCKED, -3)
    page = await (await renewer(world, office_ref)).get(path(office_ref, "notice"))
    for told in ("Ký số phiếu", "Gửi ảnh phiếu đã đóng dấu", "Cam kết thanh toán", "Chuyển khoản"):
        assert told in page.text
    assert "4.800.000\u00a0đ cho 1 năm" in page.text.replace(" đ", "\u00a0đ")
    assert page.links["024 7300 0000"] == "tel:02473000000"
    member = await Reader.signed_in(world, world.people.member(office_ref))
    theirs = await member.get(path(office_ref, "notice"))
    assert "Cách dùng trở lại" not in theirs.text, "only the renewer can go one of these ways"
    assert "024 7300 0000" in theirs.links


async def test_progress_is_one_on_every_page_and_over_rest(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    address, history = f"/renewal/registrations/{made['id']}", f"/renewal/o/{office_ref}/history"
    found = await progress(world, made, office_ref)
    assert (states(found)["form"], found["next_step"]) == ("now", NextStep.SIGN_FORM)
    for page in (address, history, path(office_ref, "notice")):
        assert "chờ đơn vị" in (await reader.get(page)).text
    signing = (await reader.get(history)).links[f"Ký số phiếu {made['number']}"]
    assert signing == f"/signing?renewal={made['id']}"

    await sign(world, made, office_ref)
    found = await progress(world, made, office_ref)
    assert (states(found)["contract"], found["next_step"]) == ("now", NextStep.FOLLOW)
    assert (await reader.get(history)).links[f"Theo dõi {made['number']}"] == address
    assert "chờ nhà cung cấp" in (await reader.get(address)).text

    await issue(world, made, office_ref)
    found = await progress(world, made, office_ref)
    assert states(found)["contract"] == "done"
    assert "Đã phát hành hợp đồng" in (await reader.get(address)).text


async def test_who_may_only_look_is_led_to_the_registration(renewal_world: World, office_ref: str) -> None:
    made = await registered(renewal_world, office_ref)
    reader = await Reader.signed_in(renewal_world, renewal_world.people.member(office_ref))
    page = await reader.get(f"/renewal/o/{office_ref}/history")
    assert f"Theo dõi {made['number']}" in page.links
    assert f"Ký số phiếu {made['number']}" not in page.links


async def test_a_later_registration_makes_registering_again_needless(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref, days_left=12)
    reader = await renewer(renewal_world, office_ref)
    first = (await registered_on_pages(renewal_world, reader, office_ref)).form("/sending").action
    await reader.send((await reader.get(first.replace("/sending", "/cancel"))).form("/cancel"), reason="Sai")
    alone = await reader.get(f"/renewal/o/{office_ref}/history")
    assert [text for text in alone.links if text.startswith("Đăng ký lại")]
    old = first.removesuffix("/sending")
    assert "Đăng ký lại" in (await reader.get(old)).links
    await registered_on_pages(renewal_world, reader, office_ref, "paper")
    assert "Đăng ký lại" not in (await reader.get(old)).links
    both = await reader.get(f"/renewal/o/{office_ref}/history")
    assert not [text for text in both.links if text.startswith("Đăng ký lại")]
    assert [text for text in both.links if text.startswith("Gửi ảnh phiếu đóng dấu")]


async def test_what_is_not_sold_any_more_has_no_button_but_the_desks_phone(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    told = recorded(office_ref=office_ref, product_code="gone", stage=Stage.LOCKED)
    await world.tell(world.subscription, told)
    await world.knows(office_ref, "gone", stage=Stage.LOCKED)
    reader = await renewer(world, office_ref)
    for page in (
        f"/renewal/o/{office_ref}",
        *(f"/renewal/o/{office_ref}/gone{end}" for end in ("", "/notice")),
    ):
        shown = await reader.get(page)
        assert "hiện không còn bán" in shown.text
        assert not [text for text in shown.links if text.startswith("Đăng ký gia hạn")]
    refused = await reader.get(f"/renewal/o/{office_ref}/gone/declare", 422)
    assert "không còn bán, vui lòng gọi bàn gia hạn" in refused.text


async def test_too_early_a_renewal_has_its_first_day_instead_of_a_button(
    renewal_world: World, office_ref: str
) -> None:
    world, expires_on = renewal_world, today(renewal_world) + timedelta(days=91)
    told = recorded(office_ref=office_ref, product_code="timely", expires_on=expires_on, stage=Stage.ACTIVE)
    await world.tell(world.subscription, told)
    await world.knows(office_ref, "timely", stage=Stage.ACTIVE)
    reader = await renewer(world, office_ref)
    for page in (f"/renewal/o/{office_ref}", f"/renewal/o/{office_ref}/timely/notice"):
        shown = await reader.get(page)
        first = expires_on - timedelta(days=90)
        assert f"đăng ký gia hạn được từ ngày {first:%d/%m/%Y}" in shown.text
        assert not [text for text in shown.links if text.startswith("Đăng ký gia hạn")]
        assert "Giá gia hạn" not in shown.text


async def test_the_history_comes_by_pages(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_renewals, "PAGE", 1)
    await licensed(renewal_world, office_ref, days_left=12)
    reader = await renewer(renewal_world, office_ref)
    first = (await registered_on_pages(renewal_world, reader, office_ref)).form("/sending").action
    await reader.send((await reader.get(first.replace("/sending", "/cancel"))).form("/cancel"), reason="Sai")
    second = (await registered_on_pages(renewal_world, reader, office_ref)).form("/sending").action
    newest = await reader.get(f"/renewal/o/{office_ref}/history")
    assert second.removesuffix("/sending") in newest.links.values()
    assert first.removesuffix("/sending") not in newest.links.values()
    older = await reader.get(newest.links["Đăng ký cũ hơn"])
    assert first.removesuffix("/sending") in older.links.values()
    assert "Đăng ký cũ hơn" not in older.links
    await reader.get(f"/renewal/o/{office_ref}/history?before={fresh()}", 404)


def chapter(page: Page) -> str:
    (address,) = (href for text, href in page.links.items() if text.startswith("Chưa rõ trang này?"))
    return address


async def test_every_screen_leads_to_its_chapter_of_the_guide(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref, days_left=12)
    reader = await renewer(renewal_world, office_ref)
    made = (await registered_on_pages(renewal_world, reader, office_ref, "paper")).form("/sending").action
    registration = made.removesuffix("/sending")
    screens = {
        path(office_ref, "notice"): "notice",
        path(office_ref, "declare"): "declare",
        path(office_ref, "review"): "review",
        path(office_ref, "send"): "send",
        registration: "registration",
        f"{registration}/show": "paper",
        f"{registration}/transfer": "payment",
        f"{registration}/invoice": "invoice",
        f"/renewal/o/{office_ref}/history": "history",
    }
    for screen, name in screens.items():
        assert chapter(await reader.get(screen)) == f"/renewal/guide#{name}"
    assert set(screens.values()) <= set(NAMES)
    for language, title in (("vi", "Hướng dẫn gia hạn dành cho đơn vị"), ("en", "Guide to the renewal")):
        answer = await renewal_world.client.get(f"/renewal/guide?lang={language}")
        assert answer.status_code == 200, "for everybody"
        assert title in answer.text
        assert all(f'id="{name}"' in answer.text for name in NAMES)
