"""CSV as spreadsheets of offices read it: UTF-8 with its mark, CRLF, and no cell that counts as a formula."""

import csv
import io
from collections.abc import Iterable

BOM = b"\xef\xbb\xbf"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_line(cells: Iterable[str]) -> bytes:
    """One line with its end. What a spreadsheet would compute gets an apostrophe before it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return out.getvalue().encode()
