"""Reads what people type about a payment. Each raises InvalidInput with the key of the text that says why."""

import re
from datetime import date

from services.renewal.domain.money import LIMIT
from services.renewal.domain.registration import form_code
from services.renewal.pages.typed import InvalidInput
from services.renewal.payment.statement_service import MOST_SHARES, ShareRequest
from shared.text.characters import visible
from shared.text.days import read_day

_LONGEST = 40
_AMOUNT = re.compile(
    r"(?P<digits>[1-9]\d{0,2}(?:(?P<mark>[.,\s])\d{3}(?:(?P=mark)\d{3})*)?|[1-9]\d*)\s?(?:đ|₫|vnd|vnđ|đồng)?",
    re.IGNORECASE,
)


def read_amount(typed: str) -> int:
    """`4.800.000 đ`, `4,800,000` or `4800000` in đồng. There are no decimals: `4.8` is refused."""
    found = _AMOUNT.fullmatch(visible(typed).strip()) if len(typed) <= _LONGEST else None
    amount = int(re.sub(r"\D", "", found["digits"])) if found else 0
    if not 1 <= amount <= LIMIT:
        raise InvalidInput("transfer.amount_wrong")
    return amount


def read_paid_on(typed: str) -> date:
    day = read_day(typed) if len(typed) <= _LONGEST else None
    if day is None:
        raise InvalidInput("transfer.day_wrong")
    return day


def read_shares(typed: str) -> tuple[ShareRequest, ...]:
    """A registration's number on each line, and after it the amount that it gets; without one, the whole."""
    shares = []
    for line in typed.splitlines():
        number, _, amount = line.strip().partition(" ")
        if number:
            shares.append(_share(number, amount.strip()))
    if not 1 <= len(shares) <= MOST_SHARES:
        raise InvalidInput("lines.shares_wrong")
    return tuple(shares)


def _share(number: str, amount: str) -> ShareRequest:
    if (code := form_code.parse(number)) is None:
        raise InvalidInput("lines.number_wrong")
    return ShareRequest(registration_no=code.number, amount=read_amount(amount) if amount else None)
