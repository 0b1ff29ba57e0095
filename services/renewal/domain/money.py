"""Amounts in đồng in Vietnamese words, and how large they may be."""

from dataclasses import dataclass
from typing import Literal

from shared.text.amounts import digits

LIMIT = 999_999_999_999

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an amount is read aloud. Both words of each pair are correct; the setting follows local habit."""

    zero_tens: Literal["linh", "lẻ"] = "linh"
    thousand: Literal["nghìn", "ngàn"] = "nghìn"


def in_words(amount: int, dialect: Dialect | None = None) -> str:
    """`1015` as `Một nghìn không trăm mười lăm đồng`. Raises ValueError outside 0..LIMIT."""
    if not 0 <= amount <= LIMIT:
        raise ValueError(f"amounts from 0 to {digits(LIMIT)} can be put in words")
    words = " ".join(_number(amount, dialect or Dialect()))
    return f"{words[0].upper()}{words[1:]} đồng"


def _number(amount: int, dialect: Dialect) -> list[str]:
    if amount == 0:
        return [_DIGITS[0]]
    words: list[str] = []
    for power, unit in ((3, "tỷ"), (2, "triệu"), (1, dialect.thousand), (0, "")):
        group = amount // 1000**power % 1000
        if group:
            words += _group(group, inner=bool(words), dialect=dialect)
            words += [unit] if unit else []
    return words


def _group(group: int, *, inner: bool, dialect: Dialect) -> list[str]:
    """Reads three digits. An inner group follows another one, so its zero hundreds are read too."""
    hundreds, rest = divmod(group, 100)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or inner else []
    tens, unit = divmod(rest, 10)
    if tens == 0 and unit:
        return [*words, *([dialect.zero_tens] if words else []), _DIGITS[unit]]
    if tens == 1:
        words.append("mười")
    elif tens:
        words += [_DIGITS[tens], "mươi"]
    return words + ([_unit(unit, tens)] if unit else [])


def _unit(unit: int, tens: int) -> str:
    """The last digit after tens, where one, four and five are pronounced differently."""
    if unit == 5:
        return "lăm"
    if tens > 1:
        return {1: "mốt", 4: "tư"}.get(unit, _DIGITS[unit])
    return _DIGITS[unit]
