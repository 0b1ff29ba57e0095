"""The CSV of subscriptions: what offices' spreadsheet programs do to it, and arbitrary bytes."""

import tracemalloc
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.spreadsheet import reader
from services.subscription.spreadsheet.cells import broken_rule
from services.subscription.spreadsheet.reader import (
    LARGEST_BYTES,
    MOST_ROWS,
    RowReader,
    Unreadable,
    write_rows,
)
from services.subscription.spreadsheet.row import COLUMNS, Row
from services.subscription.spreadsheet.rules import rule_text
from shared.ids import subscription_id
from shared.text.characters import visible
from tests.services.subscription.sample_rows import KNOWN, SOUND, Parsed, file, read_rows, sound


def read(data: bytes) -> Parsed:
    return read_rows(data, KNOWN)


def row_errors(parsed: Parsed) -> list[tuple[int, str, str]]:
    return [(error.row, error.field, error.rule) for error in parsed.errors]


def unreadable(data: bytes) -> tuple[int, str, str]:
    with pytest.raises(Unreadable) as fault:
        read(data)
    return fault.value.error.row, fault.value.error.field, fault.value.error.rule


def test_a_sound_row_becomes_a_licence() -> None:
    row = sound()
    licence = row.licence("r117")
    assert licence.expires_on == date(2026, 12, 31)
    assert (licence.budget_code, licence.users, licence.policy) == ("0047665", 10, "r117")
    assert row.subscription_id == subscription_id("ngoc-ha", "qlts")


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_what_spreadsheets_write_is_read_alike(before: bytes, delimiter: str, end: str) -> None:
    data = before + file(SOUND, delimiter=delimiter).replace(b"\r\n", end.encode())
    assert read(data) == Parsed({2: sound()})


def test_columns_may_stand_in_any_order_with_others_between() -> None:
    columns = (*reversed(COLUMNS), "ghi chú")
    assert read(file({**SOUND, "ghi chú": "x"}, columns=columns)) == Parsed({2: sound()})


