"""Each invariant holds for a correct history, and fails for one that breaks it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults import sample_history as a
from tests.faults.checker import INVARIANTS, check
from tests.faults.history import Assignment, ExpectedAssignment, Healed, Lines, Produced
from tests.faults.invariants.mails import copies_in_the_window
from tests.faults.invariants.money import MONEY_INVARIANTS
from tests.faults.invariants.order import in_order_without_gaps

NEXT_DAY = a.NOON.date() + timedelta(days=1)

BREAKS: dict[str, tuple[str, Lines]] = {
    "an event that was saved and not published": (
        "committed is in the log",
        (*a.SOUND, a.save(a.saved_event(3))),
    ),
    "a record that was confirmed and isn't there": (
        "committed is in the log",
        (*a.SOUND, Produced(topic=a.IN, id="c2", outcome="ok")),
    ),
    "an event published that nobody saved": (
        "committed is in the log",
        (*a.SOUND, a.record(3, 3), a.handled("e3")),
    ),
    "a number passed over": ("in order without gaps", (*a.SOUND, a.record(3, 4))),
    "the second before the first": (
        "in order without gaps",
        (*a.without(a.record(0, 1)), a.record(3, 1)),
    ),
    "two events of one number": ("in order without gaps", (*a.SOUND, a.record(3, 2, id="other"))),
    "an aggregate in two partitions": ("in order without gaps", (*a.SOUND, a.record(0, 3, partition=1))),
    "two numbers for one contract": (
        "at most one number and seal",
        (*a.SOUND, Assignment(what="number", key="r1", value="2/2026")),
    ),
    "one number for two contracts": (
        "at most one number and seal",
        (*a.SOUND, Assignment(what="number", key="r2", value="1/2026")),
    ),
    "a contract without its number": ("exactly one after healing", a.without(a.NUMBER)),
    "an event that should be told and isn't": (
        "exactly one after healing",
        (*a.SOUND, ExpectedAssignment(what="mail", key="<2@x>", service="notifier", cause="e1")),
    ),
    "a letter twice without a reason": ("one letter a notice", (*a.SOUND, a.letter())),
    "two copies for one lost answer": (
        "one letter a notice",
        (*a.without(a.notice()), a.notice(unknowns=1), a.letter(answered=False), a.letter()),
    ),
    "delivered and never handed over": ("one letter a notice", a.without(a.letter())),
    "a notice that never ended": (
        "one letter a notice",
        (*a.without(a.notice()), a.notice(status="sending")),
    ),
    "a letter that nobody recorded": ("one letter a notice", a.without(a.notice())),
    "a record that nobody handled": ("every input ends", a.without(a.handled("e1"))),
    "a record whose handler only failed": (
        "every input ends",
        (*a.without(a.handled("e1")), a.handled("e1", outcome="error")),
    ),
    "a dead letter that isn't there": ("every input ends", a.without(a.stored_dead_letter(1))),
    "an offset ahead of its record": (
        "no offset passes an unresolved record",
        (a.committed_offset(1), *a.SOUND),
    ),
    "an unconfirmed commit ahead of its record": (
        "no offset passes an unresolved record",
        (a.committed_offset(1, outcome="error"), *a.SOUND),
    ),
    "an offset ahead of a dead letter": (
        "no offset passes an unresolved record",
        (a.handled("e1"), a.committed_offset(2), *a.SOUND),
    ),
    "a transition saved twice, under one id even": (
        "each transition once",
        (*a.SOUND, a.save(a.locked(1))),
    ),
    "a transition told again under another id": (
        "each transition once",
        (*a.SOUND, a.save(a.locked(3))),
    ),
    "a transition of tomorrow": ("never early", (*a.SOUND, a.save(a.locked(3, NEXT_DAY)))),
    "records left behind": ("nothing is left", (*a.SOUND, a.position(2))),
    "work left open": ("nothing is left", (*a.without(Healed()), Healed(open=("1 to publish",)))),
    "a run that never healed": ("nothing is left", a.without(Healed())),
}


def test_what_is_right_holds() -> None:
    assert check(a.SOUND) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_wrong_fails(name: str) -> None:
    invariant, lines = BREAKS[name]
    assert invariant in {violation.invariant for violation in check(lines)}


def test_every_invariant_has_a_history_that_breaks_it() -> None:
    assert {invariant for invariant, _ in BREAKS.values()} == INVARIANTS.keys() - MONEY_INVARIANTS.keys()


HOLDS: dict[str, Lines] = {
    "published twice": (*a.SOUND, a.record(3, 1), a.record(4, 2)),
    "produced without an answer, and not there": (
        *a.SOUND,
        Produced(topic=a.IN, id="c2", outcome="error"),
    ),
    "without its number, but dead": (
        *a.without(a.NUMBER, a.NUMBER_DUE),
        a.NUMBER_DUE.model_copy(update={"service": "notifier", "cause": "e2"}),
    ),
    "a letter again after an answer was lost": (
        *a.without(a.notice()),
        a.notice(unknowns=1),
        a.letter(answered=False),
    ),
    "a reminder parked when its answer was lost": (
        *a.without(a.notice()),
        a.notice(status="parked", unknowns=1),
    ),
    "the same stage on another day": (
        *a.SOUND,
        a.save(a.locked(3, NEXT_DAY), at=a.NOON + timedelta(days=1)),
        a.record(3, 3),
        a.handled("e3"),
    ),
    "handled at the second attempt": (a.handled("e1", outcome="error"), *a.SOUND),
    "offsets rewound": (*a.SOUND, a.committed_offset(1)),
    "a type that isn't handled": (
        *a.SOUND,
        a.record(3, 3, type="other"),
        a.save(a.saved_event(3, type="other")),
        a.committed_offset(4),
    ),
    "a parking whose answer was lost": (
        *a.without(a.park_attempt("e2"), a.committed_offset(3)),
        a.park_attempt("e2", outcome="error"),
        a.committed_offset(3),
    ),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_may_be_holds(name: str) -> None:
    assert check(HOLDS[name]) == []


def test_copies_in_the_window_are_counted() -> None:
    assert copies_in_the_window(a.SOUND) == 0
    assert copies_in_the_window((*a.SOUND, a.letter(answered=False))) == 1


@given(st.lists(st.integers(min_value=0), max_size=20))
def test_republishing_never_breaks_the_order(cuts: list[int]) -> None:
    """A relay that died publishes again from some place on; the first appearances keep their order."""
    sequences: list[int] = []
    for cut in cuts:
        done = max(sequences, default=0)
        sequences += range(max(1, done + 1 - cut % 4), done + 2)
    assert in_order_without_gaps(tuple(a.record(o, s) for o, s in enumerate(sequences))) == []


@given(st.permutations(range(1, 7)))
def test_any_other_order_than_the_right_one_fails(sequences: list[int]) -> None:
    lines = tuple(a.record(offset, sequence) for offset, sequence in enumerate(sequences))
    assert bool(in_order_without_gaps(lines)) == (sequences != sorted(sequences))


@given(st.sampled_from(range(1, 7)))
def test_any_one_that_is_missing_shows_unless_it_is_the_last(missing: int) -> None:
    kept = [sequence for sequence in range(1, 7) if sequence != missing]
    lines = tuple(a.record(offset, sequence) for offset, sequence in enumerate(kept))
    assert bool(in_order_without_gaps(lines)) == (missing != 6)
