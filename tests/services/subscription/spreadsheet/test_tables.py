"""Spreadsheets as offices send them: CSV of every kind, workbooks, and hostile files."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
import xlsxwriter

from services.subscription.spreadsheet.reader import Unreadable
from services.subscription.spreadsheet.row import COLUMNS
from shared.spreadsheet import workbook
from tests.services.subscription.sample_rows import SOUND, file, read_rows, sound

OTHER = {**SOUND, "office_ref": "0012"}
SHEET = "xl/worksheets/sheet1.xml"


def book(
    *rows: dict[str, Any], first: int = 0, sheets: tuple[str, ...] = ("Danh sách",), **options: bool
) -> bytes:
    """A workbook with the rows on its last sheet. Cells have the types of the values."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as made:
        days = made.add_format({"num_format": "dd/mm/yyyy"})
        *_, sheet = [made.add_worksheet(name) for name in sheets]
        sheet.write_row(first, 0, COLUMNS)
        for number, row in enumerate(rows, first + 1):
            for column, name in enumerate(COLUMNS):
                value = row[name]
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, days)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                else:
                    sheet.write(number, column, value)
    return out.getvalue()


def rule_of(data: bytes) -> str:
    with pytest.raises(Unreadable) as fault:
        read_rows(data, {"r117"})
    assert fault.value.error.message[0]
    return fault.value.error.rule


def outcome(data: bytes) -> int | str:
    """The number of valid rows, or why the file can't be read."""
    try:
        return len(read_rows(data, {"r117"}).rows)
    except Unreadable as fault:
        return fault.error.rule


def row_errors(data: bytes) -> list[tuple[int, str, str]]:
    return [(error.row, error.field, error.rule) for error in read_rows(data, {"r117"}).errors]


def csv_text(delimiter: str = ",") -> str:
    return file(SOUND, delimiter=delimiter).decode()


@pytest.mark.parametrize(
    "data",
    [
        csv_text("\t").encode(),
        csv_text("|").encode(),
        ("sep=;\r\n" + csv_text(";")).encode(),
        ('"sep=;"\n' + csv_text(";")).encode("utf-8-sig"),
        ("sep=\t\r\n" + csv_text("\t")).encode("utf-16"),
        csv_text().encode("utf-16-le"),
        csv_text().encode("utf-16-be"),
        b"\xff\xfe" + csv_text("\t").encode("utf-16-le"),
        b"\xfe\xff" + csv_text(";").encode("utf-16-be"),
        csv_text().replace("\r\n", "\r").encode(),
        csv_text().replace("office_ref", "\u200bOffice_Ref\u00a0").encode(),
        csv_text().replace("office_ref", "Office Ref").encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + csv_text().encode(),
        b"\xef\xbb\xbf" + csv_text().encode("utf-16"),
        b"\xff\xfe" + csv_text().encode(),
        csv_text().encode("utf-32"),
        ("Đơn vị ở đâu," + csv_text().replace("\n", "\nĐơn vị,", 1)).encode("utf-16-le"),
        ("sep=;,,,\r\n" + csv_text(";")).encode(),
        ("sep=\\t\n" + csv_text("\t")).encode(),
        csv_text().replace("\r\n", ",,\r\n").encode(),
        csv_text().replace("r117\r\n", "r117,\r\n").encode(),
        csv_text().encode() + b"\x1a",
        csv_text().encode() + bytes(512),
    ],
    ids=[
        "tabs", "bars", "sep", "sep-quoted-BOM", "sep-tab-UTF-16", "LE", "BE", "LE-BOM", "BE-BOM", "CR", "x",
        "words", "two-BOMs", "mixed-BOMs", "stray-BOM", "UTF-32", "LE-Vietnamese", "sep-padded",
        "sep-letters", "empty-columns", "empty-cell", "ctrl-Z", "NULs",
    ],
)  # fmt: skip
def test_csv_of_every_kind_is_read_alike(data: bytes) -> None:
    parsed = read_rows(data, {"r117"})
    assert (parsed.rows, parsed.errors) == ({2: sound()}, ())