@pytest.mark.parametrize(
    ("column", "typed", "kept"),
    [
        ("name", unicodedata.normalize("NFD", "Trường Tiểu học Ngọc Hà"), "Trường Tiểu học Ngọc Hà"),
        ("name", "  TRƯỜNG TIỂU HỌC ’NGỌC HÀ’ – CS2 \u00a0", "TRƯỜNG TIỂU HỌC ’NGỌC HÀ’ – CS2"),
        ("name", "\ufeffXã Đất Mũi\u200b", "Xã Đất Mũi"),
        ("address", "Thôn 3\nXã Tân Ân", "Thôn 3 Xã Tân Ân"),
        ("tax_code", "0101243150", "0101243150"),
        ("tax_code", "0101243150001", "0101243150-001"),
        ("tax_code", "001199012345", "001199012345"),
        ("tax_code", " ", None),
        ("budget_code", "", None),
        ("name", "Ph\u202aòng\u202c GD\u00ad-ĐT", "Phòng GD-ĐT"),
        ("name", "Ðại học Ðà Nẵng", "Đại học Đà Nẵng"),
        ("name", "Trường\u2011A", "Trường-A"),
        ("representative", "N" * 200, "N" * 200),
        ("tax_code", "0101243150–001", "0101243150-001"),
        ("tax_code", "0101 243 150", "0101243150"),
        ("tax_code", "'0101243150", "0101243150"),
        ("budget_code", "1\u00a0047\u00a0665", "1047665"),
        ("office_ref", "DV–001\u200b", "DV-001"),
        ("province_code", "\u200b91", "91"),
        ("province_code", "89", "91"),
        ("zone", "", "Asia/Ho_Chi_Minh"),
        ("zone", "Asia/Vientiane", "Asia/Vientiane"),
        ("contact_phone", "+84 912.345.678", "0912345678"),
        ("contact_phone", "84912345678", "0912345678"),
        ("contact_phone", "(024) 3933-1234", "02439331234"),
        ("contact_phone", "1900 1234", "19001234"),
        ("contact_phone", "0912‑345‑678", "0912345678"),
        ("contact_email", "a" * 90 + "@b.example", "a" * 90 + "@b.example"),
        ("expires_on", "31/12/2026", date(2026, 12, 31)),
        ("expires_on", "1/2/2027", date(2027, 2, 1)),
        ("expires_on", "29/02/2028", date(2028, 2, 29)),
        ("expires_on", "31-12-2026", date(2026, 12, 31)),
        ("expires_on", "31.12.2026", date(2026, 12, 31)),
        ("expires_on", "31–12–2026", date(2026, 12, 31)),
        ("expires_on", "2026/12/31", date(2026, 12, 31)),
        ("expires_on", "46387", date(2026, 12, 31)),
        ("expires_on", "46387.0", date(2026, 12, 31)),
        ("expires_on", "2026-12-31 00:00:00", date(2026, 12, 31)),
        ("expires_on", "31/12/2026 0:00", date(2026, 12, 31)),
        ("expires_on", "31/12/2026 12:00:00 SA", date(2026, 12, 31)),
        ("tax_code", '="0101243150"', "0101243150"),
        ("name", "M\u00fcnchen Nguye\u0302\u0303n \u0110a\u0300", "München Nguyễn Đà"),
        ("name", "Tru\u00ado\u031b\u0300ng", "Truờng"),
        ("name", "Trường “Hoà Bình” số 2 ½, m²", "Trường “Hoà Bình” số 2 ½, m²"),
        ("users", "0012", 12),
    ],
)
def test_cells_are_kept_as_typed_once_cleaned(column: str, typed: str, kept: Any) -> None:
    assert getattr(sound(**{column: typed}), column) == kept


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("office_ref", "", "format"),
        ("office_ref", "a b", "format"),
        ("name", " ", "required"),
        ("name", "x" * 401, "too_long"),
        ("name", "x\x00y", "characters"),
        ("name", "Tổ ● Xã", "characters"),
        ("representative", "N" * 201, "too_long"),
        ("address", "#REF!", "spreadsheet_error"),
        ("tax_code", "101243150", "leading_zero"),
        ("tax_code", "101243150-001", "leading_zero"),
        ("tax_code", "1199012345".zfill(11), "leading_zero"),
        ("tax_code", "1.02E+09", "scientific"),
        ("tax_code", "0101243150-000", "format"),
        ("tax_code", "1.02e9", "scientific"),
        ("tax_code", "101243150.0", "fraction"),
        ("budget_code", "104766.0", "fraction"),
        ("budget_code", "104766,5", "fraction"),
        ("province_code", "1.0", "fraction"),
        ("contact_phone", "19006134.0", "fraction"),
        ("office_ref", "12.0", "fraction"),
        ("name", "Tru?ng Ti?u h?c Ng?c H?", "letters_lost"),
        ("name", "??ng ?a", "letters_lost"),
        ("name", "Tiểu".encode().decode("cp1252"), "letters_lost"),
        ("name", "Së Tµi chÝnh", "letters_lost"),  # TCVN3
        ("address", "Tröôøng Tieåu hoïc", "letters_lost"),  # VNI
        ("name", "#SPILL!", "spreadsheet_error"),
        ("name", "Err:502", "spreadsheet_error"),
        ("zone", "localtime", "unknown_zone"),
        ("budget_code", "1.05E+06", "scientific"),
        ("contact_phone", "9.12E+08", "scientific"),
        ("users", "1E+3", "scientific"),
        ("office_ref", "1E+05", "scientific"),
        ("expires_on", "########", "spreadsheet_error"),
        ("tax_code", "٠١٠١٢٤٣١٥٠", "format"),
        ("budget_code", "047665", "leading_zero"),
        ("budget_code", "10476650", "format"),
        ("province_code", "1", "leading_zero"),
        ("province_code", "Hà Nội", "format"),
        ("province_code", "99", "unknown_province"),
        ("province_code", "03", "unknown_province"),
        ("zone", "Asia/Hanoi", "unknown_zone"),
        ("zone", "../../etc/passwd", "unknown_zone"),
        ("contact_phone", "912345678", "leading_zero"),
        ("contact_phone", "0112345678", "format"),
        ("contact_email", "a@b", "format"),
        ("contact_email", "a" * 100 + "@b.example", "too_long"),
        ("contact_email", "a@b.example; c@d.example", "format"),
        ("contact_email", "a@b.example\r\nBcc: c@d.example", "format"),
        ("product_code", "QLTS", "format"),
        ("users", "", "not_a_number"),
        ("users", "1.000", "not_a_number"),
        ("users", "-1", "not_a_number"),
        ("users", "0", "out_of_range"),
        ("expires_on", "", "not_a_date"),
        ("expires_on", "29/02/2027", "not_a_date"),
        ("expires_on", "12/31/2026", "not_a_date"),
        ("expires_on", "31/12/26", "not_a_date"),
        ("expires_on", "10000", "out_of_range"),
        ("expires_on", "2026-12-31 17:00:00", "not_a_date"),
        ("expires_on", "9999-12-31", "out_of_range"),
        ("policy", "r118", "unknown_policy"),
    ],
)
def test_a_bad_cell_refuses_its_row_and_is_named(column: str, cell: str, rule: str) -> None:
    good, bad = {**SOUND, "office_ref": "good"}, {**SOUND, column: cell}
    parsed = read(file(good, bad, {**SOUND, "office_ref": "also-good"}))
    assert [row.office_ref for row in parsed.rows.values()] == ["good", "also-good"]
    assert row_errors(parsed) == [(3, column, rule)]
    assert parsed.errors[0].message == rule_text(rule, parsed.errors[0].figures, column)
    assert not cell.strip() or len(cell) < 4 or cell not in str(parsed.errors)


