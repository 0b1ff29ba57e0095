"""An open registration prevents the end, and nothing else."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from services.subscription.domain.changes import registration
from services.subscription.domain.changes.temporary_access import SentForm
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy, Stage
from shared.events.subscription import SubscriptionExpiring
from tests.services.subscription.domain.changes.states import ID, OTHER, Change, after, locked, renewed
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    adopted,
    days,
    ended,
    moves,
    noon,
)


def by(way: SendBy, hour: int = 0, id: UUID = ID) -> Change:
    """Registered at hour 0, or with another way of sending that many hours later."""

    def tell(state: Subscription) -> Decided | None:
        at = noon(ENDS - days(90)) + timedelta(hours=hour)
        return registration.change_sending(state, id, way, at, noon(state.told_on), BOTH)

    return tell


def signs(state: Subscription) -> Decided | None:
    return registration.sign_form(state, SentForm(ID, noon(state.told_on)), 1, 0, noon(state.told_on), BOTH)


def closes(state: Subscription) -> Decided | None:
    return registration.close(state, ID, noon(state.told_on), BOTH)


PAPER, ELECTRONIC = by(SendBy.PAPER), by(SendBy.ELECTRONIC)


def opened(state: Subscription) -> Subscription:
    return after(state, PAPER)


@pytest.mark.parametrize(
    ("tellings", "open"),
    [
        ((PAPER,), True),
        ((ELECTRONIC,), False),
        ((ELECTRONIC, signs), True),
        ((PAPER, by(SendBy.ELECTRONIC, 1)), False),
        ((PAPER, by(SendBy.ELECTRONIC, 1), by(SendBy.PAPER, 2)), True),
        ((ELECTRONIC, by(SendBy.PAPER, 1), by(SendBy.ELECTRONIC, 2)), False),
        ((ELECTRONIC, by(SendBy.PAPER, 1), signs), True),
        ((PAPER, closes), False),
        ((ELECTRONIC, signs, closes), False),
        ((PAPER, by(SendBy.ELECTRONIC, 1), signs, closes), False),
    ],
)
def test_it_is_open_as_if_all_had_come_in_order(tellings: tuple[Change, ...], open: bool) -> None:
    """Guards against: two topics have no common order, and a dead letter is redriven days later: a
    registration that had ended stayed open for ever, or an office that never signs prevented the end."""
    for order in permutations(tellings):
        state = after(adopted(ENDS), *order)
        assert state.open_registrations == ((ID,) if open else ())
        assert after(state, *tellings) == state, "a repeat changes nothing"


def test_one_closes_and_another_stays() -> None:
    state = after(adopted(ENDS), PAPER, by(SendBy.PAPER, id=OTHER), closes)
    assert state.open_registrations == (OTHER,)


@pytest.mark.parametrize("late", [PAPER, signs, closes])
def test_contract_leaves_nothing_of_its_registration(late: Change) -> None:
    """Guards against: two topics have no common order, and a finished registration would stay open for
    ever."""
    state = after(adopted(ENDS), ELECTRONIC, signs)
    later = renewed(state, ENDS)
    assert (later.open_registrations, later.registrations) == ((), {})
    assert late(later) is None


def test_it_neither_locks_nor_opens() -> None:
    state = opened(adopted(ENDS))
    locked = advance(state, noon(ENDS + days(1)), BOTH)
    assert moves(locked.events) == [("expiring", "locked", ENDS + days(1))]
    assert opened(ended()).stage == Stage.TERMINATED, "what has ended stays ended"


def test_one_that_comes_before_the_schedule_takes_no_reminder_away() -> None:
    """Guards against: a message in the first minutes of a day replaces that day's reminder."""
    now = noon(ENDS - days(60))
    decision = registration.change_sending(adopted(ENDS - days(61)), ID, SendBy.PAPER, now, now, BOTH)
    assert decision is not None
    (reminder,) = decision.events
    assert isinstance(reminder, SubscriptionExpiring)
    assert (reminder.days_left, reminder.effective_on) == (60, ENDS - days(60))
    assert advance(decision.state, noon(ENDS - days(60)), BOTH).events == ()


def test_a_refusal_long_after_the_date_leaves_the_rest_of_the_lock() -> None:
    state = opened(locked(50))
    later = advance(state, noon(ENDS + days(90)), BOTH).state
    refused = registration.close(later, ID, noon(ENDS + days(90)), BOTH)
    assert refused is not None
    assert (refused.events, refused.state.stage) == ((), Stage.FINAL_NOTICE)
