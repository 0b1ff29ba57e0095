"""Files for spreadsheets: what is written is read back, and nothing of it is computed."""

import csv
import io
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from shared.spreadsheet.sheet_file import SheetColumn, sheet_file, xlsx
from shared.spreadsheet.sheet_file import csv as csv_table

COLUMNS = [SheetColumn("Số đăng ký", 20), SheetColumn("Tổng tiền", 12)]


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 10**12))))
def test_csv_has_a_line_a_row_and_no_formula(rows: list[tuple[str, int]]) -> None:
    text = csv_table(COLUMNS, rows).decode("utf-8-sig")
    titles, *lines = csv.reader(io.StringIO(text, newline=""))
    assert titles == [column.title for column in COLUMNS]
    assert [line[0].removeprefix("'") for line in lines] == [row[0].removeprefix("'") for row in rows]
    assert [int(line[1]) for line in lines] == [row[1] for row in rows]
    assert not [line for line in lines if line[0].startswith(("=", "+", "-", "@"))]


def test_xlsx_keeps_text_as_text_and_numbers_as_numbers() -> None:
    data = xlsx("Lịch sử", COLUMNS, [("=1+1", 4_800_000), ("0012", 0), ("https://a.example", 1)])
    with ZipFile(io.BytesIO(data)) as book:
        strings, sheet = (
            book.read("xl/sharedStrings.xml").decode(),
            book.read("xl/worksheets/sheet1.xml").decode(),
        )
    assert "=1+1" in strings
    assert "0012" in strings
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>4800000</v>" in sheet
    assert 'ref="A1:B4"' in sheet


async def test_the_file_is_named_and_never_cached() -> None:
    made = await sheet_file("csv", "lich-su", "Lịch sử", COLUMNS, [])
    assert made.headers == {
        "content-disposition": 'attachment; filename="lich-su.csv"',
        "cache-control": "no-store",
    }
