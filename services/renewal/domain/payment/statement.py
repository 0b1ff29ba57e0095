"""An account's statement: its lines, each with an identity that every copy of the statement repeats."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.memo import fold_memo
from shared import ids


class LineDirection(StrEnum):
    """`CREDIT`: the account received the money. `DEBIT`: it left the account."""

    CREDIT = "credit"
    DEBIT = "debit"


class StatementEntry(Frozen):
    """One line as the bank printed it. `row` is its line in the file.

    `reversal`: the bank takes back an earlier line; a reversed debit is a credit, but nobody's payment.
    """

    row: int = Field(ge=1)
    booked_on: date
    direction: LineDirection
    amount: int = Field(ge=1, le=LIMIT)
    memo: str = ""
    reference: str = ""
    payer: str = ""
    payer_account: str = ""
    reversal: bool = False


class StatementLine(StatementEntry):
    """`id` is the same in each copy of the statement, and in overlapping ones.

    `occurrence` tells equal lines of one day apart: 1, 2, … in the order of the statement.
    `twin_id` does without the memo, which another format of the same statement may print otherwise; None
    where the bank gives no reference. A line whose `twin_id` is known under another `id` is for a person to
    see.
    """

    id: UUID
    occurrence: int = Field(ge=1)
    twin_id: UUID | None


class Statement(Frozen):
    """Amounts in đồng. `opening` and `closing` are the balances that the bank states; None where it doesn't.

    `bank_bin` may be empty. `first_on` and `last_on` are the period, or the days of the first and last line.
    """

    bank_bin: str
    account: str
    first_on: date
    last_on: date
    lines: tuple[StatementLine, ...]
    opening: int | None = None
    closing: int | None = None

    @classmethod
    def of(
        cls,
        bank_bin: str,
        account: str,
        entries: Iterable[StatementEntry],
        *,
        opening: int | None = None,
        closing: int | None = None,
        period: tuple[date, date] | None = None,
    ) -> Self:
        """The statement with its lines' identities. Raises ValueError without a period and without lines."""
        holder = (bank_bin, fold_memo(account).replace(" ", ""))
        lines = tuple(_identified(holder, entries))
        days = [line.booked_on for line in lines]
        if not days and period is None:
            raise ValueError("a statement without lines has a period")
        first_on, last_on = period or (min(days), max(days))
        return cls(
            bank_bin=bank_bin,
            account=holder[1],
            first_on=first_on,
            last_on=last_on,
            lines=lines,
            opening=opening,
            closing=closing,
        )

    @property
    def difference(self) -> int | None:
        """What the closing balance has more than the lines explain: 0 is right. None without balances."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - sum(map(_signed, self.lines))


def _signed(line: StatementEntry) -> int:
    return line.amount if line.direction is LineDirection.CREDIT else -line.amount


def _identified(holder: tuple[str, str], entries: Iterable[StatementEntry]) -> Iterable[StatementLine]:
    seen: Counter[tuple[object, ...]] = Counter()
    for entry in entries:
        fact = (*holder, entry.booked_on, entry.direction, entry.amount, _compared(entry.reference))
        whole = (*fact, _compared(entry.memo))
        seen[whole] += 1
        yield StatementLine(
            **dict(entry),
            id=ids.derived("statement-line", *whole, seen[whole]),
            occurrence=seen[whole],
            twin_id=ids.derived("statement-line-twin", *fact) if entry.reference else None,
        )


def _compared(printed: str) -> str:
    """The text without what two exports of one bank may print differently: case, spaces, marks."""
    return fold_memo(printed).replace(" ", "")