def test_every_error_of_a_row_is_named_at_once() -> None:
    parsed = read(file({**SOUND, "name": "", "users": "x", "policy": "r0"}))
    assert row_errors(parsed) == [
        (2, "name", "required"),
        (2, "users", "not_a_number"),
        (2, "policy", "unknown_policy"),
    ]


def test_a_tax_code_whose_check_digit_doesnt_fit_is_taken_with_a_warning() -> None:
    parsed = read(file({**SOUND, "tax_code": "0101243151"}))
    assert [row.tax_code for row in parsed.rows.values()] == ["0101243151"]
    assert [(w.row, w.field, w.rule) for w in parsed.warnings] == [(2, "tax_code", "check_digit")]


def test_a_character_that_cannot_be_printed_is_named() -> None:
    (error,) = read(file({**SOUND, "name": "Tổ ● Xã"})).errors
    assert "U+25CF" in error.message[0]
    assert "U+25CF" in error.message[1]


def test_a_code_of_a_merged_province_is_taken_with_a_warning() -> None:
    parsed = read(file({**SOUND, "province_code": "89"}))
    assert [row.province_code for row in parsed.rows.values()] == ["91"]
    (warning,) = parsed.warnings
    assert (warning.field, warning.rule) == ("province_code", "province_merged")
    assert "91 (An Giang)" in warning.message[0]


def test_a_row_without_any_code_of_the_office_is_refused() -> None:
    assert row_errors(read(file({**SOUND, "tax_code": "", "budget_code": ""}))) == [
        (2, "", "one_code_needed")
    ]


def test_an_empty_policy_is_the_products() -> None:
    row = sound(policy="")
    assert row.policy is None
    assert row.licence("pre-r117").policy == "pre-r117"


def test_a_bad_row_is_named_by_its_codes_and_nothing_personal() -> None:
    shifted = {**SOUND, "office_ref": "Nguyễn Thị Mẫu", "users": "x"}
    parsed = read(file({**SOUND, "users": "x"}, shifted))
    assert parsed.keys == {2: ("ngoc-ha", "qlts"), 3: ("", "qlts")}


