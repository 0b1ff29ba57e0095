"""How many held changes are usual is for the operator to say."""

from services.subscription.domain.changes.held import Usual


def test_operator_sets_both_limits() -> None:
    assert Usual(most=3, share=1).exceeded(4, 4)
    assert not Usual(most=3, share=1).exceeded(3, 3)
    assert Usual(most=3, share=0.1).exceeded(1, 9)
