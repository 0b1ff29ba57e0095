from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.subscription.domain.stages.products import Products

KNOWN = {"policies": {"r117", "pre-r117", "house"}}


def products(*rows: tuple[str, str, str | None]) -> Products:
    settings = [{"product": product, "policy": policy, "from": since} for product, policy, since in rows]
    return Products.model_validate(settings, context=KNOWN)


SHOP = products(
    ("*", "pre-r117", None),
    ("qlts", "house", "2025-01-01"),
    ("*", "r117", "2025-06-01"),
    ("qlts", "r117", "2026-01-01"),
    ("hcsn", "house", None),
)


@pytest.mark.parametrize(
    ("product", "day", "policy"),
    [
        ("qlts", date(2024, 12, 31), "pre-r117"),
        ("qlts", date(2025, 1, 1), "house"),
        ("qlts", date(2025, 12, 31), "house"),
        ("qlts", date(2026, 1, 1), "r117"),
        ("ktnb", date(2025, 5, 31), "pre-r117"),
        ("ktnb", date(2025, 6, 1), "r117"),
        ("hcsn", date(2000, 1, 1), "house"),
        ("hcsn", date(2030, 1, 1), "house"),
    ],
)
def test_a_term_begins_under_the_table_of_its_day(product: str, day: date, policy: str) -> None:
    assert SHOP.policy_for(product, day) == policy


def test_temporary_days_are_the_rows_of_the_day_and_fifteen_where_it_says_none() -> None:
    settings: list[dict[str, Any]] = [
        {"product": "*", "policy": "r117", "from": None},
        {"product": "qlts", "policy": "r117", "from": "2025-01-01", "temporary_days": 0},
        {"product": "qlts", "policy": "r117", "from": "2026-01-01", "temporary_days": 30},
    ]
    shop = Products.model_validate(settings, context=KNOWN)
    queries = [("qlts", 2024), ("qlts", 2025), ("qlts", 2026), ("hcsn", 2026)]
    assert [shop.temporary_days(code, date(year, 12, 31)) for code, year in queries] == [15, 0, 30, 15]


def test_the_longest_term_on_sale_is_the_rows_of_the_day_and_five_years_where_it_says_none() -> None:
    settings: list[dict[str, Any]] = [
        {"product": "*", "policy": "r117", "from": None},
        {"product": "qlts", "policy": "r117", "from": "2026-01-01", "longest_years": 3},
    ]
    shop = Products.model_validate(settings, context=KNOWN)
    assert [shop.longest_years(code, date(2026, 1, 1)) for code in ("qlts", "hcsn")] == [3, 5]


@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        ("product \\* is needed", []),
        ("product \\* is needed", [("qlts", "r117", None)]),
        ("product \\* is needed", [("*", "r117", "2025-01-01")]),
        (
            "dates of qlts rise",
            [("*", "r117", None), ("qlts", "r117", "2025-01-01"), ("qlts", "house", None)],
        ),
        ("dates of \\* rise", [("*", "r117", None), ("*", "house", None)]),
        ("no such policy", [("*", "r118", None)]),
        ("match pattern", [("*", "r117", None), ("Q L", "r117", None)]),
        ("valid date", [("*", "r117", None), ("qlts", "r117", "01/01/2025")]),
    ],
)
def test_unsound_choices_are_refused(fault: str, rows: list[Any]) -> None:
    with pytest.raises(ValidationError, match=fault):
        products(*rows)


starts = st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), unique=True, max_size=6).map(sorted)
known = st.sampled_from(sorted(KNOWN["policies"]))


@given(starts, st.data(), st.dates(date(1999, 1, 1), date(2101, 1, 1)))
def test_the_last_choice_begun_holds_whatever_the_dates(
    days: list[date], data: st.DataObject, day: date
) -> None:
    """Computed in another way: day by day from the first row on."""
    chosen = [data.draw(known) for _ in days]
    table = products(
        ("*", "r117", None), *(("qlts", p, d.isoformat()) for p, d in zip(chosen, days, strict=True))
    )
    expected = "r117"
    for since, policy in zip(days, chosen, strict=True):
        if day - since >= timedelta(0):
            expected = policy
    assert table.policy_for("qlts", day) == expected
    assert table.policy_for("other", day) == "r117"
