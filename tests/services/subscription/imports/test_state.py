"""What becomes of an import, step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from services.subscription.domain.refusal import SubscriptionError
from services.subscription.imports import state
from services.subscription.imports.state import KEPT, Counts, Import

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SHA256 = "0" * 64


def read() -> Import:
    decision = state.begun(None, SHA256, "lan", NOW)
    assert decision is not None
    return decision.state


def proposed() -> Import:
    decision = state.proposed(read(), 1, Counts(adopted=3))
    assert decision is not None
    return decision.state


def test_of_two_readings_the_first_to_end_counts() -> None:
    again = state.begun(read(), SHA256, "hoa", NOW)
    assert again is not None
    first = state.proposed(again.state, 1, Counts(adopted=3))
    assert first is not None
    assert state.proposed(first.state, 2, Counts(adopted=4)) is None
    assert state.begun(first.state, SHA256, "hoa", NOW) is None


def test_the_first_to_confirm_counts() -> None:
    first = state.confirmed(proposed(), "lan", "right", NOW)
    assert first is not None
    assert (first.state.confirmed_by, first.state.phase) == ("lan", "confirmed")
    assert state.confirmed(first.state, "hoa", "mine", NOW) is None


@pytest.mark.parametrize(("phase", "rule"), [("reading", "import-not-read"), ("dropped", "import-dropped")])
def test_rows_that_are_not_there_cant_be_confirmed(phase: str, rule: str) -> None:
    with pytest.raises(SubscriptionError) as refused:
        state.confirmed(proposed().model_copy(update={"phase": phase}), "lan", "right", NOW)
    assert refused.value.rule == rule


def test_only_what_nobody_confirmed_for_thirty_days_is_dropped() -> None:
    moment = timedelta(milliseconds=1)
    assert state.dropped(proposed(), NOW + KEPT - moment) is None
    late = state.dropped(proposed(), NOW + KEPT)
    assert late is not None
    assert (late.state.phase, late.state.ended_at) == ("dropped", NOW + KEPT)
    confirmed = state.confirmed(proposed(), "lan", "right", NOW)
    assert confirmed is not None
    assert state.dropped(confirmed.state, NOW + KEPT) is None


def test_steps_come_in_order_and_once() -> None:
    assert state.applying(proposed(), many=False) is None
    assert state.applied(proposed(), Counts(), NOW) is None
    assert state.tidied(proposed()) is None
