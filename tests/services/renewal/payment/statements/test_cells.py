"""Days and amounts as banks write them."""

import unicodedata
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.renewal.domain.money import LIMIT
from services.renewal.payment.statements.cells import CellError, read_amount, read_day
from services.renewal.payment.statements.columns import ColumnMapping
from shared.spreadsheet.cells import NumberCell

MARKS = ((".", ","), (",", "."), (" ", ","), ("'", "."), ("", "."), (".", ""))
amounts = st.integers(-LIMIT, LIMIT)


def columns(thousands: str = ".", decimal: str = ",", **fields: object) -> ColumnMapping:
    whole = {"date": 1, "amount": 2, "memo": 3, "header_row": 0, "thousands": thousands, "decimal": decimal}
    return ColumnMapping.model_validate({**whole, **fields})


@given(amounts, st.sampled_from(MARKS), st.sampled_from(("", " VND", " đ", "₫", "VNĐ", " đồng")))
def test_amount_is_read_as_it_is_written(amount: int, marks: tuple[str, str], unit: str) -> None:
    thousands, decimal = marks
    grouped = f"{abs(amount):,}".replace(",", thousands)
    shapes = [grouped, str(abs(amount)), f"{grouped}{decimal}00" if decimal else grouped]
    how = columns(thousands, decimal)
    for shape in shapes:
        positive = [f"{shape}{unit}", f"+{shape}{unit}", f"VND {shape}"]
        negative = [f"-{shape}{unit}", f"{shape}-{unit}", f"({shape}{unit})", f"- {shape}{unit}"]
        for text in positive if amount >= 0 else negative:
            assert read_amount(text, how) == amount
            assert read_amount(unicodedata.normalize("NFD", f"\u00a0{text} "), how) == amount


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_breaks_a_rule(text: str) -> None:
    with suppress(CellError):
        assert abs(read_amount(text, columns())) <= LIMIT


@example(25_000, (".", ","), (",", "."))
@given(st.integers(0, LIMIT), st.sampled_from(MARKS), st.sampled_from(MARKS))
def test_another_notation_is_never_another_amount(
    amount: int, written: tuple[str, str], expected: tuple[str, str]
) -> None:
    """Guards against: 4.800 (thousands by points) is read as 4 đồng and a fraction."""
    text = f"{amount:,}".replace(",", written[0])
    try:
        assert read_amount(text, columns(*expected)) == amount
    except CellError:
        assert written != expected


@pytest.mark.parametrize("cell", ["1234567", "1234567.0", "-5"])
def test_number_of_a_workbook_has_no_notation(cell: str) -> None:
    assert read_amount(NumberCell(cell), columns(",", "")) == int(float(cell))


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from("/-."),
    st.sampled_from(("dmy", "mdy", "ymd")),
)
def test_day_is_read_in_its_order(day: date, mark: str, order: str) -> None:
    parts = {"d": f"{day.day:02}", "m": f"{day.month:02}", "y": str(day.year)}
    text = mark.join(parts[part] for part in order)
    how = columns(date_order=order)
    for shape in (text, f"{text} 23:59", f"{text} 1:02:03 PM", f"10:11:12 {text}", f"{text}T10:11:12.123"):
        assert read_day(shape, how) == day
    assert read_day(day.isoformat(), how) == day


@given(st.text("0123456789/-. :", max_size=24))
def test_any_digits_are_a_day_or_break_a_rule(text: str) -> None:
    with suppress(CellError):
        assert read_day(text, columns()).year >= 1
