"""A signed form gives temporary access, whatever becomes of a copy: never less than the signature alone."""

from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes import registration, temporary_access
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy, Stage
from tests.services.subscription.domain.changes.dates import conceded, corrected
from tests.services.subscription.domain.changes.forms import closes, granted, refuse_copy, sign, upload_copy
from tests.services.subscription.domain.changes.states import ID, OTHER, Change, after, locked
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    adopted,
    advanced,
    at,
    contract,
    days,
    noon,
    on_paper,
)


def test_a_signature_opens_at_once_though_the_desk_still_looks() -> None:
    today = ENDS + days(5)
    state = sign(locked(5), today)
    assert current_entitlement(state, noon(today), BOTH).access == FULL
    assert (state.temporary_until, state.temporary_for) == (today + days(15), ID)
    assert state.open_registrations == (ID,)


def test_a_signature_gives_its_days_after_a_copy_and_a_copy_none_after_a_signature() -> None:
    today = ENDS + days(5)
    state = sign(locked(5), today)
    shown = granted(advanced(state, today + days(20)), today + days(20))
    assert shown.temporary_until == state.temporary_until
    later = sign(advanced(granted(locked(5), today), today + days(10)), today + days(10))
    assert (later.temporary_until, later.temporary_for) == (today + days(25), ID)


def test_a_signature_gives_its_days_though_a_copy_was_refused_before() -> None:
    """Guards against: the office signs at last, and stays locked because of a photo without a stamp."""
    today = ENDS + days(5)
    refused = refuse_copy(granted(locked(5), today), today + days(2))
    assert refused is not None
    later = today + days(9)
    assert sign(advanced(refused.state, later), later).temporary_until == later + days(15)


def test_a_signature_that_is_handled_after_a_later_refusal_gives_all_its_days() -> None:
    refused = refuse_copy(locked(8), ENDS + days(8))
    assert refused is not None
    assert sign(refused.state, ENDS + days(7)).temporary_until == ENDS + days(22)


def test_a_refused_copy_takes_nothing_from_a_signature() -> None:
    today = ENDS + days(5)
    state = sign(advanced(granted(locked(5), today), today + days(3)), today + days(3))
    refused = refuse_copy(state, today + days(4))
    assert refused is not None
    assert (refused.state.temporary_until, refused.events) == (today + days(18), ())


def test_a_refused_copy_whose_days_outlast_those_of_the_signature_ends_with_these() -> None:
    today = ENDS + days(5)
    long = upload_copy(locked(5), today, count=30)
    assert long is not None
    refused = refuse_copy(sign(long.state, today), today + days(1))
    assert refused is not None
    assert refused.state.temporary_until == today + days(15)


def test_refused_signature_ends_the_access_it_gave() -> None:
    today = ENDS + days(5)
    decision = registration.close(sign(locked(5), today), ID, noon(today + days(1)), BOTH)
    assert decision
    assert decision.state.temporary_until == today + days(1)


def test_the_next_registration_of_the_term_signs_for_the_days_that_are_left() -> None:
    """The office cancels what it signed, and signs again: its days go on, and don't begin anew."""
    today = ENDS + days(5)
    closed = registration.close(sign(locked(5), today), ID, noon(today + days(1)), BOTH)
    assert closed
    again = sign(advanced(closed.state, today + days(4)), today + days(4), OTHER)
    assert (again.temporary_until, again.temporary_for) == (today + days(15), OTHER)
    late = sign(advanced(closed.state, today + days(16)), today + days(16), OTHER)
    assert late.temporary_until == today + days(1)


@pytest.mark.parametrize(
    ("early", "count", "until"),
    [(40, 15, 15), (14, 15, 15), (0, 15, 15), (75, 15, 15), (80, 15, 10), (5, 120, 85), (90, 15, None)],
)
def test_days_of_an_early_form_begin_after_the_last_day_of_use(
    early: int, count: int, until: int | None
) -> None:
    """Guards against: the office signs early, its days are over before its term is, and it is locked while
    the vendor still looks. All in all it is ninety days from the form."""
    on = ENDS - days(early)
    state = advanced(adopted(ENDS - days(100)), on)
    last = None if until is None else ENDS + days(until)
    assert sign(state, on, count=count).temporary_until == last
    shown = upload_copy(state, on, count=count)
    assert (shown and shown.state.temporary_until) == last


