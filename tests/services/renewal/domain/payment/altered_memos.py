"""Order codes that are much alike, and what banks and people do to a memo that has one."""

import unicodedata
from collections.abc import Callable
from datetime import date
from random import Random

from services.renewal.domain.numbers import registration_number_of
from services.renewal.domain.payment.order_index import PayableOrder
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry, StatementLine
from services.renewal.domain.payment.transfer import order_code
from shared import ids

VALUES = 2**35
DAY = date(2026, 11, 30)
AROUND = (
    ("", ""),
    ("MBVCB.5523998112.031567.", ".CT tu 0011004123456 UBND XA AN BINH toi 1029384756 CTY PHAN MEM"),
    ("Thanh toán gia hạn phần mềm ", " theo số 0101243150 ngày 30/11/2026"),
    ("Kho bạc Nhà nước Nghĩa Hành chuyển tiền ", ""),
    ("REM TFR AC:970436 O@L_0912345678 ", "-281126-15:04:05 2481220"),
    ("IBFT ", " GHI CHU THANG 12"),
    ("CK den tu tai khoan 84912345678 ", "FT26334123456789"),
    ("0912345678", "20261130"),
)


def code_of(value: int) -> str:
    """The order code of the first number from `value` on."""
    while not (number := registration_number_of(value % VALUES)):
        value += 1
    return order_code(number)


def order(code: str, open_amount: int = 4_800_000, paid: int = 0) -> PayableOrder:
    return PayableOrder(renewal_id=ids.derived("order", code), code=code, open_amount=open_amount, paid=paid)


def lines_of(*memos: str, amount: int = 4_800_000, **fields: object) -> tuple[StatementLine, ...]:
    whole = {"booked_on": DAY, "direction": LineDirection.CREDIT, "amount": amount, **fields}
    entries = [
        StatementEntry.model_validate({"row": row, "memo": memo, **whole})
        for row, memo in enumerate(memos, 1)
    ]
    return Statement.of("970436", "0011001234567", entries, period=(DAY, DAY)).lines


def line_of(memo: str, amount: int = 4_800_000, **fields: object) -> StatementLine:
    return lines_of(memo, amount=amount, **fields)[0]


def without_marks(memo: str) -> str:
    plain = unicodedata.normalize("NFD", memo.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def spaced(memo: str, random: Random) -> str:
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(memo))
        memo = memo[:at] + random.choice((" ", "  ", "\n", "-", ".", "\u200b")) + memo[at:]
    return memo


def mistyped(memo: str, random: Random) -> str:
    """One character is lost, doubled, wrong, or changed with its neighbour."""
    at = random.randrange(len(memo) - 1)
    return random.choice(
        (
            memo[:at] + memo[at + 1 :],
            memo[: at + 1] + memo[at:],
            memo[:at] + random.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ ") + memo[at + 1 :],
            memo[:at] + memo[at + 1] + memo[at] + memo[at + 2 :],
        )
    )


def cut(memo: str, random: Random) -> str:
    length = random.choice((25, 35, 70, 140, random.randint(8, 60)))
    return random.choice((memo[:length], memo[-length:], memo[random.randint(0, 20) :]))


BANK: tuple[Callable[[str, Random], str], ...] = (
    lambda memo, random: memo.upper(),
    lambda memo, random: memo.lower(),
    lambda memo, random: without_marks(memo),
    lambda memo, random: unicodedata.normalize("NFD", memo),
    lambda memo, random: memo.encode("ascii", "replace").decode(),
    lambda memo, random: memo.replace(" ", ""),
    lambda memo, random: memo.replace(".", " ").replace("-", " "),
    lambda memo, random: "\n".join(memo[at : at + 35] for at in range(0, len(memo), 35)),
    lambda memo, random: memo.translate(str.maketrans("01", "OI")),
    lambda memo, random: memo.translate(str.maketrans("01", "ol")),
    spaced,
    cut,
)
"""What banks do. A memo may meet several of them."""


def altered(code: str, random: Random, *, typo: bool = True) -> str:
    """A memo with the code, as it may come back from a bank; cut, also within the code."""
    before, after = random.choice(AROUND)
    kept = code
    if random.random() < 0.3:
        kept = random.choice((code[: random.randint(2, 9)], code[random.randint(1, 6) :]))
    memo = f"{before}{kept}{after}"
    if typo and len(memo) > 2 and random.random() < 0.3:
        memo = mistyped(memo, random)
    for change in random.sample(BANK, random.randint(0, 4)):
        memo = change(memo, random)
    return memo


def run_in(code: str, other: str, random: Random) -> str:
    """A memo with the code cut, and behind a gap the characters that would make it the other one."""
    before, after = random.choice(AROUND)
    alike = next(at for at in range(len(code)) if code[at] != other[at])
    kept = random.randint(6, alike)
    return f"{before}{code[:kept]}{random.choice((' ', '.', '-', chr(10)))}{other[kept:]}{after}"
