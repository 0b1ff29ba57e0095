"""Reads a SWIFT MT940 statement with the library mt-940."""

import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any, Literal

import mt940
from mt940.models import Transactions
from pydantic import BaseModel, Field, ValidationError

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.payment.statements.amounts import is_account, whole_dong
from services.renewal.payment.statements.cells import CellError
from services.renewal.payment.statements.limits import MOST_BALANCE, MOST_LINES
from services.renewal.payment.statements.refusal import refuse
from shared.text.characters import harmless

# The library logs what it can't read: names and memos don't belong in logs.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_FIELD = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE)
_ENVELOPE = re.compile(r"^(?:\{|-\}).*$", re.MULTILINE)
"""Lines around a statement that name sender and receiver."""
_OPENING = ("final_opening_balance", "intermediate_opening_balance", "opening_balance")
_CLOSING = ("final_closing_balance", "intermediate_closing_balance", "closing_balance")


class SwiftTransaction(BaseModel):
    """What is read of one transaction. The library's other fields are ignored."""

    status: Literal["C", "D", "RC", "RD"]
    valued_on: date = Field(alias="date")
    entry_date: date | None = None
    bank_reference: str | None = None
    customer_reference: str | None = None
    transaction_details: str | None = None
    purpose: str | None = None
    additional_purpose: str | None = None
    extra_details: str | None = None
    applicant_name: str | None = None
    applicant_iban: str | None = None

    @property
    def memo(self) -> str:
        parts = (self.transaction_details, self.purpose, self.additional_purpose, self.extra_details)
        return harmless(" ".join(filter(None, parts)))

    @property
    def reference(self) -> str:
        known = (self.bank_reference, self.customer_reference)
        return harmless(next((each for each in known if each and each != "NONREF"), ""))

    @property
    def is_credit(self) -> bool:
        """A debit that is taken back is a credit."""
        return self.status in ("C", "RD")


def read_mt940(data: bytes, bank_bin: str, account: str) -> tuple[Statement, ...]:
    """The statements of `account`, one for each `:20:`. Raises StatementRefused."""
    text = _decoded(data)
    rows = iter(_rows(text))
    blocks = _parsed(text)
    if not blocks or sum(map(len, blocks)) != len(_rows(text)):
        refuse("not_mt940")
    if sum(map(len, blocks)) > MOST_LINES:
        refuse("too_many_rows", most=MOST_LINES)
    return tuple(_statement(block, rows, bank_bin, account) for block in blocks)


def _parsed(text: str) -> list[Transactions]:
    """The library's reading. From a text it never takes the name of a file."""
    try:
        return mt940.parse_statements(StringIO(text), options=mt940.Options.all())
    except Exception:  # it raises errors of many kinds
        field, row = _unread_field(text)
        refuse("mt940_field", row, field)


def _unread_field(text: str) -> tuple[str, int | None]:
    """The first field that can't be read by itself, and its line."""
    starts = [*_FIELD.finditer(text)]
    ends = [*(found.span()[0] for found in starts[1:]), len(text)]
    row = 1
    for before, found, end in zip([None, *starts], starts, ends, strict=False):
        row += text.count("\n", before.span()[0] if before else 0, found.span()[0])
        try:
            mt940.parse(StringIO(f":20:1\n{text[found.span()[0] : end]}"), options=mt940.Options.all())
        except Exception:
            return found[0], row
    return "", None


def _rows(text: str) -> list[int]:
    """The lines on which a transaction begins."""
    return [row for row, line in enumerate(text.split("\n"), 1) if line.startswith(":61:")]


def _statement(block: Transactions, rows: Iterator[int], bank_bin: str, account: str) -> Statement:
    if not is_account(str(block.data.get("account_identification", "")), account):
        refuse(
            "account_other",
            None,
            ":25:",
            account=harmless(str(block.data.get("account_identification")))[:40],
        )
    opening, _ = _balance(block, _OPENING, ":60F:")
    closing, closed_on = _balance(block, _CLOSING, ":62F:")
    entries = [_entry(transaction.data, row) for transaction, row in zip(block, rows, strict=False)]
    days = [closed_on, *(entry.booked_on for entry in entries)]
    return Statement.of(
        bank_bin, account, entries, opening=opening, closing=closing, period=(min(days), max(days))
    )


def _balance(block: Transactions, names: tuple[str, ...], field: str) -> tuple[int, date]:
    balance = next((block.data[name] for name in names if name in block.data), None)
    if balance is None or balance.amount is None or balance.date is None:
        refuse("mt940_field", None, field)
    return _dong(balance.amount, None, field, MOST_BALANCE), _plain(balance.date)


def _entry(data: dict[str, Any], row: int) -> StatementEntry:
    try:
        read = SwiftTransaction.model_validate(data)
    except ValidationError:
        refuse("mt940_field", row, ":61:")
    amount = abs(_dong(data.get("amount"), row, ":61:"))
    if not amount:
        refuse("amount_zero", row, ":61:")
    return StatementEntry(
        row=row,
        booked_on=_plain(read.entry_date or read.valued_on),
        direction=LineDirection.CREDIT if read.is_credit else LineDirection.DEBIT,
        amount=amount,
        memo=read.memo,
        reference=read.reference,
        payer=harmless(read.applicant_name or ""),
        payer_account=harmless(read.applicant_iban or ""),
        reversal=read.status.startswith("R"),
    )


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        refuse("not_decoded")
    return _ENVELOPE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _dong(amount: Any, row: int | None, field: str, most: int = LIMIT) -> int:
    """The library's amount in đồng, below 0 for a debit."""
    if not isinstance(amount, mt940.models.Amount) or not isinstance(amount.amount, Decimal):
        refuse("mt940_field", row, field)
    try:
        return whole_dong(amount.amount, amount.currency or "", most)
    except CellError as error:
        refuse(error.rule, row, field)


def _plain(day: date) -> date:
    """The day without the library's class."""
    return date(day.year, day.month, day.day)
