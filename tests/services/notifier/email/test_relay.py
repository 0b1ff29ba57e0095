"""A misconfigured relay refuses everybody: all mail waits, and no refusal counts against an office."""

import re

import pytest
from prometheus_client.exposition import generate_latest

from services.notifier.domain.notice import NoticeStatus
from services.notifier.email.meters import WaitingMailMeter
from services.notifier.email.sender import Sender
from shared.observability.metrics import Metrics
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import PostOffice
from tests.services.notifier.rig import FAILED, Rig, lock, sending
from tests.support.service_process import until

DENIED = [
    ("rcpt", "554 5.7.1 Relay access denied"),
    ("rcpt", "530 5.7.0 Authentication required"),
    ("rcpt", "550 5.4.1 Recipient address rejected: Access denied"),
    ("rcpt", "550-5.1.1 The mailbox\r\n550 5.1.1 is none"),
    ("rcpt", "550 no"),
    ("data", "550 5.4.5 Daily sending quota exceeded"),
    ("data", "421 4.3.2 closing"),
]


async def offices(rig: Rig, count: int) -> list[str]:
    addresses = [f"ke.toan@dv-{number}.example" for number in range(count)]
    for number, address in enumerate(addresses):
        await rig.record(ex.recorded(office_ref=f"office-{number}", email=address))
    return addresses


async def register(rig: Rig, sender: Sender) -> dict[str, float]:
    """The metrics of the mail, by name and label."""
    metrics = Metrics()
    await WaitingMailMeter(sender._queue, sender._delivery, rig.clock).register(metrics)()
    lines = generate_latest(metrics.registry).decode().splitlines()
    found = [re.fullmatch(r"(giahan_mail_\S+?)(?:\{\w+=\"(.*)\"\})? (\S+)", line) for line in lines]
    return {f"{match[1]} {match[2] or ''}".strip(): float(match[3]) for match in found if match}


@pytest.mark.parametrize(("place", "answer"), DENIED)
async def test_relay_that_refuses_everybody_bounces_nothing_and_when_mended_all_goes(
    rig: Rig, post: PostOffice, caplog: pytest.LogCaptureFixture, place: str, answer: str
) -> None:
    """Guards against: after a misconfigured relay every office counted as warned."""
    addresses = await offices(rig, 7)
    for address in addresses:
        post.answers(getattr(post, place), address, *[answer] * 500)
    await rig.record(*(lock(number) for number in range(7)))
    sender = rig.sender()
    async with sending(sender):
        cause = await until(lambda: _cause(sender), "the relay is at fault")

        async def all_wait() -> bool:
            return (await register(rig, sender))["giahan_mail_waiting relay"] == 7

        await until(all_wait, "all wait for the relay")
        told = await register(rig, sender)
        assert (told[f"giahan_mail_held {cause}"], told["giahan_mail_expected_seconds"]) == (1, 0.7)
        assert FAILED not in await rig.event_types()
        for address in addresses:
            post.answers(getattr(post, place), address)
        for number in range(7):
            await rig.becomes(lock(number), NoticeStatus.DELIVERED)
    logs = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [log["cause"] for log in logs if log["event"] == "mail.held"] == [cause]
    assert not [log for log in logs if any(address in str(log) for address in addresses)]
    goes = await register(rig, sender)
    assert (goes["giahan_mail_sent_total locked"], goes["giahan_mail_waiting relay"]) == (7, 0)
    assert FAILED not in await rig.event_types()


async def _cause(sender: Sender) -> str | None:
    return sender._delivery.relay.cause if "all mail waits" in sender._detail else None


async def test_three_dead_mailboxes_among_fifty_stay_three(rig: Rig, post: PostOffice) -> None:
    addresses = await offices(rig, 53)
    dead = (5, 6, 52)
    for number in dead:
        post.answers(post.rcpt, addresses[number], *["550 5.1.1 no such user"] * 20)
    await rig.record(*(lock(number) for number in range(53)))
    sender = rig.sender()
    async with sending(sender):
        for number in dead:
            await rig.refused(lock(number))
        for number in set(range(53)) - {*dead}:
            await rig.becomes(lock(number), NoticeStatus.DELIVERED)
        rig.let_doubt_pass()
        for number in dead:
            await rig.becomes(lock(number), NoticeStatus.REFUSED)
        figures = await register(rig, sender)
    assert figures["giahan_mail_bounced_total 5.1.1"] == 3
    assert (await rig.event_types()).count(FAILED) == 3


async def test_what_waited_is_sent_only_if_it_is_still_true(rig: Rig, post: PostOffice) -> None:
    addresses = await offices(rig, 4)
    for address in addresses:
        post.answers(post.rcpt, address, *["554 5.7.1 Relay access denied"] * 500)
    await rig.record(*(lock(number) for number in range(4)))
    sender = rig.sender()
    async with sending(sender):
        await until(lambda: _cause(sender), "the relay is at fault")
        renewed = ex.renewed(office_ref="office-1")
        await rig.record(renewed)
        for address in addresses:
            post.answers(post.rcpt, address)
        await rig.becomes(lock(1), NoticeStatus.OVERTAKEN)
        for number in (0, 2, 3):
            await rig.becomes(lock(number), NoticeStatus.DELIVERED)
    assert addresses[1] not in {taken.recipients[0] for taken in post.taken}


async def test_refusal_known_to_a_dead_sender_is_received_again(rig: Rig, post: PostOffice) -> None:
    """The next sender doesn't know what the relay replied for others."""
    (address,) = await offices(rig, 1)
    post.answers(post.rcpt, address, "550 5.1.1 no such user")
    await rig.record(lock(0))
    async with sending(rig.sender()):
        await rig.refused(lock(0))
    rig.let_doubt_pass()
    async with sending(rig.sender()):
        await rig.becomes(lock(0), NoticeStatus.DELIVERED)
