"""The sample files, how each bank's table is read, and workbooks made of rows."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from services.renewal.domain.payment.statement import Statement
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.reader import StatementSource, read_statements
from services.renewal.payment.statements.refusal import StatementRefused

ACCOUNT = "0011001234567"
CODE = "GHBFXR71NC"
FOLDER = Path(__file__).parent / "samples"

VIETCOMBANK = ColumnMapping(
    date="Ngày Số CT / Doc No",
    reference="Ngày Số CT / Doc No",
    debit="Nợ / Debit",
    credit="Có / Credit",
    balance="Số dư / Balance",
    memo="Nội dung chi tiết / Transactions in detail",
    account_label="Số tài khoản",
    opening_label="Số dư đầu kỳ",
    closing_label="Số dư cuối kỳ",
    end_words=("Tổng số", "Số dư cuối kỳ"),
    thousands=",",
    decimal=".",
)
BIDV = ColumnMapping(
    date="Ngày giao dịch",
    reference="Số tham chiếu",
    debit="Ghi nợ",
    credit="Ghi có",
    balance="Số dư",
    memo="Diễn giải",
    account_label="Số tài khoản",
    end_words=("Cộng phát sinh",),
    code_page="cp1258",
)
VIETINBANK = ColumnMapping(
    date="Ngày giao dịch/Transaction date",
    reference="Số tham chiếu/Reference",
    debit="Nợ/Debit",
    credit="Có/Credit",
    balance="Số dư/Balance",
    memo="Mô tả giao dịch/Description",
    payer="Tên tài khoản đối ứng/Account name",
    payer_account="Tài khoản đối ứng/Account No.",
    account_label="Tài khoản/Account",
    thousands=",",
    decimal=".",
)
SIGNED = ColumnMapping(
    date="date",
    amount="amount",
    memo="description",
    reference="reference",
    currency="currency",
    thousands=",",
    decimal=".",
)


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def read(data: bytes, columns: ColumnMapping | None = None, account: str = ACCOUNT) -> Statement:
    """The one statement of a file."""
    (statement,) = read_statements(data, StatementSource(account=account, bank_bin="970436", columns=columns))
    return statement


def faults_of(data: bytes, columns: ColumnMapping | None = None) -> list[tuple[str, int | None, str]]:
    """What is wrong with a file: rule, line and column."""
    with pytest.raises(StatementRefused) as refused:
        read(data, columns)
    assert all(fault.message.vi and fault.message.en for fault in refused.value.faults)
    return [(fault.rule, fault.row, fault.column) for fault in refused.value.faults]


def signed(*lines: str) -> bytes:
    """A CSV that SIGNED reads, with these lines after the headings."""
    return "\n".join(("date,amount,currency,description,reference", *lines)).encode()


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of one sheet. Cells have the types of the values."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as made:
        sheet = made.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()
