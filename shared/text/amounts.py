"""Amounts in đồng, in digits. There are no decimals."""


def digits(amount: int) -> str:
    """`1234567` as `1.234.567`, for table cells under a heading that names the unit."""
    return f"{amount:,}".replace(",", ".")


def vnd(amount: int) -> str:
    """`1234567` as `1.234.567 đ` (with a no-break space)."""
    return f"{digits(amount)}\u00a0đ"