def test_no_days_where_the_product_has_none() -> None:
    signed = sign(locked(5), ENDS + days(5), count=0)
    assert (signed.temporary_until, signed.stage) == (None, Stage.LOCKED)


def test_days_that_never_began_are_not_used_up() -> None:
    """Guards against: the office cancels early what it signed or showed, and has nothing when it needs it."""
    on, later = ENDS - days(40), ENDS + days(20)
    begin = advanced(adopted(ENDS - days(100)), on)
    refused = refuse_copy(granted(begin, on), on + days(2))
    closed = registration.close(sign(begin, on), ID, noon(on + days(2)), BOTH)
    for ended_early in (refused, closed):
        assert ended_early
        assert (ended_early.state.temporary_until, ended_early.state.signed_until) == (None, None)
        late = advanced(ended_early.state, later)
        assert sign(late, later, OTHER).temporary_until == later + days(15)
        assert granted(late, later, id=OTHER).temporary_until == later + days(15)


@pytest.mark.parametrize("gives", [sign, granted])
def test_form_that_is_handled_after_its_registration_was_replaced_gives_its_days(
    gives: Callable[[Subscription, date], Subscription],
) -> None:
    today = ENDS + days(5)
    known = after(locked(5), lambda state: on_paper(state, ID, noon(today), BOTH), closes(today, OTHER))
    state = gives(known, today)
    assert (state.temporary_until, state.temporary_for) == (today + days(15), OTHER)
    refused = registration.close(state, OTHER, noon(today), BOTH)
    assert refused is not None
    assert refused.state.temporary_until == today


def test_form_of_a_registration_whose_replacement_is_closed_gives_nothing() -> None:
    today = ENDS + days(5)
    ended = after(
        locked(5),
        lambda state: on_paper(state, ID, noon(today), BOTH),
        closes(today, OTHER),
        lambda state: registration.close(state, OTHER, noon(today), BOTH),
    )
    assert granted(ended, today).temporary_until is None
    assert sign(ended, today).temporary_until is None


SIGNING, COPYING, REFUSING, CLOSING, RENEWING = range(5)
EARLY = noon(ENDS - days(110))
moments = st.integers(-100, 90)


@given(
    st.permutations([SIGNING, COPYING, REFUSING]),
    st.lists(st.sampled_from([CLOSING, RENEWING, SIGNING]), max_size=2),
    st.tuples(*[moments] * 5),
    st.integers(0, 20),
    st.randoms(use_true_random=False),
)
def test_never_less_access_than_the_signature_alone_gives(
    forms: list[int], others: list[int], came: tuple[int, ...], late: int, random: Random
) -> None:
    """Copy, refusal, signature, end and contract, handled in any order, at once or later."""
    kinds = [*forms, *others]
    random.shuffle(kinds)
    handled = ENDS + days(max(came) + late)
    begin = advanced(adopted(ENDS - days(150)), handled)

    def result(*without: int) -> Subscription:
        happens = [did(kind, ENDS + days(came[kind]), handled) for kind in kinds if kind not in without]
        return after(on_the_way(begin), *happens)

    both, signature = result(), result(COPYING, REFUSING)
    assert both.last_day >= signature.last_day
    assert both.last_day <= max(both.full_until, handled) + days(15), "and not without end"


def on_the_way(state: Subscription) -> Subscription:
    known = registration.change_sending(state, ID, SendBy.ELECTRONIC, EARLY, at(state, state.told_on), BOTH)
    assert known is not None
    return known.state


def did(kind: int, on: date, handled: date) -> Change:
    """What happened on `on` and is handled on `handled`."""
    form, now = temporary_access.SentForm(ID, noon(on)), noon(handled)
    changes: dict[int, Change] = {
        SIGNING: lambda state: registration.sign_form(state, form, 1, 15, now, BOTH),
        COPYING: lambda state: registration.show_copy(state, form, 15, now, BOTH),
        REFUSING: lambda state: registration.refuse_copy(state, ID, noon(on), now, BOTH),
        CLOSING: lambda state: registration.close(state, ID, now, BOTH),
        RENEWING: lambda state: ContractApplication(BOTH, "r117", now).apply(
            state, contract(ENDS, ENDS + days(365))
        ),
    }
    return changes[kind]


