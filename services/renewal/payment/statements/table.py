"""Reads a statement that a bank gives as CSV or as a workbook."""

from collections.abc import Sequence
from itertools import islice

from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.payment.statements.amounts import is_account
from services.renewal.payment.statements.cells import CellError, read_amount
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.layout import Cells, TableLayout, find_layout
from services.renewal.payment.statements.limits import MOST_BALANCE, MOST_LINES
from services.renewal.payment.statements.refusal import MOST_FAULTS, StatementRefused, refuse
from services.renewal.payment.statements.rows import TransactionReader
from shared.spreadsheet.tables import NoTable, read_table
from shared.text.characters import harmless

_MOST_ROWS = MOST_LINES + 1000
"""With titles, sums and empty lines."""


def read_table_statement(data: bytes, mapping: ColumnMapping, bank_bin: str, account: str) -> Statement:
    """The statement of `account`. Raises StatementRefused."""
    rows = _rows(data, mapping)
    layout = find_layout(rows, mapping)
    _check_account(rows, layout, mapping, account)
    reader, entries = TransactionReader(mapping, layout), []
    for number, row in layout.lines(rows):
        if entry := reader.read(number, row):
            entries.append(entry)
        if len(reader.faults) >= MOST_FAULTS:
            break
    if reader.faults:
        raise StatementRefused(reader.faults)
    if not entries:
        refuse("no_lines")
    opening = _labelled_balance(rows, layout, mapping, mapping.opening_label)
    closing = _labelled_balance(rows, layout, mapping, mapping.closing_label)
    if reader.balances and (opening is None or closing is None):
        opening, closing = running_balances(reader.balances, entries)
    return Statement.of(bank_bin, account, entries, opening=opening, closing=closing)


def _rows(data: bytes, mapping: ColumnMapping) -> list[list[str]]:
    code_page = None if mapping.code_page == "unicode" else mapping.code_page
    try:
        table = read_table(data, _MOST_ROWS, mapping.headings, code_page)
        rows = list(islice(table, _MOST_ROWS + 1))
    except NoTable as error:
        rule = "not_decoded" if error.rule == "not_utf8" else error.rule
        refuse(rule, error.row if rule == "not_csv" else None, most=MOST_LINES)
    if not rows:
        refuse("empty_file")
    if len(rows) > _MOST_ROWS:
        refuse("too_many_rows", most=MOST_LINES)
    return rows


def _check_account(rows: Sequence[Cells], layout: TableLayout, mapping: ColumnMapping, account: str) -> None:
    if not mapping.account_label:
        return
    found = layout.labelled(rows, mapping.account_label)
    if found is None:
        refuse("account_missing")
    if not is_account(found[1], account):
        refuse("account_other", found[0], account=harmless(found[1])[:40])


def _labelled_balance(
    rows: Sequence[Cells], layout: TableLayout, mapping: ColumnMapping, label: str
) -> int | None:
    found = layout.labelled(rows, label) if label else None
    if found is None:
        return None
    try:
        return read_amount(found[1], mapping, MOST_BALANCE)
    except CellError as error:
        refuse(error.rule, found[0], label)


def running_balances(balances: Sequence[int], entries: Sequence[StatementEntry]) -> tuple[int, int]:
    """The opening and the closing balance, from the balance after each line. Banks print the oldest line
    first, or the newest."""
    signed = [entry.amount if entry.direction is LineDirection.CREDIT else -entry.amount for entry in entries]
    oldest_first = balances[0] - signed[0], balances[-1]
    newest_first = balances[-1] - signed[-1], balances[0]
    fits = newest_first[1] - newest_first[0] == sum(signed)
    if fits and oldest_first[1] - oldest_first[0] != sum(signed):
        return newest_first
    return oldest_first
