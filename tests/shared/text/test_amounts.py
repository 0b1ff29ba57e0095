"""Amounts in digits."""

from shared.text.amounts import vnd


def test_digits() -> None:
    assert [vnd(n) for n in (0, 999, 1_234_567)] == ["0\u00a0đ", "999\u00a0đ", "1.234.567\u00a0đ"]
