"""Cells as spreadsheets give them, and what spreadsheets do to codes."""

import re

_CODES = {
    "office_ref", "tax_code", "budget_code", "province_code", "contact_phone", "product_code", "package",
    "users", "policy", "expires_on",
}  # fmt: skip
_SCIENTIFIC = re.compile(r"\s*[-+]?\d+([.,]\d+)?[eE]\+\d+\s*", re.ASCII)
_ERROR = re.compile(r"\s*#(#+|(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!))\s*")


class Number(str):
    """A cell that the workbook keeps as a number: it has no leading zeros."""

    __slots__ = ()


class Moment(str):
    """A cell that the workbook keeps as a day or a time."""

    __slots__ = ()


def spoiled(column: str, cell: str) -> str | None:
    """The rule that a cell breaks which a spreadsheet has made another thing of; None where it is sound."""
    if _ERROR.fullmatch(cell):
        return "spreadsheet_error"
    if column not in _CODES:
        return None
    if _SCIENTIFIC.fullmatch(cell):
        return "scientific"
    if isinstance(cell, Moment) and column != "expires_on":
        return "made_a_day"
    # A number of 12 digits was a personal id, or one of 13 that began with 0: it isn't told which.
    if isinstance(cell, Number) and column == "tax_code" and len(cell) > 10:
        return "leading_zero"
    return None


def unquoted(cell: str) -> str:
    """Without the apostrophe by which a spreadsheet marks text, before what would be a number."""
    return re.sub(r"^['\u2019](?=[-+=@\d])", "", cell)
