"""What an office loses is told before what it may lose later; what a person waits for is told first."""

from services.notifier.domain.matter import NoticeEvent, matter_of
from services.notifier.domain.urgency import urgency_of
from tests.services.notifier import examples as ex


def test_locks_and_final_notices_go_before_reminders_the_most_urgent_first() -> None:
    groups: list[list[NoticeEvent]] = [
        [ex.registered(), ex.refused(), ex.paper_returned(), ex.contract_to_sign(), ex.contract_lapsed()],
        [ex.locked(30), ex.terminated()],
        [ex.locked(1)],
        [ex.signature_awaited(), ex.paper_awaited()],
        [ex.expiring(1), ex.expiring(7)],
        [ex.expiring(8), ex.expiring(90)],
    ]
    found = [{urgency_of(matter_of(event)) for event in group} for group in groups]
    assert found == [{0}, {1}, {2}, {3}, {4}, {5}]
