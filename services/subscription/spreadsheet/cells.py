"""Cells of a spreadsheet, and the ways in which spreadsheet programs damage codes and letters."""

import re

from shared.spreadsheet.cells import MomentCell, NumberCell, NumberCellOf1904
from shared.text.characters import is_fraction

_CODES = {
    "office_ref", "tax_code", "budget_code", "province_code", "contact_phone", "product_code", "package",
    "users", "policy", "expires_on",
}  # fmt: skip
_NUMBERS = {"tax_code", "budget_code", "province_code", "contact_phone"}
_SCIENTIFIC = re.compile(r"\s*[-+]?(\d+([.,]\d+)?[eE]\+|\d[.,]\d+[eE])\d+\s*", re.ASCII)
_ERROR = re.compile(r"\s*(#(#+|N/A|[A-Z/0_]{3,}[!?]|GETTING_DATA)|Err:\d{3})\s*", re.ASCII)
_WHOLE_FRACTION = re.compile(r"\s*\d+[.,]0\s*", re.ASCII)
_AS_TEXT = re.compile(r'=\s*"((?:[^"]|"")*)"')
_APOSTROPHE = re.compile(r"^['\u2018\u2019](?=[-+=@\d])")

# Vietnamese letters that were read as another alphabet's than they were written in, and saved as those.
_LOST = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")  # the code page lacks them: `Tru?ng`
_TCVN3 = re.compile(r"[^\W\d_][\u00a8-\u00ac\u00ae\u00b5\u00b6\u00b8\u00b9\u00bb-\u00be][a-z]")
_VNI = re.compile(r"[aeiouy\u00f4\u00f6][\u00e4\u00e5\u00ef\u00f8\u00fb]", re.IGNORECASE)
# UTF-8 that was read as Windows-1252 has one of these after its first letter. TCVN3's marks are among them.
_SECOND_BYTES = bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")
_SUSPECT = re.compile(f"[{_SECOND_BYTES}\u00c4\u00c5\u00cf\u00d8\u00db\u00e4\u00e5\u00ef\u00f8\u00fb\u212b]")
"""A character that every text with lost letters has, unless it has a question mark."""


def broken_rule(column: str, cell: str) -> str | None:
    """The rule that a cell breaks because a spreadsheet program changed it. None if the cell is valid."""
    if _ERROR.fullmatch(cell):
        return "spreadsheet_error"
    if column not in _CODES:
        return _spoiled_text(cell)
    if _SCIENTIFIC.fullmatch(cell):
        return "scientific"
    fraction = is_fraction(cell) if column in _NUMBERS else _WHOLE_FRACTION.fullmatch(cell)
    if fraction and column in (*_NUMBERS, "office_ref"):
        return "fraction"
    if isinstance(cell, MomentCell) and column != "expires_on":
        return "made_a_day"
    # A number of 12 digits was a personal id, or a code of 13 digits that began with 0: nobody can know
    # which.
    if isinstance(cell, NumberCell) and column == "tax_code" and len(cell) > 10:
        return "leading_zero"
    if isinstance(cell, NumberCell) and column in _NUMBERS and cell.startswith("-"):
        return "format"
    if isinstance(cell, NumberCellOf1904) and column == "expires_on":
        return "day_of_1904"
    if isinstance(cell, MomentCell) and not cell.endswith("00:00:00") and " " in cell:
        return "time_of_day"
    return None


def _spoiled_text(cell: str) -> str | None:
    if isinstance(cell, MomentCell):
        return "made_a_day"
    if isinstance(cell, NumberCell):
        return "text_wanted"
    if "?" in cell and _LOST.search(cell):
        return "letters_lost"
    if not _SUSPECT.search(cell):
        return None
    lost = _TCVN3.search(cell) or len(_VNI.findall(cell)) > 1 or _was_misread_as_cp1252(cell)
    return "letters_lost" if lost else None


def _was_misread_as_cp1252(cell: str) -> bool:
    """Whether UTF-8 was read as Windows-1252: `HÃ ` for `Hà`."""
    try:
        return not cell.isascii() and bool(cell.encode("cp1252").decode())
    except UnicodeError:
        return False


def unquote(cell: str) -> str:
    """Without the marks that force text in a spreadsheet: an apostrophe before a number, or `="…"`."""
    if match := _AS_TEXT.fullmatch(cell):
        return match[1].replace('""', '"')
    return _APOSTROPHE.sub("", cell)
