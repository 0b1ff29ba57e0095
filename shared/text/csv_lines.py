"""CSV for spreadsheets: UTF-8 with a byte order mark, CRLF, and no cell that is read as a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable

BOM = b"\xef\xbb\xbf"

_FORMULA = ("=", "+", "-", "@", "|", "%")


def csv_line(cells: Iterable[str]) -> bytes:
    """One line with its line end. Every cell is quoted, so that a spreadsheet that splits lines at other
    characters does not read a part of a cell as a new one. A cell that looks like a formula gets an
    apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(f"'{cell}" if _is_formula(cell) else cell for cell in cells)
    return out.getvalue().encode()


def _is_formula(cell: str) -> bool:
    """Spreadsheets ignore white space and invisible characters before a sign, and accept fullwidth signs."""
    for letter in cell:
        if not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf"):
            return unicodedata.normalize("NFKC", letter).startswith(_FORMULA)
        if letter in "\t\r\n":
            return True
    return False