@pytest.mark.parametrize("encoding", ["cp1258", "cp1252", "utf-8"])
def test_another_code_page_is_reported_with_the_remedy(encoding: str) -> None:
    data = csv_text().replace("Trường", "Ðà").encode(encoding, "replace")
    if encoding == "utf-8":
        data = data[:-40] + b"\xc3\x28" + data[-40:]
    assert rule_of(data) == "not_utf8"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"<html><table><tr><td>office_ref</td></tr></table></html>", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "not_a_table"),
        (b"PK\x03\x04" + bytes(100), "not_a_table"),
        (b"\xef\xbb\xbf<html>", "not_a_table"),
        (csv_text().encode("utf-16")[:-1], "not_utf8"),
        (b"sep=;\r\n", "empty_file"),
    ],
    ids=["pdf", "html", "ole", "zip", "html-BOM", "odd-UTF-16", "sep-alone"],
)
def test_what_is_no_table_is_reported_with_the_remedy(data: bytes, rule: str) -> None:
    assert rule_of(data) == rule


def test_a_workbook_is_read_like_csv() -> None:
    typed = {**SOUND, "users": 10, "expires_on": date(2026, 12, 31)}
    assert read_rows(book(typed), {"r117"}).rows == {2: sound()}


@pytest.mark.parametrize("day", [date(2026, 12, 31), 46387, "31-12-2026", "31/12/2026", "2026-12-31"])
def test_a_day_is_read_however_its_cell_is_typed(day: object) -> None:
    assert read_rows(book({**SOUND, "expires_on": day}), {"r117"}).rows == {2: sound()}


def test_the_sheet_with_the_columns_is_read_and_rows_keep_their_numbers() -> None:
    bad = {**SOUND, "users": "x"}
    data = book(SOUND, bad, sheets=("Hướng dẫn", "Danh sách"))
    assert row_errors(data) == [(3, "users", "not_a_number")]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("tax_code", 101243150, "leading_zero"),
        ("tax_code", 101243150001, "leading_zero"),
        ("tax_code", 1.01e20, "scientific"),
        ("budget_code", 47665, "format"),
        ("budget_code", 104766.5, "fraction"),
        ("budget_code", -1047665, "format"),
        ("address", date(2026, 9, 2), "made_a_day"),  # 2/9, a street
        ("name", 0, "text_wanted"),  # a formula that was never computed
        ("expires_on", datetime.combine(date(2026, 12, 31), time(17)), "time_of_day"),
        ("budget_code", 147665, "leading_zero"),
        ("contact_phone", 912345678, "leading_zero"),
        ("province_code", 1, "leading_zero"),
        ("office_ref", date(2026, 1, 2), "made_a_day"),
        ("expires_on", True, "not_a_date"),
    ],
)
def test_what_a_workbook_did_to_a_code_is_said(column: str, value: object, rule: str) -> None:
    assert row_errors(book({**SOUND, column: value})) == [(2, column, rule)]


@pytest.mark.parametrize("column", ["name", "tax_code"])
def test_a_workbooks_error_is_said_and_no_empty_cell(column: str) -> None:
    """Also where the column may be empty."""
    place = b"%c2" % (65 + COLUMNS.index(column))
    cell = b'<c r="%b" t="e"><v>#N/A</v></c>' % place
    broken = changed(book(SOUND), sheet1=lambda xml: re.sub(rb'<c r="%b".*?</c>' % place, cell, xml))
    assert row_errors(broken) == [(2, column, "spreadsheet_error")]


def test_days_counted_from_1904() -> None:
    """A day is read. A bare number, which would be another day, is an error."""
    day = {**SOUND, "expires_on": date(2026, 12, 31)}
    assert read_rows(book(day, date_1904=True), {"r117"}).rows == {2: sound()}
    number = {**SOUND, "expires_on": 46387 - 1462}
    assert row_errors(book(number, date_1904=True)) == [(2, "expires_on", "day_of_1904")]


