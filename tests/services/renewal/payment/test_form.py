"""What people type as amounts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.money import LIMIT
from services.renewal.pages.typed import InvalidInput
from services.renewal.payment.pages.form import read_amount, read_share
from shared.text.amounts import vnd


@given(st.integers(1, LIMIT))
def test_amount_reads_as_it_is_shown(amount: int) -> None:
    shapes = (vnd(amount), f"{amount}", f"{amount:,}", f"{amount:,} VND".replace(",", " "))
    assert {read_amount(shape) for shape in shapes} == {amount}
    assert read_amount(unicodedata.normalize("NFD", f"{amount} đồng")) == amount


@pytest.mark.parametrize(
    ("typed", "amount"), [("", 0), (" ", 0), ("0", 0), ("0 đ", 0), ("0đồng", 0), ("1.500 đ", 1500)]
)
def test_share_may_be_nothing(typed: str, amount: int) -> None:
    assert read_share(typed) == amount


@pytest.mark.parametrize("typed", ["đ", "00", "0.5", "-1", "x" * 100])
def test_share_that_cannot_be_read(typed: str) -> None:
    with pytest.raises(InvalidInput):
        read_share(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0",
        "-5",
        "4.8",
        "4.8000",
        "4.800,000",
        "0.500",
        "000.001",
        "1e6",
        "bốn triệu",
        "1.000.00",
        "1" + " " * 20_000 + "1",
        "9" * 5_000,
        f"{LIMIT + 1}",
    ],
)
def test_what_is_no_whole_amount_is_refused(typed: str) -> None:
    """Guards against: 4.8 (million) is read as 48 đồng."""
    with pytest.raises(InvalidInput):
        read_amount(typed)
