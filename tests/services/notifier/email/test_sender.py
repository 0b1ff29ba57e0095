"""The sender, on a real database and a real SMTP server that misbehaves."""

import asyncio
import math
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
from pymongo.errors import OperationFailure

from services.notifier.domain.delivery import begin_attempt
from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import Notice, NoticeStatus
from services.notifier.email.composer import Composer, OutgoingMessage
from services.notifier.email.meters import DeliveryCollector
from shared.background.heartbeat import Heartbeat
from shared.events.base import Stage
from shared.storage.aggregate import Decision
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import DROP, SILENCE, PostOffice
from tests.services.notifier.rig import DELIVERED, FAILED, Rig, lock, reminder, sending
from tests.support.service_process import until

_IMPATIENT = 2.0
"""Seconds of an attempt where the server falls silent. The others may take long on a busy machine."""


async def test_notice_is_delivered_once_with_everything_in_it(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    await rig.record(reminder(1))
    async with sending(rig.sender()):
        (letter,) = await post.letters(address)
        notice = await rig.becomes(reminder(1), NoticeStatus.DELIVERED)
    assert letter.recipients == (address,)
    assert letter.message_id == notice.message_id
    assert letter.subject == f"Sắp hết hạn: còn 30 ngày – Phần mềm Quản lý tài sản ({ex.OFFICE})"
    assert (notice.smtp_code, notice.attempts) == (250, 1)
    assert await rig.event_types() == [DELIVERED]


async def test_one_good_and_one_refused_recipient(rig: Rig, post: PostOffice) -> None:
    good, bad = await rig.office(1), await rig.office(2)
    post.answers(post.rcpt, bad, "550 5.1.1 no such user")
    await rig.record(reminder(1), reminder(2))
    async with sending(rig.sender(smtp_connections=1)):
        await rig.becomes(reminder(1), NoticeStatus.DELIVERED)
        await rig.confirm_refusal(reminder(2))
        refused = await rig.becomes(reminder(2), NoticeStatus.REFUSED)
    assert [taken.recipients for taken in post.taken] == [(good,)]
    assert refused.smtp_code == 550
    assert await rig.event_types() == [DELIVERED, FAILED]


async def test_an_unreadable_notice_at_the_head_holds_up_no_other(
    rig: Rig, post: PostOffice, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer release recorded its reason, in a rolling upgrade. It alone fills the first batch."""
    monkeypatch.setattr("services.notifier.email.sender._BATCH_SIZE", 1)
    await rig.office(1)
    address = await rig.office(2)
    await rig.record(lock(1), reminder(2))
    unreadable = str(ex.notice(lock(1)).id)
    newer = {"$set": {"matter.reason": "newer"}}
    await rig.service.database["notices"].update_one({"_id": unreadable}, newer)
    sender = rig.sender()
    async with sending(sender):
        await rig.becomes(reminder(2), NoticeStatus.DELIVERED)
    assert [letter.recipients for letter in post.taken] == [(address,)]
    assert await sender._delivery.due(10) == []
    assert await sender._delivery.until_due() == math.inf
    logs = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [log["notice_id"] for log in logs if log["event"] == "mail.unreadable"] == [unreadable]
    found = DeliveryCollector(sender._delivery).collect()
    counts = {sample.name: sample.value for metric in found for sample in metric.samples}
    assert counts["giahan_mail_unreadable"] == 1


async def test_busy_server_is_tried_again_after_a_while(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    post.answers(post.rcpt, address, "450 4.2.0 greylisted")
    post.answers(post.data, address, "451 4.3.0 try later")
    await rig.record(reminder(1))
    async with sending(rig.sender()):
        for code, wait in ((450, 1), (451, 2)):

            async def deferred(code: int = code) -> bool:
                notice = await rig.notice(reminder(1))
                return (notice.status, notice.smtp_code) == (NoticeStatus.RECORDED, code)

            await until(deferred, f"answer {code}")
            due = (await rig.notice(reminder(1))).due_at
            assert due == rig.clock.now() + timedelta(minutes=wait)
            rig.clock.move_to(due)
        await rig.becomes(reminder(1), NoticeStatus.DELIVERED)
    assert len(post.to(address)) == 1


async def test_refused_after_data(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    post.answers(post.data, address, "554 5.2.1 mailbox disabled")
    await rig.record(lock(1))
    async with sending(rig.sender()):
        await rig.confirm_refusal(lock(1))
        notice = await rig.becomes(lock(1), NoticeStatus.REFUSED)
    assert (notice.smtp_code, post.taken) == (554, [])


async def test_lock_goes_again_with_its_message_id_when_nobody_answered(rig: Rig, post: PostOffice) -> None:
    for number, bounce_class in ((1, DROP), (2, SILENCE)):
        address = await rig.office(number)
        post.answers(post.data, address, bounce_class)
        await rig.record(lock(number))
    async with sending(rig.sender(smtp_seconds=_IMPATIENT)):
        for number in (1, 2):
            await rig.becomes(lock(number), NoticeStatus.UNKNOWN)
    rig.clock.move_to(rig.clock.now() + timedelta(minutes=1))
    async with sending(rig.sender()):
        for number in (1, 2):
            await rig.becomes(lock(number), NoticeStatus.DELIVERED)
    for number in (1, 2):
        first, second = post.to(f"office{number}@giahanso.example")
        assert first.message_id == second.message_id
        assert first.message.as_bytes().count(b"boundary") == second.message.as_bytes().count(b"boundary")


async def test_reminder_is_parked_when_nobody_answered(rig: Rig, post: PostOffice) -> None:
    for number, bounce_class in ((1, DROP), (2, SILENCE)):
        address = await rig.office(number)
        post.answers(post.data, address, bounce_class)
        await rig.record(reminder(number))
    async with sending(rig.sender(smtp_seconds=_IMPATIENT)):
        for number in (1, 2):
            await rig.becomes(reminder(number), NoticeStatus.PARKED)
        # The connections work again: other letters go through them.
        other = await rig.office(3)
        await rig.record(reminder(3))
        await post.letters(other)
    assert len(post.taken) == 3
    assert await rig.event_types() == [DELIVERED, FAILED, FAILED]


async def test_address_that_is_none_is_refused_without_asking(rig: Rig, post: PostOffice) -> None:
    await rig.record(ex.recorded(office_ref="office-1", email="kế toán <x>\r\nRCPT TO:<y@example.com>"))
    await rig.record(reminder(1))
    async with sending(rig.sender()):
        notice = await rig.becomes(reminder(1), NoticeStatus.REFUSED)
    assert (notice.smtp_code, post.taken) == (None, [])


async def test_corrected_address_gets_the_notice_that_waits(rig: Rig, post: PostOffice) -> None:
    await rig.office(1)
    corrected = ex.recorded(Stage.EXPIRING, office_ref="office-1", email="new@giahanso.example")
    await rig.record(reminder(1), corrected)
    async with sending(rig.sender()):
        await post.letters("new@giahanso.example")
    assert len(post.taken) == 1


async def test_server_that_is_away_costs_no_attempt(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    await rig.record(reminder(1))
    heartbeat = Heartbeat("sender", limit=30)
    nowhere = asyncio.create_task(rig.sender(smtp_port=1).run(heartbeat))

    async def says_so() -> bool:
        return heartbeat.detail == "all mail waits: SMTPConnectError"

    await until(says_so, "the pulse tells of the server")
    assert heartbeat.alive()
    nowhere.cancel()
    await asyncio.wait([nowhere])
    async with sending(rig.sender()):
        await post.letters(address)
        notice = await rig.becomes(reminder(1), NoticeStatus.DELIVERED)
    assert notice.attempts == 1


async def test_connection_closed_while_idle_is_opened_again(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    sender = rig.sender(smtp_connections=1)
    async with sending(sender):
        await rig.record(reminder(1))
        await rig.becomes(reminder(1), NoticeStatus.DELIVERED)
        smtp = sender._connections[0]._smtp
        assert smtp is not None
        assert smtp.transport is not None
        smtp.transport.abort()  # type: ignore[attr-defined]
        await rig.record(lock(1))
        notice = await rig.becomes(lock(1), NoticeStatus.DELIVERED)
    assert (len(post.to(address)), notice.attempts) == (2, 1)


async def test_two_senders_forced_live_send_no_second_mail(rig: Rig, post: PostOffice) -> None:
    addresses = [await rig.office(number) for number in range(30)]
    for number in range(30):
        await rig.record(lock(number))
    async with sending(rig.sender("one"), rig.sender("two")):
        for number in range(30):
            await rig.becomes(lock(number), NoticeStatus.DELIVERED)
    assert sorted(taken.recipients[0] for taken in post.taken) == sorted(addresses)


async def test_sender_tells_what_waits_while_it_is_many(rig: Rig) -> None:
    for number in range(3):
        await rig.office(number)
    await rig.record(lock(0), lock(1), lock(2))
    sender = rig.sender(smtp_rate=0.01)
    for busy, detail in ((99, "sends"), (100, "sends: 3 mails wait, about 0 h 05 min"), (1, "sends")):
        await sender._describe(busy)
        assert sender._detail == detail


async def test_second_sender_is_on_standby(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    first, second = rig.sender(), rig.sender()
    heartbeat = Heartbeat("sender", limit=30)
    async with sending(first):
        await rig.record(reminder(1))
        await post.letters(address)
        second._lease._holder = "another"
        standing_by = asyncio.create_task(second.run(heartbeat))

        async def stands_by() -> bool:
            return heartbeat.detail == "standby"

        await until(stands_by, "the second stands by")
        standing_by.cancel()
        await asyncio.wait([standing_by])


async def test_clock_that_was_a_day_ahead_puts_no_letter_off(rig: Rig, post: PostOffice) -> None:
    """Guards against: a machine with a wrong clock writes times for which the others then wait."""
    addresses, right = [await rig.office(number) for number in (1, 2)], ex.NOON
    _set(rig, right + timedelta(days=1))
    await rig.record(lock(1), lock(2))
    await _begun(rig, lock(2), timedelta(seconds=20))
    assert (await rig.notice(lock(1))).held_until, "told late, as that clock sees it"
    _set(rig, right)
    async with sending(rig.sender()):
        await rig.becomes(lock(1), NoticeStatus.DELIVERED)
        await rig.becomes(lock(2), NoticeStatus.UNKNOWN)
        rig.clock.move_to(right + timedelta(minutes=1))
        await rig.becomes(lock(2), NoticeStatus.DELIVERED)
    assert sorted(taken.recipients[0] for taken in post.taken) == sorted(addresses)


async def test_letter_is_not_put_off_for_an_hour_by_a_database_that_gave_up_once(
    rig: Rig, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: a transient error of the database, known by its code alone, is taken for a letter that
    can't be written."""
    await rig.office(1)
    await rig.record(reminder(1))
    compose, faults = Composer.compose, iter([True])

    async def gives_up_once(self: Composer, notice: Notice) -> OutgoingMessage | None:
        if next(faults, False):
            raise OperationFailure("time limit exceeded", 262)
        return await compose(self, notice)

    monkeypatch.setattr(Composer, "compose", gives_up_once)
    async with sending(rig.sender()):
        await rig.becomes(reminder(1), NoticeStatus.DELIVERED)


async def test_clock_that_falls_a_day_behind_puts_no_letter_off(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    await rig.record(lock(1))
    _set(rig, ex.NOON - timedelta(days=1))
    async with sending(rig.sender()):
        await post.letters(address)
        await rig.becomes(lock(1), NoticeStatus.DELIVERED)


def _set(rig: Rig, at: datetime) -> None:
    for clock in (rig.clock, rig.real):
        clock.move_to(at)


async def _begun(rig: Rig, event: NoticeEvent, held: timedelta) -> None:
    """An attempt whose sender has died without a result."""
    stored = await rig.handlers.notices.load(ex.notice(event).id)
    assert stored is not None
    begun = begin_attempt(stored.state, rig.clock.now(), rig.real.now() + held)
    assert await rig.handlers.notices.replace(stored, begun)


async def test_attempt_of_a_dead_sender_is_unknown_and_only_after_it_has_surely_ended(
    rig: Rig, post: PostOffice
) -> None:
    addresses = [await rig.office(number) for number in (1, 2)]
    await rig.record(reminder(1), lock(2))
    for event in (reminder(1), lock(2)):
        await _begun(rig, event, timedelta(seconds=1))
    other = await rig.office(3)
    async with sending(rig.sender()):
        await rig.record(reminder(3))
        await post.letters(other)
        assert (await rig.notice(lock(2))).status is NoticeStatus.SENDING
        rig.real.move_to(rig.real.now() + timedelta(seconds=1))
        await rig.becomes(reminder(1), NoticeStatus.PARKED)
        await rig.becomes(lock(2), NoticeStatus.UNKNOWN)
        rig.clock.move_to(rig.clock.now() + timedelta(minutes=1))
        await rig.becomes(lock(2), NoticeStatus.DELIVERED)
    assert [len(post.to(address)) for address in addresses] == [0, 1]


async def test_overtaken_notice_is_not_sent(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    late_lock = ex.locked(1, office_ref="office-1")
    rig.clock.move_to(ex.on(-31))
    final = ex.locked(31, office_ref="office-1")
    async with sending(rig.sender()):
        await rig.record(late_lock, final)
        await rig.becomes(final, NoticeStatus.DELIVERED)
        assert (await rig.notice(late_lock)).status is NoticeStatus.RECORDED
        rig.real.move_to(rig.real.now() + timedelta(seconds=3))
        await rig.becomes(late_lock, NoticeStatus.OVERTAKEN)
    (letter,) = post.to(address)
    assert letter.subject.startswith("Tạm ngừng, sẽ chấm dứt sau 29 ngày")
    assert await rig.event_types() == [DELIVERED]


async def test_late_lock_that_is_still_true_is_sent(rig: Rig, post: PostOffice) -> None:
    address = await rig.office(1)
    rig.clock.move_to(ex.on(-10))
    async with sending(rig.sender()):
        await rig.record(ex.locked(1, office_ref="office-1"))
        rig.real.move_to(rig.real.now() + timedelta(seconds=3))
        await post.letters(address)


async def test_contract_that_is_not_stored_yet_holds_up_nobody(rig: Rig, post: PostOffice) -> None:
    address, other = await rig.office(1), await rig.office(2)
    contract = ex.issued()
    await rig.record(contract, reminder(2))
    async with sending(rig.sender(smtp_connections=1)):
        await post.letters(other)

        async def postponed() -> bool:
            due = (await rig.notice(contract)).due_at
            return due is not None and due > rig.clock.now()

        await until(postponed, "the contract's notice waits")
        data = b"%PDF-1.7 sealed"
        ref = await rig.service.documents.put(data, media_type="application/pdf", name="hd.pdf")
        stored = await rig.handlers.notices.load(ex.notice(contract).id)
        assert stored is not None
        matter = stored.state.matter.model_copy(update={"document": ref})
        due = stored.state.model_copy(update={"matter": matter, "due_at": rig.clock.now()})
        await rig.handlers.notices.replace(stored, Decision(due))
        (letter,) = await post.letters(address)
    (part,) = letter.message.iter_attachments()
    assert part.get_content() == data
    assert part.get_filename() == "hop-dong-12-2026-HD-GHS.pdf"


async def test_stopping_ends_the_attempt_under_way_and_takes_up_no_other(rig: Rig, post: PostOffice) -> None:
    for number in range(5):
        await rig.office(number)
        await rig.record(reminder(number))
    post.gate = asyncio.Event()
    stack = AsyncExitStack()
    await stack.enter_async_context(sending(rig.sender(smtp_connections=2)))

    async def both_wait() -> bool:
        return post.waiting == 2

    await until(both_wait, "two letters under way")
    stopping = asyncio.create_task(stack.aclose())
    await asyncio.sleep(0)
    post.gate.set()
    await stopping
    statuses = sorted([(await rig.notice(reminder(number))).status for number in range(5)])
    assert statuses == [NoticeStatus.DELIVERED] * 2 + [NoticeStatus.RECORDED] * 3
    assert len(post.taken) == 2


async def test_mail_about_a_registration_goes_to_the_address_that_it_declares(
    rig: Rig, post: PostOffice
) -> None:
    old, new = await rig.office(1), "moi@giahanso.example"
    await rig.record(ex.registered(email=new))
    returned = ex.paper_returned()
    await rig.record(returned)
    async with sending(rig.sender()):
        letters = await post.letters(new, 2)
        (warning,) = await post.letters(old)
        await rig.record(reminder(1))
        _, reminded = await post.letters(old, 2)
    assert {letter.subject.split(" – ")[0] for letter in letters} == {
        "Phiếu đăng ký chưa được ký số",
        "Phiếu chưa hợp lệ, cần gửi lại",
    }
    assert warning.subject.startswith("Thư về đăng ký gia hạn gửi đến địa chỉ khác")
    assert new not in str(warning.message)
    assert reminded.subject.startswith("Sắp hết hạn")


async def test_the_former_address_gets_a_notice_though_the_licence_has_the_new_one_by_then(
    rig: Rig, post: PostOffice
) -> None:
    old, new = await rig.office(1), "moi@giahanso.example"
    await rig.record(ex.registered(email=new), ex.recorded(office_ref="office-1", email=new))
    async with sending(rig.sender()):
        (warning,) = await post.letters(old)
        (receipt,) = await post.letters(new)
    assert warning.subject.startswith("Thư về đăng ký gia hạn gửi đến địa chỉ khác")
    assert receipt.subject.startswith("Phiếu đăng ký chưa được ký số")


async def test_the_same_address_in_other_letters_is_no_change(rig: Rig, post: PostOffice) -> None:
    old = await rig.office(1)
    await rig.record(ex.registered(email=old.upper()))
    async with sending(rig.sender()):
        await post.letters(old.upper())
        await rig.becomes(ex.registered(email=old.upper()), NoticeStatus.DELIVERED)
    assert post.to(old) == []