@pytest.mark.parametrize("kind", ["workbook", "csv"])
def test_a_title_above_the_column_names_is_skipped(kind: str) -> None:
    bad = {**SOUND, "users": "x"}
    text = file(SOUND, bad, delimiter=";").decode()
    titled = f"DANH SÁCH, QUÝ IV\r\n;;\r\n\r\n{text}".encode()
    data = book(SOUND, bad, first=3) if kind == "workbook" else titled
    assert read_rows(data, {"r117"}).rows == {5: sound()}
    assert row_errors(data) == [(6, "users", "not_a_number")]


def test_a_hidden_sheet_is_never_read_and_two_visible_ones_are_an_error() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as made:
        old, new = made.add_worksheet("Cũ"), made.add_worksheet("Mới")
        for sheet, row in ((old, OTHER), (new, SOUND)):
            sheet.write_row(0, 0, COLUMNS)
            sheet.write_row(1, 0, [row[column] for column in COLUMNS])
        new.activate()
        old.hide()
    assert read_rows(out.getvalue(), {"r117"}).rows == {2: sound()}
    visible = changed(out.getvalue(), workbook=lambda xml: xml.replace(b' state="hidden"', b""))
    assert rule_of(visible) == "several_sheets"


def test_an_office_code_kept_as_a_number_is_taken_with_a_warning() -> None:
    parsed = read_rows(book({**SOUND, "office_ref": 12}), {"r117"})
    assert [row.office_ref for row in parsed.rows.values()] == ["12"]
    assert [(w.field, w.rule) for w in parsed.warnings] == [("office_ref", "number_cell")]


def changed(data: bytes, **parts: Callable[[bytes], bytes]) -> bytes:
    """The workbook with some of its parts replaced (named by their file's stem)."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            change = parts.get(name.rpartition("/")[2].partition(".")[0], bytes)
            new.writestr(name, change(old.read(name)))
    return out.getvalue()


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    zeros = changed(book(SOUND), sheet1=lambda xml: xml + bytes(workbook.MOST_UNPACKED))
    assert len(zeros) < 1_000_000
    assert rule_of(zeros) == "workbook_too_complex"


def test_an_archive_that_lies_about_its_size_is_read_within_limits() -> None:
    data = bytearray(changed(book(SOUND), sheet1=lambda xml: xml + b" " * workbook.MOST_UNPACKED))
    for header, size, name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = data.find(header)
        while data[at + name : at + name + len(SHEET)] != SHEET.encode():
            at = data.find(header, at + 1)
        data[at + size : at + size + 4] = (10_000).to_bytes(4, "little")
    assert outcome(bytes(data)) in (1, "not_a_table", "workbook_too_complex")


def test_one_cell_in_the_farthest_corner_costs_no_memory() -> None:
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    data = changed(book(SOUND), sheet1=lambda xml: xml.replace(b"</sheetData>", far))
    assert rule_of(data) in ("workbook_too_complex", "too_many_rows")


def test_entities_are_not_expanded() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 1000 + b'">]>'
    data = changed(
        book(SOUND),
        sharedStrings=lambda xml: xml.replace(b"<sst", laughs + b"<sst").replace(b"Ng\xe1\xbb\x8dc", b"&b;"),
    )
    assert outcome(data) in (0, "not_a_table", "workbook_too_complex")


def test_links_macros_and_formulas_are_never_followed() -> None:
    """Only values are read: a formula's last result, whatever it refers to."""
    formula = b"<f>[1]Sheet1!A1</f>"
    data = changed(book(SOUND), sheet1=lambda xml: xml.replace(b"<v>", formula + b"<v>", 1))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
        archive.writestr("xl/externalLinks/externalLink1.xml", b'<externalLink href="file:///etc/passwd"/>')
    assert read_rows(out.getvalue(), {"r117"}).rows == {2: sound()}


def test_a_truncated_workbook_is_no_table() -> None:
    assert rule_of(book(SOUND)[:-200]) in ("not_a_table", "workbook_too_complex")


def test_too_many_rows_of_a_workbook_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.subscription.spreadsheet.reader.MOST_ROWS", 1)
    assert rule_of(book(SOUND, OTHER)) == "too_many_rows"
