"""Reads a list of subscriptions: from the bytes of an untrusted file to valid rows and named errors."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from services.subscription.spreadsheet.row import COLUMNS, Row, RowKey, key_of, row_doubts
from services.subscription.spreadsheet.rules import rule_text
from shared.spreadsheet.headers import WITHIN_ROWS, column_name, header_at
from shared.spreadsheet.tables import NoTable, read_table
from shared.text.characters import visible

LARGEST_BYTES = 200 * 1024 * 1024
MOST_ROWS = 500_000
HEADER_ROW = 1
_KEY = ("office_ref",)
"""The column by which the header is found."""


class RowError(BaseModel):
    """One error. `row` is counted like in a spreadsheet (the header is row 1). `field` is the column's name,
    or empty if the error is about the row or the file. The value is never included: it may be personal
    data."""

    model_config = ConfigDict(frozen=True)

    row: int
    field: str
    rule: str
    message: tuple[str, str]
    """Vietnamese, English."""
    figures: Mapping[str, str] = Field(default_factory=dict, exclude=True)
    """The figures of the rule: a limit, or the code of a character."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row of the file: valid (`row`), with its warnings, or invalid, with its errors.

    `key` has the office and product, of an invalid row as far as they can be read.
    """

    number: int
    key: RowKey
    remarks: tuple[RowError, ...] = ()
    row: Row | None = None


class Unreadable(Exception):
    """The whole file is refused."""

    def __init__(self, rule: str, *, field: str = "", row: int = HEADER_ROW) -> None:
        super().__init__(rule)
        self.error = row_error(row, field, rule)


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of a CSV or a workbook (`tables`), one after the other, from the row after the header.

    Columns may come in any order; unknown ones are ignored. `policies` are the ids that a row may name.
    """

    table: Iterable[list[str]]
    header: int
    """The number of the header's row."""
    width: int
    places: Mapping[str, int]
    policies: Collection[str]

    @classmethod
    def open(cls, data: bytes, policies: Collection[str]) -> Self:
        """Check that the file can be read to its end. Raises Unreadable, and no other error, whatever the
        bytes are."""
        if len(data) > LARGEST_BYTES:
            raise Unreadable("file_too_large")
        try:
            table = read_table(data, MOST_ROWS + HEADER_ROW, _KEY)
            first = _first_rows(table)
        except NoTable as error:
            raise Unreadable(error.rule, row=error.row) from None
        at = header_at(first, _KEY)
        places = _places(first[at], at + HEADER_ROW)
        return cls(table, at + HEADER_ROW, len(first[at]), places, policies)

    def __iter__(self) -> Iterator[ReadRow]:
        for number, cells in enumerate(islice(self.table, self.header, None), self.header + 1):
            if any(map(visible, cells)):
                yield self._read(number, cells)

    def _read(self, number: int, cells: list[str]) -> ReadRow:
        if any(map(visible, cells[self.width :])) or len(cells) < self.width:
            return ReadRow(number, RowKey("", ""), (row_error(number, "", "wrong_number_of_cells"),))
        named = {column: cells[place] for column, place in self.places.items()}
        try:
            row = Row.model_validate(named, context={"policies": self.policies})
        except ValidationError as error:
            return ReadRow(number, key_of(named), tuple(_row_errors(number, error)))
        doubts = tuple(row_error(number, *doubt) for doubt in row_doubts(row, named))
        return ReadRow(number, row.key, doubts, row)


def _first_rows(table: Iterable[list[str]]) -> list[list[str]]:
    """The rows in which the header is sought. Reads the table to its end or limit. Raises NoTable."""
    rows = iter(table)
    first = list(islice(rows, WITHIN_ROWS))
    if not first:
        raise NoTable("empty_file")
    if len(first) + sum(1 for _ in islice(rows, MOST_ROWS + HEADER_ROW)) > MOST_ROWS + HEADER_ROW:
        raise NoTable("too_many_rows")
    return first


def write_rows(rows: Iterable[Row]) -> bytes:
    """The rows as a CSV file that `RowReader` reads."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(row.cells().values() for row in rows)
    return out.getvalue().encode()


def _places(header: list[str], row: int) -> dict[str, int]:
    names = list(map(column_name, header))
    for column in COLUMNS:
        if names.count(column) != 1:
            raise Unreadable(
                "column_missing" if column not in names else "column_repeated", field=column, row=row
            )
    return {column: names.index(column) for column in COLUMNS}


def _row_errors(number: int, invalid: ValidationError) -> Iterator[RowError]:
    for error in invalid.errors(include_url=False, include_input=False):
        yield row_error(number, *error_parts(error))


def error_parts(error: ErrorDetails) -> tuple[str, str, dict[str, str]]:
    """A validator's error: its field (empty: the whole row), the rule, and the rule's figures."""
    return str(error["loc"][0]) if error["loc"] else "", error["type"], rule_figures(error.get("ctx", {}))


def rule_figures(context: Mapping[str, object]) -> dict[str, str]:
    """The figures that fill the rule's text."""
    return {name: str(context[name]) for name in ("code", "name", "most") if name in context}


def row_error(row: int, field: str, rule: str, figures: Mapping[str, str] = {}) -> RowError:
    return RowError(row=row, field=field, rule=rule, message=rule_text(rule, figures, field), figures=figures)