def test_empty_lines_are_skipped_and_rows_keep_their_numbers() -> None:
    lines = file(SOUND, {**SOUND, "office_ref": "b", "users": "x"}).split(b"\r\n")
    lines.insert(2, b"," * (len(COLUMNS) - 1))
    lines.insert(2, b"")
    parsed = read(b"\r\n".join(lines))
    assert parsed.rows == {2: sound()}
    assert row_errors(parsed)[0][1:] == ("users", "not_a_number")


def test_an_address_whose_comma_isnt_quoted_shifts_nothing() -> None:
    data = file(SOUND).replace(b'"', b"")
    assert row_errors(read(data)) == [(2, "", "wrong_number_of_cells")]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", (1, "", "empty_file")),
        ("tên".encode("cp1258"), (1, "", "not_utf8")),
        (file(SOUND, columns=COLUMNS[:-1]), (1, "policy", "column_missing")),
        (file(SOUND, columns=(*COLUMNS, "users")), (1, "users", "column_repeated")),
        (file(SOUND) + b'"a"b', (3, "", "not_csv")),
        (file(SOUND) + b'"never closed', (3, "", "not_csv")),
        (file(SOUND) + b"x" * 200_000, (3, "", "not_csv")),
    ],
)
def test_a_file_that_cant_be_read_is_refused_whole(data: bytes, fault: tuple[int, str, str]) -> None:
    assert unreadable(data) == fault


def test_too_large_a_file_and_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    two = file(SOUND, {**SOUND, "office_ref": "b"})
    monkeypatch.setattr(reader, "MOST_ROWS", 1)
    assert unreadable(two) == (1, "", "too_many_rows")
    monkeypatch.setattr(reader, "LARGEST_BYTES", len(two) - 1)
    assert unreadable(two) == (1, "", "file_too_large")


def test_the_texts_name_the_limits() -> None:
    rows, bytes = rule_text("too_many_rows", {}), rule_text("file_too_large", {})
    assert f"{MOST_ROWS:,}" in rows.en
    assert f"{MOST_ROWS:,}".replace(",", ".") in rows.vi
    assert all(f"{LARGEST_BYTES >> 20} MB" in text for text in bytes)


def test_a_long_file_is_read_in_little_memory() -> None:
    data = file(*({**SOUND, "office_ref": f"o-{number}"} for number in range(3000)))
    tracemalloc.start()
    assert sum(1 for read in RowReader.open(data, KNOWN) if read.row) == 3000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(data) / 2


names = st.text("aZ09Đếỹ,;.'\"-–’", min_size=1, max_size=40).filter(lambda text: text[0] not in "'’")
refs = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True).filter(
    lambda ref: broken_rule("office_ref", ref) is None
)
codes = st.from_regex(r"[0-9]{10}(-(?!000)[0-9]{3})?", fullmatch=True)
rows = st.builds(
    lambda **cells: Row.model_validate({**SOUND, **cells}, context={"policies": KNOWN}),
    office_ref=refs,
    name=names,
    address=names.map(lambda text: f'{text}, "{text}"; {text}'),
    tax_code=codes,
    budget_code=st.from_regex(r"[0-9]{7}", fullmatch=True) | st.just(""),
    users=st.integers(1, 1_000_000).map(str),
    expires_on=st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(date.isoformat),
)


@given(st.lists(rows, unique_by=lambda row: row.office_ref, max_size=5))
def test_what_is_written_is_read_back(written: list[Row]) -> None:
    parsed = read(write_rows(written))
    assert (tuple(parsed.rows.values()), parsed.errors) == (tuple(written), ())


@given(st.binary(max_size=300), st.booleans())
def test_arbitrary_bytes_are_read_or_named_unreadable(noise: bytes, after_header: bool) -> None:
    try:
        errors = read((file() if after_header else b"") + noise).errors
    except Unreadable as fault:
        errors = (fault.error,)
    assert all(error.message[0] and error.message[1] for error in errors)


@given(st.lists(st.text(max_size=30), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_arbitrary_cells_are_refused_or_sound(cells: list[str]) -> None:
    parsed = read(file(dict(zip(COLUMNS, cells, strict=True))))
    assert parsed.errors or not any(map(visible, cells))
    assert parsed.rows == {}
