"""The operator sets how many held changes are usual."""

from services.subscription.domain.changes.hold_limit import HoldLimit


def test_operator_sets_both_limits() -> None:
    assert HoldLimit(most=3, share=1).exceeded(4, 4)
    assert not HoldLimit(most=3, share=1).exceeded(3, 3)
    assert HoldLimit(most=3, share=0.1).exceeded(1, 9)