@pytest.mark.parametrize("gives", [sign, granted])
@pytest.mark.parametrize("moves", [conceded, corrected])
def test_days_that_never_began_follow_the_last_day_of_full_access(
    gives: Callable[[Subscription, date], Subscription],
    moves: Callable[[Subscription, date, date], Subscription],
) -> None:
    """Guards against: the office signs, the desk extends, and after the extension the office is locked."""
    on, until = ENDS - days(20), ENDS + days(20)
    state = moves(gives(advanced(adopted(ENDS - days(100)), on), on), on + days(10), until)
    assert state.temporary_until == until + days(15)
    assert current_entitlement(advanced(state, until + days(9)), noon(until + days(9)), BOTH).access == FULL
    again = sign(advanced(state, until + days(9)), until + days(9))
    assert again.last_day == until + days(15 if gives is sign else 24), "a copy takes none from a signature"


def test_days_shrink_with_the_last_day_of_full_access() -> None:
    on = ENDS - days(20)
    state = sign(advanced(adopted(ENDS - days(100)), on), on)
    assert corrected(state, on + days(2), ENDS - days(31)).temporary_until == on + days(2 + 15)
    opened = conceded(locked(1), ENDS + days(1), ENDS + days(40))
    signed = sign(opened, ENDS + days(1))
    assert conceded(signed, ENDS + days(2), None).temporary_until == ENDS + days(2 + 15)


def test_used_days_stay_used_after_an_extension_during_which_the_registration_closes() -> None:
    first, later = ENDS + days(1), ENDS + days(13)
    state = conceded(advanced(sign(locked(1), first), later), later, later + days(8))
    assert state.temporary_until == later + days(8 + 3)
    closed = after(state, closes(later + days(1)))
    assert closed.temporary_until is None
    assert upload_copy(closed, later + days(1), id=OTHER) is None
    for wait in (1, 30):
        on = later + days(wait)
        left = sign(advanced(closed, on), on, OTHER)
        assert left.temporary_until == max(on, later + days(8)) + days(3)


def test_a_last_day_of_an_earlier_release_that_an_extension_overtook_blocks_no_form() -> None:
    on, until = ENDS - days(20), ENDS + days(20)
    state = sign(advanced(adopted(ENDS - days(100)), on), on).with_(signed_days=None)
    state = advanced(conceded(state, on + days(1), until), until + days(2))
    assert state.temporary_until == ENDS + days(15)
    assert sign(state, until + days(2), OTHER).temporary_until == until + days(2 + 15)
    assert granted(state, until + days(2), id=OTHER).temporary_until == until + days(2 + 15)


def test_a_signature_that_an_earlier_release_recorded_gives_its_days_when_it_is_read_again() -> None:
    today = ENDS + days(5)
    state = sign(locked(5), today)
    bare = {"temporary_until": None, "temporary_for": None, "signed_until": None, "signed_days": None}
    before = advanced(locked(5).with_(registrations=state.registrations, **bare), today + days(1))
    form = temporary_access.SentForm(ID, noon(today))
    redriven = registration.sign_form(before, form, 1, 15, noon(today + days(1)), BOTH)
    assert redriven
    assert (redriven.state.temporary_until, redriven.state.stage) == (today + days(15), Stage.EXPIRING)
    assert registration.sign_form(redriven.state, form, 1, 15, noon(today + days(1)), BOTH) is None


@given(
    st.integers(-30, 5),
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from([conceded, corrected]), st.none() | st.integers(0, 12)),
        max_size=5,
    ),
)
def test_a_signature_gives_exactly_its_days_however_the_last_day_moves(
    signed: int, moved: list[tuple[int, Callable[..., Subscription], int | None]]
) -> None:
    """Extensions, extensions taken back and corrections, while time passes and the desk decides nothing."""
    today = ENDS + days(signed)
    state = sign(advanced(adopted(ENDS - days(100)), today), today)
    used = 0

    def pass_days(until: date) -> None:
        nonlocal state, used, today
        while today < until:
            today += days(1)
            used += state.full_until < today <= state.last_day
            state = advanced(state, today)

    for wait, move, ahead in moved:
        pass_days(today + days(wait))
        until = None if ahead is None else today + days(ahead)
        state = move(state, today, until or (today - days(3) if move is corrected else None))
        assert state.last_day <= max(state.full_until, today) + days(15)
    pass_days(max(today, state.last_day) + days(20))
    limit = ENDS + days(signed + 90)
    assert used == 15 or (used < 15 and state.temporary_until == limit)
