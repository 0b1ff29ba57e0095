"""A date is corrected to another day and back: the office gets one mail about it, not two."""

from datetime import timedelta

import pytest

from services.notifier.domain.notice import NoticeStatus
from shared.events.base import SendBy, Stage
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import PostOffice, Taken
from tests.services.notifier.rig import Rig, sending

OTHER = ex.LAST_DAY + timedelta(days=21)
WAIT = timedelta(seconds=20)
THERE = ex.restated(2, ex.LAST_DAY, OTHER)
BACK = ex.restated(3, OTHER, ex.LAST_DAY, unconfirmed=(2,))


def text_of(letter: Taken) -> str:
    body = letter.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def registered(rig: Rig, post: PostOffice) -> str:
    """An office that has registered on paper and has got its receipt."""
    address = await rig.office(1)
    receipt = ex.registered(send_by=SendBy.PAPER, email=address)
    await rig.record(receipt)
    await rig.becomes(receipt, NoticeStatus.DELIVERED)
    post.taken.clear()
    return address


@pytest.mark.parametrize("between", [timedelta(0), WAIT - timedelta(seconds=1)])
async def test_form_restated_there_and_back_is_one_mail_that_confirms_the_date(
    rig: Rig, post: PostOffice, between: timedelta
) -> None:
    async with sending(rig.sender()):
        address = await registered(rig, post)
        await rig.record(THERE)
        rig.clock.move_to(ex.NOON + between)
        await rig.record(BACK)
        rig.clock.move_to(ex.NOON + between + WAIT)
        await rig.becomes(THERE, NoticeStatus.OVERTAKEN)
        await rig.becomes(BACK, NoticeStatus.DELIVERED)
    (letter,) = post.to(address)
    assert letter.subject.startswith("Thời hạn trên phiếu đăng ký được điều chỉnh")
    for texts in ("vẫn là 31/12/2026", "is still 31 December 2026", "bản 3", "vẫn dùng được"):
        assert texts in text_of(letter)
    assert "21/01/2027" not in text_of(letter)


async def test_a_correction_of_a_correction_names_the_first_and_the_last_date(
    rig: Rig, post: PostOffice
) -> None:
    last = OTHER + timedelta(days=7)
    onward = ex.restated(3, OTHER, last)
    async with sending(rig.sender()):
        address = await registered(rig, post)
        await rig.record(THERE, onward)
        rig.clock.move_to(ex.NOON + WAIT)
        await rig.becomes(onward, NoticeStatus.DELIVERED)
    (letter,) = post.to(address)
    assert "từ 31/12/2026 thành 28/01/2027" in text_of(letter)


async def test_what_a_mail_said_is_corrected_by_another_mail(rig: Rig, post: PostOffice) -> None:
    """The date is corrected back after the office got a mail about the other date: without a second mail it
    would believe a wrong date."""
    async with sending(rig.sender()):
        address = await registered(rig, post)
        await rig.record(THERE)
        rig.clock.move_to(ex.NOON + WAIT)
        await rig.becomes(THERE, NoticeStatus.DELIVERED)
        await rig.record(BACK)
        rig.clock.move_to(ex.NOON + 2 * WAIT)
        await rig.becomes(BACK, NoticeStatus.DELIVERED)
    _, back = post.to(address)
    assert "từ 21/01/2027 thành 31/12/2026" in text_of(back)


async def test_lock_overtaken_by_a_correction_is_mailed_when_it_is_true_again(
    rig: Rig, post: PostOffice
) -> None:
    """Guards against: a notice has one id a day, and was overtaken for good when the date was corrected."""
    today = ex.NOON.date()
    locked = ex.locked(1, office_ref="office-1", effective_on=today)
    address = await rig.office(1)
    await rig.record(locked, ex.recorded(Stage.ACTIVE, office_ref="office-1", email=address))
    async with sending(rig.sender()):
        await rig.becomes(locked, NoticeStatus.OVERTAKEN)
        await rig.record(locked)
        await rig.becomes(locked, NoticeStatus.DELIVERED)
    (letter,) = post.to(address)
    assert letter.message_id == (await rig.notice(locked)).message_id


async def test_a_correction_to_a_milder_stage_shows_in_the_banner_alone(rig: Rig, post: PostOffice) -> None:
    """Otherwise a correction there and back would cause a mail about the lock, and one about its end."""
    address = await rig.office(1)
    today = ex.NOON.date()
    looser = ex.locked(1, office_ref="office-1", effective_on=today)
    looser = looser.model_copy(update={"old_stage": Stage.FINAL_NOTICE, "expires_on": OTHER})
    final = ex.locked(30, office_ref="office-1", effective_on=today)
    async with sending(rig.sender()):
        await rig.record(looser, final)
        await rig.becomes(final, NoticeStatus.DELIVERED)
    (letter,) = post.to(address)
    assert letter.subject.startswith("Tạm ngừng, sẽ chấm dứt")
