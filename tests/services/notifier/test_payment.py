"""Mails about a payment with all real parts of the notifier: each once, to the declared contact, and none
that is no longer true."""

from datetime import timedelta
from typing import Any

from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import NoticeStatus
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.world import World, adopted_office
from tests.support.service_process import until


def of(office_ref: str) -> dict[str, Any]:
    """The ids of the office and its one renewal."""
    return {"name": office_ref, "office_ref": office_ref}


async def test_commitment_and_payment_in_two_parts(notifier_world: World, office_ref: str) -> None:
    world, named = notifier_world, of(office_ref)
    world.clock.move_to(ex.NOON)
    await adopted_office(world, office_ref)
    to = f"khai-{office_ref.lower()}@giahanso.example"
    first = await world.publish(
        ex.registered(**named, email=to), pay.day_accepted("rule", **named), pay.awaited("due", **named)
    )
    await world.post.letters(to, 2)
    second = await world.publish(pay.received(1_000_000, number=1, **named), pay.day_extended(**named))
    await world.post.letters(to, 4)
    await world.publish_again(*first, *second)
    later = ex.NOON + timedelta(days=1)
    world.clock.move_to(later)
    await world.publish(
        pay.received(1_000_000, 2_000_000, 2, **named, at=later),
        pay.received(400_000, pay.TOTAL, 3, **named, at=later),
    )
    await world.post.letters(to, 6)
    wrong = pay.taken_back(amount=400_000, paid=2_000_000, number=3, **named, at=later)
    await world.publish(wrong)
    await world.post.letters(to, 7)
    await world.ended_notice(wrong)
    subjects = sorted(letter.subject.split(" – ")[0] for letter in world.post.to(to))
    assert subjects == sorted(
        ["Phiếu đăng ký chưa được ký số", "Còn 7 ngày đến hạn thanh toán"]
        + ["Hạn thanh toán được lùi đến ngày 29/12/2026"]
        + ["Đã nhận tiền thanh toán"] * 3
        + ["Đính chính thư báo đã nhận tiền"]
    )


async def test_money_that_came_meanwhile_causes_no_reminder(notifier_world: World, office_ref: str) -> None:
    """Guards against: after an outage all events come at once, and an office that has paid is told that it
    has not."""
    world, named = notifier_world, of(office_ref)
    world.clock.move_to(ex.NOON)
    asking: list[NoticeEvent] = [
        pay.day_accepted(**named),
        pay.awaited("overdue", 3, **named),
        pay.not_seen(**named),
        pay.claim_refused(**named),
    ]
    paid = pay.received(**named)
    envelopes = await world.publish(ex.registered(**named), *asking, paid)
    ids = [str(envelope.id) for envelope in envelopes]
    parked = world.service.database["parked"]

    async def all_wait() -> bool:
        return await parked.count_documents({"_id": {"$in": ids}}) == len(ids)

    await until(all_wait, "all wait for the contact")
    to = await adopted_office(world, office_ref)
    assert [(await world.ended_notice(event))["status"] for event in asking] == [NoticeStatus.OVERTAKEN] * 4
    await world.ended_notice(paid)
    letters = await world.post.letters(to, 2)
    assert {letter.subject.split(" – ")[0] for letter in letters} == {
        "Phiếu đăng ký chưa được ký số",
        "Đã nhận tiền thanh toán",
    }
