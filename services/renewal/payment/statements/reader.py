"""Reads a bank's statement from the bytes of an untrusted file, whatever its format."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.statement import Statement
from services.renewal.payment.statements.camt053 import read_camt053
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.limits import MOST_BYTES
from services.renewal.payment.statements.refusal import StatementFault, StatementRefused, refuse
from services.renewal.payment.statements.swift import read_mt940
from services.renewal.payment.statements.table import read_table_statement
from shared.text.amounts import digits

_MEGABYTE = 1024 * 1024


class StatementFormat(StrEnum):
    TABLE = "table"
    MT940 = "mt940"
    CAMT053 = "camt053"


class StatementSource(Frozen):
    """What is known of a file before it is read: whose account it must be of, and for a table its columns.

    `account` is without spaces, in capitals.
    """

    account: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4,34}$")]
    bank_bin: str = ""
    columns: ColumnMapping | None = None


def format_of(data: bytes) -> StatementFormat:
    """The format that the file's beginning tells."""
    begin = data[:4096].removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").removeprefix(b"\xff\xfe").lstrip()
    if begin.startswith(b"<"):
        return StatementFormat.CAMT053
    swift = begin.startswith((b"{1:", b":20:")) or b"\n:20:" in begin
    return StatementFormat.MT940 if swift else StatementFormat.TABLE


def read_statements(data: bytes, source: StatementSource) -> tuple[Statement, ...]:
    """The statements of a file; of a table there is one. It takes seconds for a large file: call it in a
    worker.

    Raises StatementRefused, and no other error, whatever the bytes are.
    """
    if not data:
        refuse("empty_file")
    if len(data) > MOST_BYTES:
        refuse("file_too_large", most=MOST_BYTES // _MEGABYTE)
    statements = _read(data, source)
    off = [each.difference for each in statements if each.difference]
    if off:
        raise StatementRefused(
            StatementFault("balance_differs", figures={"difference": digits(each)}) for each in off
        )
    return statements


def _read(data: bytes, source: StatementSource) -> tuple[Statement, ...]:
    kind = format_of(data)
    if kind is StatementFormat.CAMT053:
        return read_camt053(data, source.bank_bin, source.account)
    if kind is StatementFormat.MT940:
        return read_mt940(data, source.bank_bin, source.account)
    if source.columns is None:
        refuse("columns_unset")
    return (read_table_statement(data, source.columns, source.bank_bin, source.account),)
