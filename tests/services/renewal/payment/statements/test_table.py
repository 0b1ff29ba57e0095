"""Statements as CSV and as workbooks: samples, and what is wrong by line and column."""

import unicodedata
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.renewal.domain.payment.statement import LineDirection
from services.renewal.payment.statements import limits, table
from services.renewal.payment.statements.columns import ColumnMapping
from tests.services.renewal.payment.statements.samples import (
    ACCOUNT,
    BIDV,
    CODE,
    SIGNED,
    VIETCOMBANK,
    VIETINBANK,
    faults_of,
    read,
    sample,
    signed,
    workbook,
)

CREDIT, DEBIT = LineDirection.CREDIT, LineDirection.DEBIT


def test_vietcombank() -> None:
    statement = read(sample("vietcombank.csv"), VIETCOMBANK)
    assert (statement.opening, statement.closing, statement.difference) == (10**9, 1_007_189_000, 0)
    assert (statement.first_on, statement.last_on) == (date(2026, 11, 28), date(2026, 11, 30))
    first, fee, last = statement.lines
    assert (first.row, first.reference, first.direction, first.amount) == (8, "5243.65937", CREDIT, 4_800_000)
    assert first.memo.startswith(f"MBVCB.4525077405.031567.{CODE} UBND XA AN BINH")
    assert (fee.direction, fee.amount) == (DEBIT, 11_000)
    assert (last.row, last.amount) == (10, 2_400_000)


def test_bidv() -> None:
    statement = read(sample("bidv.csv"), BIDV, "12010001234567")
    first, fee = statement.lines
    assert (first.booked_on, first.amount, first.reference) == (date(2026, 11, 29), 4_800_000, "FT26333111")
    assert "UBND phường Hà Đông" in first.memo
    assert (fee.direction, fee.amount, statement.difference) == (DEBIT, 1_100, 0)
    assert (statement.opening, statement.closing) == (100_000_000, 104_798_900)


def test_vietinbank() -> None:
    """The newest line comes first."""
    statement = read(sample("vietinbank.csv"), VIETINBANK, "113000123456")
    first, refund = statement.lines
    assert (first.payer, first.payer_account) == ("KBNN HUYỆN GIA LÂM", "7010001")
    assert (refund.direction, refund.amount) == (DEBIT, 500_000)
    assert (statement.opening, statement.closing, statement.difference) == (50_000_000, 54_300_000, 0)


def test_one_amount_with_a_sign() -> None:
    lines = read(sample("signed.csv"), SIGNED).lines
    assert [(line.direction, line.amount) for line in lines] == [
        (CREDIT, 4_800_000),
        (DEBIT, 15_000),
        (DEBIT, 1_000),
        (CREDIT, 4_800_000),
    ]
    assert [line.occurrence for line in lines] == [1, 1, 1, 2]


def test_workbook_is_read_like_csv() -> None:
    rows: list[list[object]] = [
        ["Sao kê"],
        ["date", "amount", "currency", "description", "reference"],
        [date(2026, 11, 30), 4_800_000, "VND", CODE, "A1"],
        [],
        ["date", "amount", "currency", "description", "reference"],
        ["30/11/2026 10:11:12", "-1,500.00", "VNĐ", "fee", "A2"],
    ]
    lines = read(workbook(rows), SIGNED).lines
    assert [(line.row, line.booked_on, line.direction, line.amount) for line in lines] == [
        (3, date(2026, 11, 30), CREDIT, 4_800_000),
        (6, date(2026, 11, 30), DEBIT, 1_500),
    ]


def test_what_a_workbook_did_to_numbers_is_said() -> None:
    rows: list[list[object]] = [
        ["date", "amount", "currency", "description", "reference"],
        [46_000, 4_800_000.5, "VND", CODE, 12_345_678_901_234_567_890],
    ]
    assert faults_of(workbook(rows), SIGNED) == [
        ("digits_lost", 2, "reference"),
        ("day_format", 2, "date"),
        ("amount_fraction", 2, "amount"),
    ]


def test_formula_is_never_computed() -> None:
    line = read(signed('2026-11-30,1,VND,"=HYPERLINK(""http://x"",""y"")",1'), SIGNED).lines[0]
    assert line.memo == '=HYPERLINK("http://x","y")'


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("31/11/2026,1,VND,x,1", ("day_format", 2, "date")),
        ("11/30/2026,1,VND,x,1", ("day_format", 2, "date")),
        ("30/11/26,1,VND,x,1", ("year_two_digits", 2, "date")),
        (",1,VND,x,1", ("required", 2, "date")),
        ("30/11/2026,0,VND,x,1", ("amount_zero", 2, "amount")),
        ("30/11/2026,,VND,x,1", ("amount_zero", 2, "amount")),
        ("30/11/2026,1.5,VND,x,1", ("amount_fraction", 2, "amount")),
        ("30/11/2026,1.234.567,VND,x,1", ("amount_format", 2, "amount")),
        ('30/11/2026,"12,34",VND,x,1', ("amount_format", 2, "amount")),
        ("30/11/2026,1 USD,VND,x,1", ("currency_other", 2, "amount")),
        ("30/11/2026,1,USD,x,1", ("currency_other", 2, "currency")),
        ("30/11/2026,9999999999999,VND,x,1", ("amount_limit", 2, "amount")),
        ("30/11/2026,(-1),VND,x,1", ("amount_format", 2, "amount")),
        ('30/11/2026,1,VND,"x,1', ("not_csv", 2, "")),
        ("Total,1,VND,x,1", ("day_format", 2, "date")),
    ],
)
def test_fault_names_line_and_column(line: str, fault: tuple[str, int | None, str]) -> None:
    assert faults_of(signed(line), SIGNED) == [fault]


