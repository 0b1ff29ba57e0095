"""What the notifier knows of a payment, whatever the order in which the events are handled."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import pytest

from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.notices.status_handlers import StatusHandlers
from shared.events.base import Event
from shared.messaging.envelope import Envelope
from shared.messaging.routes import Routes
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.email.letters import Shelf
from tests.services.notifier.world import aggregate_of, envelope
from tests.support.memory_projection import MemoryProjection


def numbered(events: Sequence[Event]) -> list[Envelope]:
    """The events as renewal publishes them: numbered by their aggregate."""
    counts: Counter[str] = Counter()
    envelopes = []
    for event in events:
        counts[aggregate_of(event)] += 1
        envelopes.append(envelope(event, counts[aggregate_of(event)]))
    return envelopes


async def status_after(envelopes: Sequence[Envelope]) -> PaymentProgress:
    statuses, routes = MemoryProjection(SubscriptionStatus), Routes()
    StatusHandlers(statuses, Shelf()).add_routes(routes)
    for one in envelopes:
        await routes.handle(one)
    return statuses.only().renewals[ex.renewal_id()].payment


@pytest.mark.parametrize(
    ("events", "known"),
    [
        (
            [pay.day_refused(), pay.day_accepted()],
            {"commitment": "accepted", "pay_by": pay.PAY_BY, "access_until": pay.ACCESS_UNTIL},
        ),
        ([pay.day_refused()], {"commitment": "refused", "pay_by": pay.PAY_BY}),
        (
            [pay.day_accepted("rule"), pay.awaited("overdue", 3), pay.day_extended()],
            {
                "commitment": "accepted",
                "pay_by": pay.LATER_DAY,
                "access_until": pay.day_extended().access_until,
                "reminded": 3,
            },
        ),
        ([pay.awaited("overdue", 3)], {"pay_by": pay.PAY_BY, "reminded": 3}),
        ([pay.claimed(), pay.not_seen()], {"claimed_on": pay.TODAY}),
        ([pay.claimed(), pay.claim_refused()], {"claimed_on": pay.TODAY, "claim_refused": True}),
        ([pay.claimed(), pay.claim_refused(), pay.claimed(pay.PAY_BY)], {"claimed_on": pay.PAY_BY}),
        (
            [pay.received(1_000_000), pay.received(1_400_000, pay.TOTAL, 2)],
            {"paid": pay.TOTAL, "total": pay.TOTAL, "received_on": pay.TODAY},
        ),
        (
            [pay.received(), pay.taken_back(refunded=True)],
            {"paid": 0, "total": pay.TOTAL, "received_on": pay.TODAY},
        ),
        (
            [pay.received(), pay.taken_back()],
            {
                "paid": 0,
                "total": pay.TOTAL,
                "received_on": pay.TODAY,
                "misrecorded": {pay.receipt_id(): True},
            },
        ),
        (
            [pay.day_accepted(), pay.claimed(), pay.awaited("overdue", 3), pay.received()],
            {
                "commitment": "accepted",
                "pay_by": pay.PAY_BY,
                "access_until": pay.ACCESS_UNTIL,
                "reminded": 3,
                "claimed_on": pay.TODAY,
                "paid": pay.TOTAL,
                "total": pay.TOTAL,
                "received_on": pay.TODAY,
            },
        ),
        (
            [pay.claimed().model_copy(update={"seen_by": pay.PAY_BY})],
            {"claimed_on": pay.TODAY, "seen_by": pay.PAY_BY},
        ),
        (
            [pay.claimed(), pay.claim_refused().model_copy(update={"due_on": pay.PAY_BY})],
            {"claimed_on": pay.TODAY, "claim_refused": True, "pay_by": pay.PAY_BY},
        ),
        (
            [pay.day_refused().model_copy(update={"due_on": pay.TODAY})],
            {"commitment": "refused", "pay_by": pay.TODAY},
        ),
    ],
)
async def test_status_is_as_if_all_had_come_in_order(events: list[Event], known: dict[str, object]) -> None:
    """Guards against: an event was a dead letter, is redriven after later ones, and its older fields win."""
    expected, envelopes = PaymentProgress.model_validate(known), numbered([ex.registered(), *events])
    for order in permutations(envelopes):
        assert await status_after([*order, envelopes[0]]) == expected
