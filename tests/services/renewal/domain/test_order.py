from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.catalogue import Package
from services.renewal.domain.order import Line, order

PACKAGE = Package(
    code="standard", name="Gói", included_users=10, price_vnd=4_800_000, extra_user_vnd=250_000, vat_percent=8
)


@given(st.integers(1, 5), st.integers(1, 200))
def test_totals_are_the_sum_of_the_lines(years: int, users: int) -> None:
    made = order(PACKAGE, years, users)
    extra = max(0, users - 10)
    assert made.net == years * (4_800_000 + extra * 250_000)
    assert made.total == made.net + made.vat
    assert made.vat * 100 == made.net * 8  # these prices leave nothing to round
    assert made.users == max(users, 10)
    assert len(made.lines) == (2 if extra else 1)


def test_vat_is_rounded_half_up_a_line() -> None:
    assert [_line(price, 10).vat for price in (4, 5, 14, 15)] == [0, 1, 1, 2]


def test_not_subject_to_vat_is_not_zero_per_cent() -> None:
    assert _line(1000, None).vat == _line(1000, 0).vat == 0
    assert _line(1000, None).vat_percent is None


def _line(price: int, percent: int | None) -> Line:
    return Line(item="Gói", unit="năm", quantity=1, unit_price=price, vat_percent=percent)
