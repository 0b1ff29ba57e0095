"""Access by a commitment to pay, while the contract is awaited."""

from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import pytest

from services.renewal.domain.payment.commitment import Commitment
from services.renewal.domain.working_days import next_working_day
from services.subscription.domain.changes import payment, registration
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy, Stage
from shared.events.commitment import CommitmentAccepted
from shared.events.subscription import SubscriptionExpiring
from tests.services.subscription.domain.changes.dates import conceded, corrected
from tests.services.subscription.domain.changes.forms import closes, granted, refuse_copy, sign
from tests.services.subscription.domain.changes.payments import (
    DUE,
    START,
    UNTIL,
    breaks,
    commits,
    extends,
    fields,
    paper,
    pays,
    registered,
)
from tests.services.subscription.domain.changes.states import ID, OTHER, Change, after, locked
from tests.services.subscription.examples import BOTH, advanced, days, noon, on_paper


def test_accepted_commitment_opens_the_product_until_the_money_must_be_here() -> None:
    state = after(sign(locked(40), START), commits(UNTIL))
    assert (state.temporary_until, state.temporary_for) == (UNTIL, ID)
    on = [current_entitlement(advanced(state, UNTIL), noon(UNTIL + days(n)), BOTH).stage for n in (0, 1)]
    assert on == [Stage.EXPIRING, Stage.LOCKED]


def test_the_office_is_warned_down_to_the_last_day_of_its_commitment() -> None:
    """It is never locked overnight: the notices of every term come before it."""
    state = after(sign(locked(40), START), commits(UNTIL))
    warned: list[int] = []
    while state.told_on < UNTIL:
        decision = advance(state, noon(state.told_on + days(1)), BOTH)
        warned += [event.days_left for event in decision.events if isinstance(event, SubscriptionExpiring)]
        state = decision.state
    assert warned == [60, 30, 15, 7, 3, 1, 0]


def test_a_commitment_without_its_form_opens_nothing_until_the_form_comes() -> None:
    state = after(registered(locked(40)), commits(UNTIL))
    assert state.temporary_until is None
    assert sign(state, START + days(1)).temporary_until == UNTIL


def test_a_copy_of_the_stamped_form_is_a_form_and_one_that_is_refused_is_none() -> None:
    known = after(locked(40), lambda state: on_paper(state, ID, noon(START), BOTH))
    state = after(granted(known, START), commits(UNTIL))
    assert state.temporary_until == UNTIL
    refused = refuse_copy(state, START + days(2))
    assert refused is not None
    assert refused.state.temporary_until == START + days(2)


def test_a_topic_alone_gives_no_year() -> None:
    forged = after(sign(locked(40), START), commits(START + timedelta(days=3000)))
    assert forged.temporary_until == START + days(120)


def test_extension_lengthens_and_an_older_word_changes_nothing() -> None:
    state = after(sign(locked(40), START), commits(UNTIL), extends(UNTIL + days(20), START + days(60)))
    assert state.temporary_until == UNTIL + days(20)
    assert after(state, commits(UNTIL)).temporary_until == UNTIL + days(20)


def test_a_closed_registration_has_no_access_by_its_commitment() -> None:
    state = after(sign(locked(40), START), commits(UNTIL), closes(START + days(1)))
    assert state.temporary_until == START + days(1)
    assert after(state, extends(UNTIL + days(20), START + days(2))).temporary_until == START + days(1)


def test_an_extension_gives_its_days_after_those_of_the_commitment() -> None:
    first = START + days(105)
    state = after(sign(locked(40), START), commits(first))
    assert after(state, extends(first + days(100), START + days(2))).temporary_until == first + days(100)
    assert after(state, extends(first + days(3000), START + days(2))).temporary_until == first + days(120)
    late = first + days(30)
    broken = after(advanced(state, late), breaks(late))
    assert after(broken, extends(late + days(110), late)).temporary_until == late + days(110)


def test_no_holiday_makes_the_access_of_a_commitment_longer_than_it_may_be() -> None:
    """Ninety days, and ninety more by an extension, also where both end before Tết."""
    longest = timedelta(0)
    for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(6 * 365)):
        first = Commitment(pay_by=next_working_day(day + days(90)))
        more = Commitment(pay_by=next_working_day(first.pay_by + days(90)))
        longest = max(longest, first.access_until - day, more.access_until - first.access_until)
    assert days(100) < longest <= days(120)
    state = after(sign(locked(40), START), commits(START + longest))
    assert state.temporary_until == START + longest
    again = after(state, extends(START + 2 * longest, START + days(60)))
    assert again.temporary_until == START + 2 * longest


def test_a_clock_that_runs_ahead_elsewhere_gives_no_day_more() -> None:
    ahead = CommitmentAccepted(
        **fields(noon(START + days(900))), pay_by=UNTIL, access_until=date.max, decided_by="desk", reason=""
    )
    state = after(
        sign(locked(40), START), lambda state: payment.record_commitment(state, ahead, 1, noon(START), BOTH)
    )
    assert state.temporary_until == START + days(120)


