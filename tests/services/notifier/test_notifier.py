"""The notifier with all its real parts: other services' events become mails and banners."""

import asyncio
import logging
from datetime import timedelta

import pytest
import structlog

from services.notifier.domain.notice import NoticeStatus
from shared.events.base import Stage
from shared.events.notifier import NoticeDelivered
from shared.ids import subscription_id
from shared.observability import logs
from tests.services.notifier import examples as ex
from tests.services.notifier.world import World, adopted_office
from tests.support.service_process import until


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that the service logs, whatever level another test has set for its loggers."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    logs.configure("notifier", "info")
    monkeypatch.setattr("services.notifier.email.service.log", structlog.get_logger())
    root.addHandler(caplog.handler)
    return caplog


async def test_one_renewal_from_reminder_to_contract(
    notifier_world: World, office_ref: str, logged: pytest.LogCaptureFixture
) -> None:
    world = notifier_world
    to = await adopted_office(world, office_ref)

    world.clock.move_to(ex.on(30))
    await world.publish(ex.expiring(30, office_ref))
    banner = await world.banner(office_ref, stage="expiring")
    assert banner["title"] == {"vi": "Sắp hết hạn: còn 30 ngày", "en": "Expires in 30 days"}
    assert (banner["level"], banner["action"]["kind"]) == ("warning", "register")
    await world.post.letters(to, 1)

    world.clock.move_to(ex.on(-1))
    await world.publish(ex.locked(1, office_ref))
    banner = await world.banner(office_ref, stage="locked")
    assert (banner["level"], banner["days_overdue"], banner["ends_on"]) == ("blocked", 1, "2027-03-01")
    assert "đăng ký gia hạn" in banner["text"]["vi"].lower()
    assert "Đơn vị" not in banner["member_text"]["vi"]
    assert banner["package"]
    assert banner["users"] > 0
    await world.post.letters(to, 2)

    await world.publish(ex.registered(ex.on(-1), name=office_ref, office_ref=office_ref))
    banner = await world.banner(office_ref, registration_no="DK-2026-000123")
    assert (banner["level"], banner["action"]["kind"]) == ("blocked", "sign")
    assert "Đăng ký gia hạn để" not in banner["text"]["vi"]
    await world.post.letters(to, 3)

    await world.publish(ex.signed(ex.on(-1), office_ref, office_ref))
    banner = await world.banner(office_ref, action=None)
    assert "nhà cung cấp kiểm tra phiếu và lập hợp đồng" in banner["text"]["vi"]
    step = {
        "vi": "nhà cung cấp kiểm tra phiếu và lập hợp đồng",
        "en": "the vendor checks the form and makes the contract",
    }
    assert banner["next_step"] == {"text": step, "waits_for": "vendor", "until": None, "late": False}
    assert (banner["ordered"]["package"], banner["ordered"]["users"]) == ("basic", 3)

    sealed = b"%PDF-1.7 " + bytes(range(256)) * 100
    ref = await world.service.documents.put(sealed, media_type="application/pdf", name="Hợp đồng.pdf")
    contract = ex.issued(ref, ex.on(-1), office_ref, office_ref)
    await world.publish(contract, ex.renewed(ex.on(-1), office_ref), ex.restored(ex.on(-1), office_ref))
    *_, last = await world.post.letters(to, 4)
    (part,) = last.message.iter_attachments()
    assert part.get_content() == sealed

    async def gone() -> bool:
        return await world.banners(office_ref) == []

    await until(gone, "no banner")
    await world.ended_notice(contract)
    grant = ex.grant_confirmed(ex.on(-1), office_ref, renewal_id=ex.renewal_id(office_ref))
    await world.publish(grant)
    await world.post.letters(to, 5)
    await world.ended_notice(grant)
    subjects = [letter.subject.split(" – ")[0] for letter in world.post.to(to)]
    assert subjects == [
        "Sắp hết hạn: còn 30 ngày",
        "Đã hết hạn, tạm ngừng đăng nhập",
        "Phiếu đăng ký chưa được ký số",
        "Hợp đồng gia hạn đã có hiệu lực",
        "Đã cấp đủ tài nguyên theo hợp đồng",
    ]
    assert len({letter.message_id for letter in world.post.to(to)}) == 5
    await _nothing_personal_left(world, office_ref, logged)


async def _nothing_personal_left(world: World, office_ref: str, logged: pytest.LogCaptureFixture) -> None:
    events = [
        (envelope, event) for envelope, event in await world.published(5) if event.office_ref == office_ref
    ]
    assert [type(event) for _, event in events] == [NoticeDelivered] * 5
    published = " ".join(envelope.body.decode() for envelope, _ in events)
    assert logged.text.count("mail.attempt") >= 5
    for personal in (ex.address(office_ref), ex.OFFICE, "Tân Thạnh", "Tuyết"):
        assert personal not in published
        assert personal not in logged.text


async def test_redelivered_and_repeated_events_send_no_second_mail(
    notifier_world: World, office_ref: str
) -> None:
    world = notifier_world
    to = await adopted_office(world, office_ref)
    world.clock.move_to(ex.on(15))
    first = await world.publish(ex.expiring(15, office_ref))
    await world.post.letters(to)
    await world.publish_again(*first)  # the same record once more
    twin = await world.publish(ex.expiring(15, office_ref))  # the same trigger in the same second
    assert twin[0].id != first[0].id
    world.clock.move_to(ex.on(7))
    await world.publish(ex.expiring(7, office_ref))
    await world.post.letters(to, 2)
    assert [letter.subject[:24] for letter in world.post.to(to)] == [
        "Sắp hết hạn: còn 15 ngày",
        "Sắp hết hạn: còn 7 ngày ",
    ]


