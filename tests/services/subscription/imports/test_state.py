"""The states of an import, step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from services.subscription.domain.errors import SubscriptionError
from services.subscription.imports import state
from services.subscription.imports.state import CONFIRMATION_WAITS, Counts, Import

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SHA256 = "0" * 64


def read() -> Import:
    decision = state.begin_reading(None, SHA256, "lan", NOW)
    assert decision is not None
    return decision.state


def proposed() -> Import:
    decision = state.propose(read(), 1, Counts(adopted=3))
    assert decision is not None
    return decision.state


def test_of_two_readings_the_first_to_end_counts() -> None:
    again = state.begin_reading(read(), SHA256, "hoa", NOW)
    assert again is not None
    first = state.propose(again.state, 1, Counts(adopted=3))
    assert first is not None
    assert state.propose(first.state, 2, Counts(adopted=4)) is None
    assert state.begin_reading(first.state, SHA256, "hoa", NOW) is None


def test_the_first_to_confirm_counts() -> None:
    first = state.confirm(proposed(), "lan", "right", NOW)
    assert first is not None
    assert (first.state.confirmed_by, first.state.phase) == ("lan", "confirmed")
    assert state.confirm(first.state, "hoa", "mine", NOW) is None


@pytest.mark.parametrize(("phase", "rule"), [("reading", "import-not-read"), ("dropped", "import-dropped")])
def test_rows_that_are_not_there_cant_be_confirmed(phase: str, rule: str) -> None:
    with pytest.raises(SubscriptionError) as refused:
        state.confirm(proposed().model_copy(update={"phase": phase}), "lan", "right", NOW)
    assert refused.value.rule == rule


def test_only_what_nobody_confirmed_for_thirty_days_is_dropped() -> None:
    moment = timedelta(milliseconds=1)
    assert state.drop(proposed(), NOW + CONFIRMATION_WAITS - moment) is None
    late = state.drop(proposed(), NOW + CONFIRMATION_WAITS)
    assert late is not None
    assert (late.state.phase, late.state.ended_at) == ("dropped", NOW + CONFIRMATION_WAITS)
    confirmed = state.confirm(proposed(), "lan", "right", NOW)
    assert confirmed is not None
    assert state.drop(confirmed.state, NOW + CONFIRMATION_WAITS) is None


def test_steps_come_in_order_and_once() -> None:
    assert state.start_applying(proposed(), many=False) is None
    assert state.finish(proposed(), Counts(), NOW) is None
    assert state.tidy(proposed()) is None
