"""Reads the cells of a spreadsheet file, whatever program wrote it: CSV of any kind, or a workbook."""

import codecs
import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from threading import Lock

from shared.spreadsheet.cells import MomentCell, NumberCell, NumberCellOf1904
from shared.spreadsheet.headers import WITHIN_ROWS, column_name

_ROOT = Path(__file__).parents[2]
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # XLSX, ODS; XLS, and any that a password locks
_NO_TABLES = (b"%PDF", b"{\\rtf", b"<", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_SEPARATOR = re.compile(r'"?sep=(\\t|[^\r\n])"?[,;\t|]*(\r\n?|\n|$)', re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t|"
_HEAD_BYTES = 1024
_LONGEST_LINE = 4 * 1024 * 1024
"""More characters than a row with all cells at the reader's limit."""
_SECONDS = 90
_one_at_a_time = Lock()


class NoTable(Exception):
    """The file can't be read as a table: `rule` says why, `row` where."""

    def __init__(self, rule: str, row: int = 1) -> None:
        super().__init__(rule)
        self.rule = rule
        self.row = row


def read_table(
    data: bytes, most_rows: int, names: Sequence[str], code_page: str | None = None
) -> Iterable[list[str]]:
    """The rows. Excel's line `sep=;` is not a row. They can be read more than once, and none is kept, so that
    a large file costs little memory.

    `names` are column names of the header (as `column_name` gives them). They find a workbook's sheet and a
    CSV's separator. `code_page` is the encoding of a CSV that is not Unicode.
    Raises NoTable, also while the rows are read.
    """
    if data.startswith(_WORKBOOKS):
        return _workbook(data, most_rows, names)
    return _csv(data, names, code_page)


def _encoding(data: bytes, otherwise: str) -> str:
    """The encoding, `otherwise` if it is neither UTF-16 nor UTF-32. A file begins with titles or column
    names: in UTF-16 most of their second bytes are zero."""
    begin = data[:256]
    if begin.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if begin.startswith(_UTF_16):
        return "utf-16"
    first, second = begin[0::2].count(0), begin[1::2].count(0)
    if len(begin) >= 8 and max(first, second) * 4 > len(begin):
        return "utf-16-le" if second > first else "utf-16-be"
    return otherwise


@dataclass(frozen=True, slots=True)
class _Csv:
    """The rows of a CSV file, from the line number `first` on."""

    data: bytes
    encoding: str
    delimiter: str
    first: int

    def __iter__(self) -> Iterator[list[str]]:
        done = 0
        lines = islice(_lines(self.data, self.encoding), self.first, None)
        try:
            for row in csv.reader(lines, delimiter=self.delimiter, strict=True):
                yield row
                done += 1
        except UnicodeDecodeError as error:
            raise NoTable("not_utf8") from error
        except (csv.Error, TypeError, ValueError) as error:  # a separator that can't be one
            raise NoTable("not_csv", done + 1) from error


def _csv(data: bytes, names: Sequence[str], code_page: str | None) -> _Csv:
    """UTF-8, UTF-16 or UTF-32, with or without a byte order mark, or with two; or in the code page."""
    otherwise = code_page or "utf-8"
    if data.startswith(codecs.BOM_UTF8):
        otherwise = "utf-8"
        data = data[len(codecs.BOM_UTF8) :]
    if data.startswith(_UTF_16) and 0 not in data[:256]:  # converted to UTF-8, but the old mark stayed
        data = data[2:]
    if data[:_HEAD_BYTES].lstrip().startswith(_NO_TABLES):
        raise NoTable("not_a_table")
    encoding = _encoding(data, otherwise)
    try:
        begin = list(islice(_lines(data, encoding), WITHIN_ROWS + 1))
    except UnicodeDecodeError as error:
        raise NoTable("not_utf8") from error
    except csv.Error as error:
        raise NoTable("not_csv") from error
    match = _SEPARATOR.match("".join(begin[:1]))
    if match:
        return _Csv(data, encoding, match[1].replace("\\t", "\t"), 1)
    return _Csv(data, encoding, max(_DELIMITERS, key=_header(begin, names).count), 0)


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    """The lines of a text, without byte order marks and the characters by which old programs mark the end of
    a file."""
    lines = iter(partial(TextIOWrapper(BytesIO(data), encoding, newline="").readline, _LONGEST_LINE), "")
    last = next(lines, "").lstrip("\ufeff")
    for line in lines:
        if len(last) == _LONGEST_LINE:
            raise csv.Error("a line is too long")
        yield last
        last = line
    if last := last.rstrip("\x00\x1a"):
        yield last


def _header(begin: Sequence[str], names: Sequence[str]) -> str:
    """The line with the most column names, the first one of several."""
    return max(begin, key=lambda line: sum(name in column_name(line) for name in names), default="")


@dataclass(frozen=True, slots=True)
class _Workbook:
    """The rows that the process wrote, one line of JSON each."""

    lines: bytes

    def __iter__(self) -> Iterator[list[str]]:
        for line in BytesIO(self.lines):
            row = json.loads(line)
            if isinstance(row, dict):
                raise NoTable(row["rule"])
            yield [_cell(cell) for cell in row]


def _workbook(data: bytes, most_rows: int, names: Sequence[str]) -> _Workbook:
    """Read a workbook in a process of its own. One at a time: several might need more memory than there
    is."""
    command = [sys.executable, "-m", "shared.spreadsheet.workbook", str(most_rows), json.dumps(names)]
    with _one_at_a_time:
        try:
            read = subprocess.run(
                command, input=data, cwd=_ROOT, env={"PYTHONIOENCODING": "utf-8"}, capture_output=True,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NoTable("workbook_too_complex") from None
    if read.returncode != 0:
        raise NoTable("workbook_too_complex")
    return _Workbook(read.stdout)


def _cell(cell: object) -> str:
    match cell:
        case {"at": str(at)}:
            return MomentCell(at)
        case {"of_1904": int() | float() as number}:
            return NumberCellOf1904(number)
        case int() | float():
            return NumberCell(cell)
        case _:
            return str(cell)