async def test_notice_waits_until_the_contact_is_known(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    world.clock.move_to(ex.on(15))
    event = ex.registered(ex.on(15), name=office_ref, office_ref=office_ref)
    (envelope,) = await world.publish(event)
    parked = world.service.database["parked"]
    await until(lambda: parked.find_one({"_id": str(envelope.id)}), "the event is parked")
    to = await adopted_office(world, office_ref)
    await world.post.letters(to)

    async def unparked() -> bool:
        return await parked.find_one({"_id": str(envelope.id)}) is None

    await until(unparked, "the event is no longer parked")


async def test_adopted_office_gets_a_banner_and_no_mail(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    to = await adopted_office(world, office_ref, Stage.FINAL_NOTICE)
    world.clock.move_to(ex.on(-40))
    await world.publish(ex.adopted(Stage.FINAL_NOTICE, office_ref))
    banner = await world.banner(office_ref, stage="final_notice", ends_on="2027-03-01")
    assert banner["title"]["vi"] == "Tạm ngừng, sẽ chấm dứt sau 20 ngày"
    await world.publish(ex.registered(ex.on(-40), name=office_ref, office_ref=office_ref))
    (only,) = await world.post.letters(to)
    assert only.subject.startswith("Phiếu đăng ký chưa được ký số")


async def test_banner_follows_the_way_of_sending_and_the_cancellation(
    notifier_world: World, office_ref: str
) -> None:
    """Guards against: the office prints and stamps the form, and the banner tells it to sign, or
    disappears."""
    world, named = notifier_world, {"name": office_ref, "office_ref": office_ref}
    await adopted_office(world, office_ref)
    world.clock.move_to(ex.on(30))
    await world.publish(
        ex.expiring(30, office_ref), ex.registered(ex.on(30), name=office_ref, office_ref=office_ref)
    )

    async def has_action(kind: str) -> bool:
        banners = await world.banners(office_ref)
        return [banner["action"]["kind"] for banner in banners] == [kind]

    await until(lambda: has_action("sign"), "asked to sign")
    await world.publish(ex.sent_on_paper(ex.on(30), **named))
    await until(lambda: has_action("send_paper"), "asked to post")
    await world.publish(ex.cancelled(ex.on(30), **named))
    await until(lambda: has_action("register"), "asked to register")


async def test_contract_may_overtake_all_the_rest(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    ref = await world.service.documents.put(b"%PDF", media_type="application/pdf", name="hd.pdf")
    await world.publish(ex.issued(ref, ex.on(-1), office_ref, office_ref))
    await world.publish(ex.registered(ex.on(-1), name=office_ref, office_ref=office_ref))
    to = await adopted_office(world, office_ref, Stage.LOCKED)
    await world.post.letters(to, 2)
    assert await world.banners(office_ref) == []


async def test_slow_mail_server_holds_up_no_message(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    world.clock.move_to(ex.on(3))
    offices = [f"{office_ref}-{number}" for number in range(20)]

    async def all_recorded() -> bool:
        return len(await world.notices(office_ref={"$in": offices})) == 20

    world.post.gate = gate = asyncio.Event()
    try:
        for office in offices:
            await adopted_office(world, office)
            await world.publish(ex.expiring(3, office))
        for office in offices:
            await world.banner(office, stage="expiring")
        await until(all_recorded, "every notice recorded")
        assert [len(world.post.to(ex.address(office))) for office in offices] == [0] * 20
    finally:
        gate.set()
        world.post.gate = None
    for office in offices:
        await world.post.letters(ex.address(office))


async def test_late_reminder_is_stored_as_overtaken(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    to = await adopted_office(world, office_ref)
    world.clock.move_to(ex.on(2))
    late = ex.expiring(30, office_ref, recorded_at=ex.on(2))
    await world.publish(late, ex.expiring(2, office_ref))
    (letter,) = await world.post.letters(to)
    assert letter.subject.startswith("Sắp hết hạn: còn 2 ngày")
    assert (await world.ended_notice(late))["status"] == NoticeStatus.OVERTAKEN


async def test_one_offices_products_and_nobody_elses(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    world.clock.move_to(ex.on(20))
    for product in ("qlts", "ketoan"):
        event = ex.recorded(Stage.EXPIRING, office_ref=office_ref, email=ex.address(office_ref))
        other = event.model_copy(
            update={"product_code": product, "subscription_id": subscription_id(office_ref, product)}
        )
        await world.publish(other)

    async def both() -> bool:
        return len(await world.banners(office_ref)) == 2

    await until(both, "a banner for each product")
    (one,) = await world.banners(office_ref, product_code="ketoan")
    assert one["text"]["vi"].startswith("Phần mềm KETOAN dùng được đến hết ngày 31/12/2026.")
    assert one["action"]["url"].endswith("?product=ketoan")
    assert await world.banners(f"{office_ref}-other") == []


@pytest.mark.parametrize(
    "asked",
    [{}, {"office_ref": ""}, {"office_ref": "a b"}, {"office_ref": "$ne"}, {"office_ref": "x" * 65}]
    + [{"office_ref": "a", "product_code": code} for code in ("", "QLTS", "a" * 33, "{}")],
)
async def test_question_that_is_none(notifier_world: World, asked: dict[str, str]) -> None:
    answer = await notifier_world.client.get("/v1/banners", params=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_days_are_counted_at_the_moment_of_asking(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    await adopted_office(world, office_ref, Stage.EXPIRING)
    await world.banner(office_ref)
    titles = []
    for days in (2, 1, 0, -1):
        world.clock.move_to(ex.on(days) + timedelta(hours=11))
        titles.append((await world.banners(office_ref))[0]["title"]["en"])
    assert titles == [
        "Expires in 2 days",
        "Expires in 1 day",
        "Last day of use",
        "The last day of use has passed",
    ]
