"""Which of many waiting notices are taken first, and how many the database looks at for that."""

from datetime import timedelta

from services.notifier.domain.notice import Notice, Wait
from services.notifier.email.queue import MailQueue
from services.notifier.notices.store import INDEXES, ORDER, due_query
from tests.services.notifier import examples as ex
from tests.services.notifier.rig import Rig, lock, reminder

_FURTHEST = timedelta(hours=2)


async def _due(rig: Rig, limit: int = 100) -> list[Notice]:
    found, _ = await rig.handlers.notices.due(rig.clock.now(), rig.real.now(), _FURTHEST, limit)
    return [stored.state for stored in found]


async def test_the_most_urgent_are_taken_first_and_of_those_the_longest_due(rig: Rig) -> None:
    for number in range(4):
        await rig.office(number)
    await rig.record(reminder(0), reminder(1), lock(2))
    rig.clock.move_to(ex.NOON + timedelta(minutes=1))
    await rig.record(lock(3))
    old = {"$unset": {"urgency": ""}}
    await rig.service.database["notices"].update_one({"_id": str(ex.notice(reminder(1)).id)}, old)
    expected = [ex.notice(event).id for event in (reminder(1), lock(2), lock(3), reminder(0))]
    assert [notice.id for notice in await _due(rig)] == expected
    assert [notice.id for notice in await _due(rig, 2)] == expected[:2]


async def test_a_batch_is_found_without_looking_at_all_that_wait_or_have_ended(rig: Rig) -> None:
    """Guards against: each batch of a midnight sorts 600,000 notices, or reads those of all years."""
    now, notices = ex.NOON, rig.service.database["notices"]
    await notices.create_indexes([*INDEXES])
    dues = [None, now - timedelta(hours=1), None, now + timedelta(hours=1)]
    await notices.insert_many(
        [
            {"_id": str(n), "urgency": n % 6, "due_at": dues[n // 6 % 4], "held_until": None}
            for n in range(4800)
        ]
    )
    query = due_query(now, now, _FURTHEST)
    found = await notices.find(query).sort([*ORDER]).limit(300).to_list(None)
    assert [one["urgency"] for one in found] == [0] * 200 + [1] * 100
    stats = (await notices.find(query).sort([*ORDER]).limit(300).explain())["executionStats"]
    assert stats["totalDocsExamined"] <= 310
    assert stats["totalKeysExamined"] <= 330


async def test_the_queue_tells_how_many_wait_and_for_how_long(rig: Rig) -> None:
    for number in range(6):
        await rig.office(number)
    await rig.record(*(lock(number) for number in range(6)))
    for event, cause in ((lock(0), Wait.RECIPIENT), (lock(1), Wait.RELAY)):
        change = {"$set": {"waits_for": cause}}
        await rig.service.database["notices"].update_one({"_id": str(ex.notice(event).id)}, change)
    queue = MailQueue(rig.handlers.notices, 0.001)
    assert queue.expected(await queue.waiting()) == timedelta(seconds=5000)
    assert await queue.describe() == "5 mails wait, about 1 h 23 min"
