"""A last day of use that is corrected to another day and back causes at most one mail to the office."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import permutations, product
from uuid import UUID

import pytest

from services.notifier.domain.contact import contact_id
from services.notifier.domain.matter import StageEvent, is_relaxation, matter_of
from services.notifier.domain.notice import notice_id
from services.subscription.domain.changes.correction import correct, restate
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event
from shared.events.subscription import AccessLocked, SubscriptionExpiring
from tests.services.subscription.examples import (
    BOTH,
    adopted,
    advanced,
    days,
    licence,
    noon,
    noticed,
    on_paper,
)

TODAY = date(2026, 6, 15)
LEFT = (-61, -40, -5, 0, 2, 20, 120)
"""Days left of the true date and of the other one: each stage, its edges, and the days around reminders."""


def mailed(events: Iterable[Event]) -> set[UUID]:
    """The notices that the notifier would send by mail."""
    news = [
        e
        for e in events
        if isinstance(e, StageEvent) and not (isinstance(e, AccessLocked) and is_relaxation(e))
    ]
    return {notice_id(e.subscription_id, matter_of(e), contact_id(e.subscription_id)) for e in news}


def stated(
    state: Subscription, last_day: date, policy: str, how: str, now: datetime
) -> tuple[Subscription, set[UUID]]:
    """A named person or a list states the date. What is mailed arrives at once."""
    changed = licence(last_day, policy=policy)
    many = how == "one of many"
    named = how == "named"
    decision = correct(state, changed, now, BOTH) if named else restate(state, changed, now, BOTH, many=many)
    state, news = decision.state, mailed(decision.events)
    for event in decision.events:
        if isinstance(event, SubscriptionExpiring | AccessLocked):
            arrived = noticed(state, event.new_stage, now)
            state = arrived.state if arrived else state
            news |= mailed(arrived.events) if arrived else set()
    return state, news


@pytest.mark.parametrize("policy", sorted(BOTH))
@pytest.mark.parametrize("registered", [False, True])
def test_date_there_and_back_is_one_mail(policy: str, registered: bool) -> None:
    for true, other in permutations(LEFT, 2):
        lived = advanced(adopted(TODAY - days(200), TODAY + days(true), policy=policy), TODAY)
        if registered:
            opened = on_paper(lived, UUID(int=1), noon(TODAY), BOTH)
            lived = opened.state if opened else lived
        for there, back, later in product(("named", "list", "one of many"), ("named", "list"), (0, 1)):
            state, first = stated(lived, TODAY + days(other), policy, there, noon(TODAY))
            then = noon(TODAY + days(later)) + timedelta(minutes=1)
            state = advanced(state, TODAY + days(later))
            _, second = stated(state, TODAY + days(true), policy, back, then)
            assert len(first | second) <= 1, (true, other, there, back, later)
