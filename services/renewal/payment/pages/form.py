"""Reads what people type about a payment. Each raises InvalidInput with the key of the text that says why."""

import re
from datetime import date

from services.renewal.domain.money import LIMIT
from services.renewal.pages.typed import InvalidInput
from shared.text.days import read_day

_AMOUNT = re.compile(r"\d{1,3}(?:[.,\u00a0 ]\d{3})*|\d+", re.ASCII)
_CURRENCY = re.compile(r"\s*(?:đ|₫|vnd|vnđ|đồng)\.?\s*$", re.IGNORECASE)


def read_amount(typed: str) -> int:
    """`4.800.000 đ`, `4,800,000` or `4800000` in đồng. There are no decimals: `4.8` is refused."""
    text = _CURRENCY.sub("", typed.strip())
    if not _AMOUNT.fullmatch(text):
        raise InvalidInput("transfer.amount_wrong")
    amount = int(re.sub(r"\D", "", text))
    if not 1 <= amount <= LIMIT:
        raise InvalidInput("transfer.amount_wrong")
    return amount


def read_paid_on(typed: str) -> date:
    day = read_day(typed)
    if day is None:
        raise InvalidInput("transfer.day_wrong")
    return day
