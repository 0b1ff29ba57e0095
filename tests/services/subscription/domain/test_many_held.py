"""How many held changes are more than can be usual."""

import pytest

from services.subscription.domain.many_held import Usual


@pytest.mark.parametrize(
    ("held", "all", "exceeded"),
    [(0, 0, False), (5, 1000, False), (6, 1000, True), (20, 1_000_000, False), (21, 1_000_000, True)],
)
def test_lower_limit_counts(held: int, all: int, exceeded: bool) -> None:
    assert Usual().exceeded(held, all) is exceeded


def test_operator_sets_both_limits() -> None:
    assert Usual(most=3, share=1).exceeded(4, 4)
    assert not Usual(most=3, share=1).exceeded(3, 3)
