"""What looks doubtful in a valid row, by the day on which it is read."""

from datetime import date

import pytest

from services.subscription.policies import load_policies, load_products
from services.subscription.spreadsheet.row import day_doubts
from tests.services.subscription.sample_rows import sound

PRODUCTS = load_products(load_policies())


@pytest.mark.parametrize(
    ("expires_on", "rule"),
    [
        ("31/12/2062", "beyond_longest_term"),
        ("29/11/2031", "beyond_longest_term"),
        ("28/11/2031", None),
        ("28/11/2025", None),
        ("27/11/2025", "long_overdue"),
        ("2003-01-01", "long_overdue"),
    ],
)
def test_a_last_day_beyond_what_is_sold_or_long_overdue_is_doubted(expires_on: str, rule: str | None) -> None:
    found = day_doubts(sound(expires_on=expires_on), date(2026, 11, 28), PRODUCTS)
    assert [doubt.rule for doubt in found] == ([rule] if rule else [])
