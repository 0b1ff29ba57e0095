"""The paper form and the desk's decisions, as mails and banners, with all real parts of the notifier."""

from datetime import timedelta
from typing import Any

from services.notifier.domain.notice import NoticeStatus
from shared.events.base import SendBy, Stage
from tests.services.notifier import examples as ex
from tests.services.notifier.world import World, adopted_office
from tests.support.service_process import until


def of(office_ref: str) -> dict[str, Any]:
    """The ids of the office and its one renewal."""
    return {"name": office_ref, "office_ref": office_ref}


async def test_paper_form_on_its_way_through_the_desk(notifier_world: World, office_ref: str) -> None:
    world, named = notifier_world, of(office_ref)
    to, at = await adopted_office(world, office_ref), ex.on(20)
    world.clock.move_to(at)
    await world.publish(ex.expiring(20, office_ref), ex.registered(at, SendBy.PAPER, **named))
    await world.post.letters(to, 2)
    await world.publish(ex.paper_awaited(at, **named))
    banner = await world.banner(office_ref, registration_no="DK-2026-000123")
    assert banner["action"]["kind"] == "send_paper"
    await world.post.letters(to, 3)

    returned = ex.paper_returned(at, **named, note="Mất trang 2")
    await world.publish(ex.paper_received(at, **named))
    banner = await world.banner(office_ref, action=None)
    assert "nhà cung cấp kiểm tra phiếu" in banner["text"]["vi"]
    await world.post.letters(to, 4)
    first = await world.publish(returned)
    await world.post.letters(to, 5)
    assert (await world.banners(office_ref))[0]["action"]["kind"] == "send_paper"
    await world.publish_again(*first)

    later = at + timedelta(hours=5)
    world.clock.move_to(later)
    await world.publish(ex.paper_returned(later, **named))
    await world.post.letters(to, 6)
    await world.publish(ex.paper_accepted(later, **named))
    await world.banner(office_ref, action=None)
    await world.publish(ex.refused(later, **named))
    *_, last = await world.post.letters(to, 7)
    assert last.subject.startswith("Đăng ký gia hạn không được chấp nhận")
    (banner,) = await world.banners(office_ref)
    assert (banner["registration_no"], banner["action"]["kind"]) == (None, "register")
    subjects = [letter.subject.split(" – ")[0] for letter in world.post.to(to)]
    assert subjects.count("Phiếu chưa hợp lệ, cần gửi lại") == 2


async def test_registration_closed_by_the_desk_is_mailed_and_one_the_office_cancelled_is_not(
    notifier_world: World, office_ref: str
) -> None:
    world, at = notifier_world, ex.on(20)
    to = await adopted_office(world, office_ref)
    world.clock.move_to(at)
    names = [f"{office_ref}-{number}" for number in range(3)]
    replaced = ex.cancelled(at, names[0], office_ref, replaced_by=ex.renewal_id(names[1]))
    await world.publish(replaced, ex.cancelled(at, names[1], office_ref))
    by_desk = ex.cancelled(at, names[2], office_ref, cancelled_by="desk", reason="Đơn vị đã sáp nhập")
    await world.publish(by_desk)
    (only,) = await world.post.letters(to)
    assert only.subject.startswith("Đăng ký gia hạn đã hủy")
    assert len(await world.notices(office_ref=office_ref)) == 1


async def test_form_that_came_meanwhile_causes_no_reminder(notifier_world: World, office_ref: str) -> None:
    """Guards against: after an outage all events come at once, and the office gets a reminder for a form that
    it has sent."""
    world, named, at = notifier_world, of(office_ref), ex.on(20)
    world.clock.move_to(at)
    awaited = ex.paper_awaited(at, **named)
    events = (ex.registered(at, SendBy.PAPER, **named), awaited, ex.paper_received(at, **named))
    ids = [str(envelope.id) for envelope in await world.publish(*events)]
    parked = world.service.database["parked"]

    async def all_wait() -> bool:
        return await parked.count_documents({"_id": {"$in": ids}}) == 3

    await until(all_wait, "all three wait for the contact")
    to = await adopted_office(world, office_ref)
    assert (await world.ended_notice(awaited))["status"] == NoticeStatus.OVERTAKEN
    letters = await world.post.letters(to, 2)
    assert {letter.subject.split(" – ")[0] for letter in letters} == {
        "Đã nhận đăng ký gia hạn",
        "Đã nhận phiếu giấy",
    }


async def test_temporary_access_is_stated_with_its_last_day(notifier_world: World, office_ref: str) -> None:
    world, at = notifier_world, ex.on(-8)
    world.clock.move_to(at)
    until = ex.LAST_DAY + timedelta(days=15)
    to = f"{office_ref.lower()}@giahanso.example"
    recorded = ex.recorded(Stage.EXPIRING, office_ref=office_ref, email=to, temporary_until=until)
    await world.publish(recorded, ex.registered(at, SendBy.PAPER, **of(office_ref)))
    banner = await world.banner(office_ref, temporary_until="2027-01-15", registration_no="DK-2026-000123")
    assert banner["title"]["vi"] == "Được dùng tạm đến hết ngày 15/01/2027"
    assert (banner["level"], banner["action"]["kind"]) == ("warning", "send_paper")
    await world.publish(ex.expiring(-8, office_ref))
    subjects = [letter.subject for letter in await world.post.letters(to, 2)]
    assert any(subject.startswith("Được dùng tạm đến hết ngày 15/01/2027 – ") for subject in subjects)
