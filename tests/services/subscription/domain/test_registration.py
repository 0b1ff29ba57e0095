"""An open registration keeps the end away, and nothing else."""

from uuid import UUID

from services.subscription.domain.contract import Renewing
from services.subscription.domain.progress import advance
from services.subscription.domain.registration import (
    registration_closed,
    registration_opened,
    registration_signed,
    registration_unsigned,
)
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import SubscriptionExpiring
from tests.services.subscription.examples import BOTH, ENDS, adopted, contract, days, ended, moves, noon, told

ID, OTHER = UUID(int=1), UUID(int=2)


def opened(state: Subscription, id: UUID = ID) -> Subscription:
    decision = registration_opened(state, id, noon(state.told_on), BOTH)
    assert decision is not None
    return decision.state


def test_it_is_noted_once_and_closed_once() -> None:
    state = opened(adopted(ENDS))
    assert state.open_registrations == (ID,)
    assert registration_opened(state, ID, noon(ENDS), BOTH) is None
    closed = registration_closed(opened(state, OTHER), ID, noon(ENDS), BOTH)
    assert closed is not None
    assert closed.state.open_registrations == (OTHER,)


def test_one_whose_contract_came_first_opens_nothing() -> None:
    """Kind of fault: two topics know no order, and what is done would stay open for ever."""
    renewed = Renewing(BOTH, "r117", noon(ENDS)).apply(adopted(ENDS), contract(ENDS, ENDS + days(365)))
    assert registration_opened(renewed.state, ID, noon(ENDS), BOTH) is None


def test_one_whose_refusal_came_first_never_opens() -> None:
    """Kind of fault: one that was a dead letter, redriven after its refusal, stood open for ever."""
    refused = registration_closed(adopted(ENDS), ID, noon(ENDS), BOTH)
    assert refused is not None
    assert refused.events == ()
    assert registration_closed(refused.state, ID, noon(ENDS), BOTH) is None, "once is enough"
    assert registration_opened(refused.state, ID, noon(ENDS), BOTH) is None
    assert opened(refused.state, OTHER).open_registrations == (OTHER,)


def signed(state: Subscription) -> Subscription:
    decision = registration_signed(state, ID, noon(state.told_on), BOTH)
    assert decision is not None
    return decision.state


def test_electronic_one_is_open_from_its_signature_on() -> None:
    """Kind of fault: whoever registers and never signs keeps the end away for ever."""
    state = signed(adopted(ENDS))
    assert (state.open_registrations, state.signed_registrations) == ((ID,), (ID,))
    assert registration_signed(state, ID, noon(ENDS), BOTH) is None, "once is enough"
    assert registration_opened(state, ID, noon(ENDS), BOTH) is None, "what was registered comes later"


def test_one_that_changes_from_paper_before_it_is_signed_is_open_no_more() -> None:
    decision = registration_unsigned(opened(adopted(ENDS)), ID, noon(ENDS), BOTH)
    assert decision is not None
    assert decision.state.open_registrations == ()
    assert signed(decision.state).open_registrations == (ID,), "and opens when it is signed"
    assert registration_unsigned(signed(opened(adopted(ENDS))), ID, noon(ENDS), BOTH) is None
    assert registration_unsigned(adopted(ENDS), ID, noon(ENDS), BOTH) is None


def test_signed_one_is_closed_whole() -> None:
    closed = registration_closed(signed(adopted(ENDS)), ID, noon(ENDS), BOTH)
    assert closed is not None
    assert (closed.state.open_registrations, closed.state.signed_registrations) == ((), ())


def test_contract_leaves_nothing_of_its_registration() -> None:
    state = signed(adopted(ENDS))
    renewed = Renewing(BOTH, "r117", noon(ENDS)).apply(state, contract(ENDS, ENDS + days(365))).state
    assert (renewed.open_registrations, renewed.signed_registrations) == ((), ())


def test_it_neither_locks_nor_opens() -> None:
    state = opened(adopted(ENDS))
    locked = advance(state, noon(ENDS + days(1)), BOTH)
    assert moves(locked.events) == [("expiring", "locked", ENDS + days(1))]
    assert opened(ended()).stage == Stage.TERMINATED, "what has ended stays ended"


def test_one_that_comes_before_the_schedule_takes_no_reminder_away() -> None:
    """Kind of fault: a message of the first minutes of a day swallows the reminder of that day."""
    decision = registration_opened(adopted(ENDS - days(61)), ID, noon(ENDS - days(60)), BOTH)
    assert decision is not None
    (reminder,) = decision.events
    assert isinstance(reminder, SubscriptionExpiring)
    assert (reminder.days_left, reminder.effective_on) == (60, ENDS - days(60))
    assert advance(decision.state, noon(ENDS - days(60)), BOTH).events == ()


def test_a_refusal_long_after_the_date_leaves_the_rest_of_the_lock() -> None:
    state = opened(told(adopted(ENDS), ENDS + days(50)))
    later = advance(state, noon(ENDS + days(90)), BOTH).state
    refused = registration_closed(later, ID, noon(ENDS + days(90)), BOTH)
    assert refused is not None
    assert (refused.events, refused.state.stage) == ((), Stage.FINAL_NOTICE)