def test_all_faults_are_said_at_once_and_nothing_is_read_in_part() -> None:
    good, bad = "30/11/2026,1,VND,x,1", "x,y,VND,x,1"
    assert faults_of(signed(good, bad, good, bad), SIGNED) == [
        ("day_format", 3, "date"),
        ("amount_format", 3, "amount"),
        ("day_format", 5, "date"),
        ("amount_format", 5, "amount"),
    ]
    assert len(faults_of(signed(*[bad] * 1000), SIGNED)) == 50


def test_missing_and_repeated_headings() -> None:
    data = b"date,date,amount,currency,reference\n30/11/2026,,1,VND,1"
    assert faults_of(data, SIGNED) == [
        ("column_repeated", 1, "date"),
        ("column_missing", 1, "description"),
    ]


def test_columns_by_number_without_headings() -> None:
    columns = ColumnMapping(date=1, amount=2, memo=3, header_row=0, date_order="ymd")
    assert read(b"2026-11-30,5,a\n2026-12-01,6,b", columns).closing is None
    assert faults_of(b"2026-11-30\n2026-12-01,6,b", columns) == [("amount_zero", 1, "2")]


def test_direction_by_words() -> None:
    columns = ColumnMapping(
        date=1, amount=2, direction=3, memo=4, header_row=0, credit_words=("Có", "C"), debit_words=("Nợ", "D")
    )
    composed = "30/11/2026,1.000,CÓ,a\n30/11/2026,2.000,nợ,b\n30/11/2026,-3,C,c"
    for data in (composed, unicodedata.normalize("NFD", composed)):
        lines = read(data.encode(), columns).lines
        assert [(line.direction, line.amount, line.reversal) for line in lines] == [
            (CREDIT, 1_000, False),
            (DEBIT, 2_000, False),
            (DEBIT, 3, True),
        ]
    assert faults_of(b"30/11/2026,1,x,a", columns) == [("direction_unknown", 1, "3")]


def test_negative_credit_takes_one_back() -> None:
    columns = ColumnMapping(date=1, credit=2, debit=3, memo=4, header_row=0)
    line = read(b"30/11/2026,-500,,x", columns).lines[0]
    assert (line.direction, line.amount, line.reversal) == (DEBIT, 500, True)
    assert faults_of(b"30/11/2026,5,6,x", columns) == [("amount_both", 1, "2")]


def test_two_digit_years_only_where_they_are_allowed() -> None:
    columns = ColumnMapping(date=1, amount=2, memo=3, header_row=0, two_digit_years=True)
    assert read(b"30/11/26,5,a", columns).first_on == date(2026, 11, 30)


def test_another_account_is_refused() -> None:
    data = sample("vietcombank.csv").replace(ACCOUNT.encode(), b"9999999999999")
    assert faults_of(data, VIETCOMBANK) == [("account_other", 3, "")]
    without = b"\n".join(data.splitlines()[:2] + data.splitlines()[3:])
    assert faults_of(without, VIETCOMBANK) == [("account_missing", None, "")]


def test_lost_line_shows_in_the_balances() -> None:
    lines = sample("vietcombank.csv").splitlines(keepends=True)
    cut = b"".join(line for line in lines if b"QUAN LY" not in line and not line.startswith(b"2,"))
    assert faults_of(cut, VIETCOMBANK) == [("balance_differs", None, "")]
    unlabelled = VIETCOMBANK.model_copy(update={"opening_label": "", "closing_label": ""})
    assert faults_of(cut, unlabelled) == [("balance_differs", None, "")]


def test_wrong_code_page_is_said() -> None:
    unicode = BIDV.model_copy(update={"code_page": "unicode"})
    assert faults_of(sample("bidv.csv"), unicode) == [("not_decoded", None, "")]


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "30/11/2026,1,VND,x,1"
    monkeypatch.setattr(table, "_MOST_ROWS", 2)
    assert faults_of(signed(line, line), SIGNED) == [("too_many_rows", None, "")]
    assert faults_of(b"x" * (limits.MOST_BYTES + 1), SIGNED) == [("file_too_large", None, "")]


@pytest.mark.parametrize(
    ("data", "rule"),
    [(b"", "empty_file"), (b"PK\x03\x04" + bytes(90), "not_a_table"), (b"%PDF-1.7", "not_a_table")],
)
def test_what_is_no_table(data: bytes, rule: str) -> None:
    assert faults_of(data, SIGNED) == [(rule, None, "")]


def test_table_needs_its_columns() -> None:
    assert faults_of(signed("30/11/2026,1,VND,x,1")) == [("columns_unset", None, "")]
    assert faults_of(signed(), SIGNED) == [("no_lines", None, "")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": 1, "memo": 2, "header_row": 0},
        {"date": 1, "memo": 2, "header_row": 0, "amount": 3, "credit": 4, "debit": 5},
        {"date": 1, "memo": 2, "header_row": 0, "credit": 4},
        {"date": 1, "memo": 2, "header_row": 0, "amount": 3, "direction": 4},
        {"date": 1, "memo": 2, "header_row": 0, "amount": 3, "thousands": ",", "decimal": ","},
        {"date": "Ngày", "memo": 2, "header_row": 0, "amount": 3},
        {"date": 1, "memo": 2, "amount": 3},
        {"date": 0, "memo": 2, "amount": 3, "header_row": 0},
    ],
)
def test_incomplete_mapping_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ColumnMapping(**wrong)


@pytest.mark.parametrize("columns", [VIETCOMBANK, BIDV, VIETINBANK, SIGNED])
def test_saved_mapping_is_read_back(columns: ColumnMapping) -> None:
    assert ColumnMapping.model_validate_json(columns.model_dump_json()) == columns
