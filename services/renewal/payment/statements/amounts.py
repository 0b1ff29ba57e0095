"""Amounts and accounts as the banks' own formats write them."""

import re
from decimal import Decimal

from services.renewal.domain.money import LIMIT
from services.renewal.payment.statements.cells import CellError


def whole_dong(amount: Decimal, currency: str, most: int = LIMIT) -> int:
    """The amount in đồng. Raises CellError for another currency, a fraction, and more than `most`."""
    if currency != "VND":
        raise CellError("currency_other")
    if not amount.is_finite() or abs(amount) > most:
        raise CellError("amount_limit")
    if amount != amount.to_integral_value():
        raise CellError("amount_fraction")
    return int(amount)


def is_account(printed: str, account: str) -> bool:
    """Whether a bank's text names the account: with spaces, behind the bank's code or before `VND`."""
    words = re.findall(r"[0-9A-Z]+", printed.upper())
    return account in {"".join(words), *words, *(word.removesuffix("VND") for word in words)}
