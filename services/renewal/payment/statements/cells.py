"""Reads the days and amounts of a bank's table. Each raises CellError with the rule that the cell breaks."""

import re
from datetime import date
from functools import lru_cache

from services.renewal.domain.money import LIMIT
from services.renewal.payment.statements.columns import ColumnMapping
from shared.spreadsheet.cells import MomentCell, NumberCell
from shared.text.characters import visible
from shared.text.names import fold

_LONGEST = 60
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[AP]M)?"
_DAY = re.compile(
    rf"(?:{_TIME},? )?(?P<a>\d{{1,4}})(?P<mark>[/.-])(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,4}})"
    rf"(?:(?:,? |T){_TIME})?",
    re.ASCII | re.IGNORECASE,
)
_CURRENCY = r"[^\d\s.,'()+-]+"
_AMOUNT = re.compile(
    rf"(?P<open>\()? ?(?P<before>{_CURRENCY})? ?(?P<sign>[-+]?) ?(?P<number>\d[\d.,' ]*?)"
    rf" ?(?P<late>[-+]?) ?(?P<after>{_CURRENCY})? ?(?P<close>\))?",
    re.ASCII,
)
DONG = {"vnd", "d", "dong", "₫"}
"""How banks write the currency, without marks and case."""


class CellError(Exception):
    """A cell breaks a rule."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def is_dong(text: str) -> bool:
    return (fold(text) or visible(text)) in DONG


def read_day(cell: str, mapping: ColumnMapping) -> date:
    """The day of a cell that has a day, with or without the time. A workbook's own day has no order."""
    text = visible(cell)
    found = _DAY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise CellError("required" if not text else "day_format")
    parts = (found["a"], found["b"], found["c"])
    iso = isinstance(cell, MomentCell) or len(parts[0]) == 4
    order = "ymd" if iso else mapping.date_order
    by_name = dict(zip(order, parts, strict=True))
    year = by_name["y"]
    if len(year) == 2 and not mapping.two_digit_years:
        raise CellError("year_two_digits")
    if len(year) not in (2, 4):
        raise CellError("day_format")
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(by_name["m"]), int(by_name["d"]))
    except ValueError:
        raise CellError("day_format") from None


def read_amount(cell: str, mapping: ColumnMapping, most: int = LIMIT) -> int:
    """The amount in đồng; 0 for an empty cell. A minus before or after it, or brackets, make it negative."""
    text = visible(cell)
    if isinstance(cell, NumberCell):
        return _limited(_whole(text, "", "."), most)
    if not text or text in ("-", "—", "–"):
        return 0
    found = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST else None
    if not found or _signs(found) > 1 or bool(found["open"]) != bool(found["close"]):
        raise CellError("amount_format")
    if not all(is_dong(word) for word in (found["before"], found["after"]) if word):
        raise CellError("currency_other")
    amount = _whole(found["number"], mapping.thousands, mapping.decimal)
    negative = found["open"] or "-" in (found["sign"], found["late"])
    return _limited(-amount if negative else amount, most)


def _signs(found: re.Match[str]) -> int:
    return sum(map(bool, (found["open"], found["sign"], found["late"])))


def _whole(number: str, thousands: str, decimal: str) -> int:
    found = _notation(thousands, decimal).fullmatch(number)
    if not found:
        raise CellError("amount_format")
    if (found["fraction"] or "").strip("0"):
        raise CellError("amount_fraction")
    return int(re.sub(r"[^-\d]", "", found["whole"]))


@lru_cache
def _notation(thousands: str, decimal: str) -> re.Pattern[str]:
    """A fraction has at most two digits: three could be the thousands of another notation."""
    mark = re.escape(thousands)
    grouped = rf"\d{{1,3}}(?:{mark}\d{{3}})+|" if thousands else ""
    fraction = rf"(?:{re.escape(decimal)}(?P<fraction>\d{{1,2}}))?" if decimal else "(?P<fraction>(?!))?"
    return re.compile(rf"(?P<whole>-?(?:{grouped}\d+)){fraction}", re.ASCII)


def _limited(amount: int, most: int) -> int:
    if abs(amount) > most:
        raise CellError("amount_limit")
    return amount


def read_code(cell: str) -> str:
    """A reference or an account. Raises CellError where a workbook kept it as a number and lost digits."""
    text = visible(cell)
    if isinstance(cell, NumberCell) and not text.isdigit():
        raise CellError("digits_lost")
    return text