@pytest.mark.parametrize("gives", [commits(UNTIL), pays(DUE)])
def test_a_shorter_term_takes_nothing_from_a_commitment_or_a_payment(gives: Change) -> None:
    """Guards against: signed, and committed or paid, and the day on which the extension is withdrawn, or the
    date corrected, it is locked."""
    opened = conceded(locked(40), START, START + days(366))
    extended = after(registered(opened), gives, paper(START, 1))
    assert (extended.temporary_until, extended.full_until) == (None, START + days(366))
    later = START + days(5)
    withdrawn = conceded(advanced(extended, later), later, None)
    until = withdrawn.registrations[ID].committed_until or withdrawn.registrations[ID].paid_until
    assert (withdrawn.temporary_until, withdrawn.temporary_for) == (until, ID)
    assert current_entitlement(advanced(withdrawn, later + days(2)), noon(later + days(2)), BOTH).access
    assert until is not None
    stated = after(registered(corrected(locked(40), START, START + days(366))), gives, paper(START, 1))
    assert corrected(stated, later, START - days(1)).temporary_until == until


def test_a_signature_deadline_outlasts_an_extension_that_is_withdrawn() -> None:
    opened, sign_by = conceded(locked(40), START, START + days(60)), START + days(30)
    waits = after(
        sign(opened, START, count=0),
        lambda state: registration.await_assent(state, ID, sign_by, noon(START), noon(START), BOTH),
    )
    assert waits.temporary_until is None
    assert conceded(waits, START + days(5), None).temporary_until == sign_by


def test_a_form_that_is_sent_back_ends_the_access_after_a_week_and_brings_it_again() -> None:
    posted = after(registered(locked(40), way=SendBy.PAPER), paper(START, 1), commits(UNTIL))
    assert posted.temporary_until == UNTIL
    back = after(posted, paper(START + days(3), None))
    assert back.temporary_until == START + days(10)
    assert after(back, paper(START + days(5), 1)).temporary_until == UNTIL
    locked_again = advanced(back, START + days(12))
    assert after(locked_again, paper(START + days(12), 1)).temporary_until == UNTIL


def test_a_form_that_is_sent_back_ends_nothing_while_a_copy_or_a_signature_is_here() -> None:
    posted = after(registered(locked(40), way=SendBy.PAPER), paper(START, 1))
    shown = after(granted(posted, START), commits(UNTIL), paper(START + days(3), None))
    assert shown.temporary_until == UNTIL
    signed = after(sign(posted, START), commits(UNTIL), paper(START + days(3), None))
    assert signed.temporary_until == UNTIL
    paid = after(posted, commits(UNTIL), pays(DUE), paper(START + days(3), None))
    assert paid.temporary_until == START + days(365)


def test_a_new_copy_after_a_refused_one_is_a_form() -> None:
    """It gives no days of its own any more, but the commitment counts again."""
    shown = after(granted(registered(locked(40), way=SendBy.PAPER), START), commits(UNTIL))
    refused = refuse_copy(shown, START + days(2))
    assert refused is not None
    assert granted(refused.state, START + days(3)).temporary_until == UNTIL


def test_a_replaced_registration_hands_over_the_days_of_its_form_alone() -> None:
    """Guards against: the office is committed, replaces its registration, and goes on without a word about
    paying."""
    for gives in (commits(UNTIL), pays(DUE)):
        state = after(sign(registered(locked(40)), START), gives, closes(START + days(1), OTHER))
        assert (state.temporary_until, state.temporary_for) == (START + days(15), OTHER)
        shown = after(granted(registered(locked(40), way=SendBy.PAPER), START), gives)
        handed = after(shown, closes(START + days(1), OTHER))
        assert (handed.temporary_until, handed.temporary_for) == (START + days(15), OTHER)
        extended = conceded(handed, START + days(2), START + days(40))
        assert extended.temporary_until == START + days(40 + 13), "its days still follow the full access"
        refused = refuse_copy(handed, START + days(2), id=OTHER)
        assert refused is not None
        assert refused.state.temporary_until == START + days(2), "the copy's days are still a copy's"
    late = after(advanced(sign(locked(40), START), START + days(20)), commits(UNTIL, START + days(20)))
    assert late.temporary_until == UNTIL
    assert after(late, closes(START + days(21), OTHER)).temporary_until == START + days(21)


def second(state: Subscription, on: date, by: Literal["rule", "desk"], until: date) -> Subscription:
    """The second registration of the term is signed, and its commitment accepted."""
    closed = after(state, closes(on, OTHER))
    return after(sign(closed, on, OTHER), commits(until, on, 1, id=OTHER, by=by))


def test_only_the_desk_gives_a_later_registration_of_the_term_more_than_the_first_one_had() -> None:
    on, more = START + days(60), START + days(150)
    first = advanced(after(sign(locked(40), START), commits(UNTIL, by="rule")), on)
    assert second(first, on, "rule", more).temporary_until == UNTIL
    assert second(first, on, "desk", more).temporary_until == more
    longer = after(first, extends(UNTIL + days(20), on))
    assert second(longer, on, "rule", more).temporary_until == UNTIL + days(20)
    over = advanced(first, UNTIL + days(5))
    again = second(over, UNTIL + days(5), "rule", more)
    assert current_entitlement(again, noon(UNTIL + days(5)), BOTH).stage is Stage.LOCKED


def test_a_new_term_starts_anew() -> None:
    """The commitment of the term before, and that it was broken, count no more."""
    first = after(sign(registered(locked(40)), START), commits(UNTIL, by="rule"), breaks(START + days(60)))
    known = after(first, closes(START + days(61), UUID(int=3)))
    term = known.with_(renewed_at=noon(START + days(90)), temporary_until=None, signed_until=None)
    on = START + days(455)
    later = after(sign(advanced(term, on), on, OTHER), commits(on + days(70), on, 1, id=OTHER, by="rule"))
    assert later.temporary_until == on + days(70)
