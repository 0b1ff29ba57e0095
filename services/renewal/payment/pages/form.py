"""Reads what people type about a payment. Each raises InvalidInput with the key of the text that says why."""

import re
from collections.abc import Sequence
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

_NOTHING = re.compile(r"(?:0\s?(?:đ|₫|vnd|vnđ|đồng)?)?", re.IGNORECASE)


def read_amount(typed: str) -> int:
    """`4.800.000 đ`, `4,800,000` or `4800000` in đồng. There are no decimals: `4.8` is refused."""
    found = _AMOUNT.fullmatch(visible(typed).strip()) if len(typed) <= _LONGEST else None
    amount = int(re.sub(r"\D", "", found["digits"])) if found else 0
    if not 1 <= amount <= LIMIT:
        raise InvalidInput("transfer.amount_wrong")
    return amount


def read_share(typed: str) -> int:
    """Like `read_amount`; an empty one, and 0, are nothing."""
    return 0 if _NOTHING.fullmatch(visible(typed[:_LONGEST]).strip()) else read_amount(typed)


def read_paid_on(typed: str) -> date:
    day = read_day(typed) if len(typed) <= _LONGEST else None
    if day is None:
        raise InvalidInput("transfer.day_wrong")
    return day


def read_shares(typed: str, seen: str) -> tuple[ShareRequest, ...]:
    """A registration's number on each line, and after it the amount that it gets; without one, the whole.
    `seen`: what the page showed as open of each, `;` between them; empty where it showed nothing."""
    lines = [line.split() for line in typed.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_SHARES:
        raise InvalidInput("lines.shares_wrong")
    opens = [int(each) for each in seen.split(";") if each.isascii() and each.isdigit()]
    known = opens if len(opens) == len(lines) else [None] * len(lines)
    return tuple(_share(words, open_amount) for words, open_amount in zip(lines, known, strict=True))


def _share(words: Sequence[str], open_amount: int | None) -> ShareRequest:
    for end in range(len(words), 0, -1):
        if code := form_code.parse(" ".join(words[:end])):
            amount = read_amount(" ".join(words[end:])) if words[end:] else None
            return ShareRequest(registration_no=code.number, amount=amount, open_amount=open_amount)
    raise InvalidInput("lines.number_wrong")
