"""Reads one transaction of a bank's table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.statement import LineDirection, StatementEntry
from services.renewal.payment.statements.cells import CellError, is_dong, read_amount, read_code, read_day
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.layout import TableLayout
from services.renewal.payment.statements.limits import MOST_BALANCE
from services.renewal.payment.statements.refusal import StatementFault
from shared.spreadsheet.cells import MomentCell
from shared.text.characters import harmless, visible


@dataclass(slots=True)
class TransactionReader:
    """`faults` are those of all lines so far. `balances` are the running balances, where there are any."""

    mapping: ColumnMapping
    layout: TableLayout
    faults: list[StatementFault] = field(default_factory=list)
    balances: list[int] = field(default_factory=list)

    def read(self, row: int, cells: Sequence[str]) -> StatementEntry | None:
        """The transaction on line `row`. None where the line has a fault."""
        named, known = self.layout.named(cells), len(self.faults)
        booked_on, reference = self._day(row, named)
        signed, reversal = self._signed(row, named)
        if "currency" in named and not is_dong(named["currency"]):
            self._note("currency_other", row, "currency")
        if "balance" in named:
            self.balances.append(self._amount(row, named, "balance", MOST_BALANCE) or 0)
        account = self._code(row, named, "payer_account")
        if booked_on is None or not signed or len(self.faults) > known:
            return None
        return StatementEntry(
            row=row,
            booked_on=booked_on,
            direction=LineDirection.CREDIT if signed > 0 else LineDirection.DEBIT,
            amount=abs(signed),
            memo=harmless(named["memo"]),
            reference=reference,
            payer=harmless(named.get("payer", "")),
            payer_account=account,
            reversal=reversal,
        )

    def _day(self, row: int, named: dict[str, str]) -> tuple[date | None, str]:
        """The day, and the reference, which may stand after the day in the same cell."""
        cell, reference = named["date"], ""
        if self.layout.places.get("reference") != self.layout.places["date"]:
            reference = self._code(row, named, "reference")
        elif not isinstance(cell, MomentCell):
            cell, _, reference = visible(cell).partition(" ")
        try:
            return read_day(cell, self.mapping), harmless(reference)
        except CellError as error:
            self._note(error.rule, row, "date")
            return None, ""

    def _signed(self, row: int, named: dict[str, str]) -> tuple[int, bool]:
        """The amount, below 0 for a debit, and whether the bank takes back an earlier line; 0 for a
        fault."""
        if "credit" in named:
            credit, debit = (self._amount(row, named, name) for name in ("credit", "debit"))
            if credit is None or debit is None:
                return 0, False
            if bool(credit) == bool(debit):
                self._note("amount_both" if credit else "amount_zero", row, "credit")
                return 0, False
            return credit - debit, min(credit, debit) < 0
        amount = self._amount(row, named, "amount")
        if amount == 0:
            self._note("amount_zero", row, "amount")
        if not amount or "direction" not in named:
            return amount or 0, False
        return self._side(row, named["direction"]) * amount, amount < 0

    def _side(self, row: int, word: str) -> int:
        """1 for a credit, -1 for a debit."""
        credit, debit = (
            visible(word).casefold() in {visible(known).casefold() for known in words}
            for words in (self.mapping.credit_words, self.mapping.debit_words)
        )
        if credit == debit:
            self._note("direction_unknown", row, "direction")
        return 1 if credit else -1

    def _amount(self, row: int, named: dict[str, str], name: str, most: int = LIMIT) -> int | None:
        try:
            return read_amount(named[name], self.mapping, most)
        except CellError as error:
            self._note(error.rule, row, name)
            return None

    def _code(self, row: int, named: dict[str, str], name: str) -> str:
        try:
            return harmless(read_code(named.get(name, "")))
        except CellError as error:
            self._note(error.rule, row, name)
            return ""

    def _note(self, rule: str, row: int, name: str) -> None:
        self.faults.append(StatementFault(rule, row, self.layout.headings[name]))
