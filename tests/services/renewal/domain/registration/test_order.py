from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.registration.catalogue import Package, Price
from services.renewal.domain.registration.declaration import OrderRequest
from services.renewal.domain.registration.order import PricedLine, price_order

PERCENT = st.none() | st.integers(0, 100)
PRICES = st.builds(
    Price,
    item=st.just("Hàng"),
    unit=st.just("năm"),
    vnd=st.integers(0, 10_000_000),
    vat_percent=PERCENT,
)


def package(price: Price, extra_user: Price | None, extra_storage_gb: Price | None) -> Package:
    return Package(
        code="standard",
        name="Gói",
        included_users=10,
        included_storage_gb=20,
        price=price,
        extra_user=extra_user,
        extra_storage_gb=extra_storage_gb,
    )


PACKAGES = st.builds(package, PRICES, PRICES, PRICES)
WANTED = st.builds(
    OrderRequest,
    package=st.just("standard"),
    years=st.integers(1, 5),
    users=st.integers(1, 1000),
    storage_gb=st.none() | st.integers(0, 500),
)


@given(PACKAGES, WANTED)
def test_what_goes_beyond_the_included_is_a_line_of_its_own(sold: Package, wanted: OrderRequest) -> None:
    made = price_order(sold, wanted)
    users, storage = max(0, wanted.users - 10), max(0, (wanted.storage_gb or 0) - 20)
    assert (made.users, made.storage_gb, made.years) == (10 + users, 20 + storage, wanted.years)
    expected = [(wanted.years, sold.price), (users * wanted.years, sold.extra_user)]
    expected.append((storage * wanted.years, sold.extra_storage_gb))
    lines = [(line.quantity, line.unit_price, line.vat_percent) for line in made.lines]
    assert lines == [(n, price.vnd, price.vat_percent) for n, price in expected if price and n]


@given(PACKAGES, WANTED)
def test_vat_is_rounded_half_up_a_line_and_totals_are_the_sum_of_the_lines(
    sold: Package, wanted: OrderRequest
) -> None:
    made = price_order(sold, wanted)
    for line in made.lines:
        exact = Fraction(line.net * (line.vat_percent or 0), 100)
        assert line.vat == (exact + Fraction(1, 2)).__floor__()
    assert made.net == sum(line.quantity * line.unit_price for line in made.lines)
    assert made.vat == sum(line.vat for line in made.lines)
    assert made.total == made.net + made.vat


@given(PRICES, WANTED)
def test_what_is_not_sold_is_never_a_line(price: Price, wanted: OrderRequest) -> None:
    """Whether it may be ordered is checked elsewhere (`order_errors`)."""
    assert len(price_order(package(price, None, None), wanted).lines) == 1


def test_half_a_dong_is_rounded_up() -> None:
    assert [_line(price, 10).vat for price in (4, 5, 14, 15)] == [0, 1, 1, 2]


def test_not_subject_to_vat_is_not_zero_per_cent() -> None:
    assert _line(1000, None).vat == _line(1000, 0).vat == 0
    assert _line(1000, None).vat_percent is None


def test_lines_say_how_many_for_how_long() -> None:
    price = Price(item="Người dùng thêm", unit="người dùng/năm", vnd=250_000, vat_percent=None)
    made = price_order(package(price, price, None), OrderRequest(package="standard", years=2, users=12))
    assert made.lines[1].item == "Người dùng thêm (2 × 2 năm)"
    assert (made.lines[1].quantity, made.total) == (4, 2 * 250_000 + 4 * 250_000)


def _line(price: int, percent: int | None) -> PricedLine:
    return PricedLine(item="Gói", unit="năm", quantity=1, unit_price=price, vat_percent=percent)


@given(PACKAGES, WANTED)
def test_event_has_every_line_that_is_paid_for(sold: Package, wanted: OrderRequest) -> None:
    """Guards against: storage was paid for, and no event contained it."""
    made = price_order(sold, wanted)
    told = made.event_fields
    assert (told["users"], told["storage_gb"]) == (max(10, wanted.users), max(20, wanted.storage_gb or 0))
    assert [line.model_dump() for line in told["lines"]] == [line.model_dump() for line in made.lines]
    nets = [line.quantity * line.unit_price for line in told["lines"]]
    vats = [(n * (line.vat_percent or 0) + 50) // 100 for n, line in zip(nets, told["lines"], strict=True)]
    assert sum(nets) + sum(vats) == told["total_vnd"]
