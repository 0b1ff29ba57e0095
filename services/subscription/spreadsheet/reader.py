"""Reads a list of subscriptions: from the bytes of an untrusted file to valid rows and named errors."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from services.subscription.spreadsheet.headers import column_name, header_at
from services.subscription.spreadsheet.row import COLUMNS, Row, RowKey, key_of, row_doubts
from services.subscription.spreadsheet.rules import rule_text
from services.subscription.spreadsheet.tables import NoTable, read_table
from shared.text.characters import visible

LARGEST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
HEADER_ROW = 1


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
class Parsed:
    """The valid rows by their number, their warnings, and the errors of the other rows, by rising number.

    `keys` has the office and product of the invalid rows, as far as they can be read.
    """

    rows: Mapping[int, Row]
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()
    keys: Mapping[int, RowKey] = field(default_factory=dict)


class Unreadable(Exception):
    """The whole file is refused."""

    def __init__(self, rule: str, *, field: str = "", row: int = HEADER_ROW) -> None:
        super().__init__(rule)
        self.error = row_error(row, field, rule)


def read_rows(data: bytes, policies: Collection[str]) -> Parsed:
    """Read a CSV or a workbook (`tables`). Columns may come in any order; unknown ones are ignored.

    `policies` are the ids that a row may name. If an office and product have several rows, all of them are
    refused: which one is right must not be guessed.

    Raises Unreadable, and no other error, whatever the bytes are.
    """
    lines = _cells(data)
    at = header_at(lines)
    header = lines[at]
    places = _places(header, at + HEADER_ROW)
    reading = _RowCollector(policies)
    for number, cells in enumerate(lines[at + 1 :], at + HEADER_ROW + 1):
        if not any(map(visible, cells)):
            continue
        if any(map(visible, cells[len(header) :])) or len(cells) < len(header):
            reading.errors.append(row_error(number, "", "wrong_number_of_cells"))
            continue
        reading.take(number, {column: cells[place] for column, place in places.items()})
    reading.refuse_repeated()
    return reading.result()


@dataclass(frozen=True, slots=True)
class _RowCollector:
    policies: Collection[str]
    rows: dict[int, Row] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    warnings: dict[int, list[RowError]] = field(default_factory=dict)
    keys: dict[int, RowKey] = field(default_factory=dict)

    def take(self, number: int, cells: Mapping[str, str]) -> None:
        try:
            row = Row.model_validate(cells, context={"policies": self.policies})
        except ValidationError as error:
            self.keys[number] = key_of(cells)
            self.errors.extend(_row_errors(number, error))
            return
        self.rows[number] = row
        self.warnings[number] = [row_error(number, *doubt) for doubt in row_doubts(row, cells)]

    def refuse_repeated(self) -> None:
        numbers: dict[RowKey, list[int]] = defaultdict(list)
        for number, row in self.rows.items():
            numbers[row.key].append(number)
        for key, same in numbers.items():
            for number in same if len(same) > 1 else ():
                del self.rows[number]
                self.keys[number] = key
                self.errors.append(row_error(number, "office_ref", "repeated_in_file"))

    def result(self) -> Parsed:
        return Parsed(
            self.rows,
            tuple(sorted(self.errors, key=lambda error: error.row)),
            tuple(warning for number in self.rows for warning in self.warnings[number]),
            self.keys,
        )


def write_rows(rows: Iterable[Row]) -> bytes:
    """The rows as a CSV file that `read_rows` reads."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(row.cells().values() for row in rows)
    return out.getvalue().encode()


def _cells(data: bytes) -> list[list[str]]:
    if len(data) > LARGEST_BYTES:
        raise Unreadable("file_too_large")
    try:
        return read_table(data, MOST_ROWS + 1)
    except NoTable as error:
        raise Unreadable(error.rule, row=error.row) from None


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
