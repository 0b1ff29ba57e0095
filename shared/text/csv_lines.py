"""CSV as spreadsheets of offices read it: UTF-8 with its mark, CRLF, and no cell that counts as a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable

BOM = b"\xef\xbb\xbf"

_FORMULA = ("=", "+", "-", "@", "|", "%")


def csv_line(cells: Iterable[str]) -> bytes:
    """One line with its end. Every cell is quoted: where a spreadsheet divides lines elsewhere, a part of one
    must not begin another. What it would compute gets an apostrophe before it."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(f"'{cell}" if _computes(cell) else cell for cell in cells)
    return out.getvalue().encode()


def _computes(cell: str) -> bool:
    """Spreadsheets look past white space and what can't be seen, and take fullwidth signs for signs."""
    for letter in cell:
        if not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf"):
            return unicodedata.normalize("NFKC", letter).startswith(_FORMULA)
        if letter in "\t\r\n":
            return True
    return False
