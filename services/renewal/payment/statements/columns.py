"""How a bank's table is read: which column holds what, and how it writes days and amounts."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from services.renewal.domain.frozen import Frozen
from shared.spreadsheet.headers import column_name
from shared.text.names import required_text

Heading = Annotated[str, AfterValidator(required_text(100))]
ColumnPlace = Heading | Annotated[int, Field(ge=1, le=200)]
"""A column by its heading, or by its number: 1 is the first."""
Words = Annotated[tuple[Heading, ...], Field(max_length=20)]
_AMOUNT_SHAPES = ({"amount"}, {"credit", "debit"}, {"amount", "direction"})


class ColumnMapping(Frozen):
    """The columns of one bank's CSV or workbook. It is saved for each bank.

    Amounts: one column `amount` with a sign (a minus or brackets are a debit), or `credit` and `debit`, or
    `amount` and `direction` with `credit_words` and `debit_words`.
    `header_row` is the line of the headings; None finds it by them; 0 where there are none.
    `reference` may be the date's column: then it is what stands after the day.
    `end_words` begin the first line after the transactions. `balance` is the column of running balances.
    The labels find the account and the balances above or below the table: beside the label, or in its cell.
    """

    date: ColumnPlace
    memo: ColumnPlace
    amount: ColumnPlace | None = None
    credit: ColumnPlace | None = None
    debit: ColumnPlace | None = None
    direction: ColumnPlace | None = None
    reference: ColumnPlace | None = None
    payer: ColumnPlace | None = None
    payer_account: ColumnPlace | None = None
    balance: ColumnPlace | None = None
    currency: ColumnPlace | None = None
    header_row: int | None = Field(None, ge=0, le=1000)
    end_words: Words = ()
    credit_words: Words = ()
    debit_words: Words = ()
    account_label: Heading | Literal[""] = ""
    opening_label: Heading | Literal[""] = ""
    closing_label: Heading | Literal[""] = ""
    date_order: Literal["dmy", "mdy", "ymd"] = "dmy"
    two_digit_years: bool = False
    thousands: Literal[".", ",", " ", "'", ""] = "."
    decimal: Literal[",", ".", ""] = ","
    code_page: Literal["unicode", "cp1258"] = "unicode"

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        shape = {name for name in ("amount", "credit", "debit", "direction") if getattr(self, name)}
        if shape not in _AMOUNT_SHAPES:
            raise ValueError("either amount, or credit and debit, or amount and direction")
        if ("direction" in shape) != bool(self.credit_words and self.debit_words):
            raise ValueError("credit_words and debit_words belong to direction")
        if self.thousands and self.thousands == self.decimal:
            raise ValueError("thousands and decimal are the same")
        if self.header_row == 0 and self.headings:
            raise ValueError("headings need a line of headings")
        if self.header_row is None and not self.headings:
            raise ValueError("without headings, header_row says where the table begins")
        return self

    @property
    def places(self) -> dict[str, ColumnPlace]:
        """The columns that the bank has, by the field's name."""
        named = {name: getattr(self, name) for name in _COLUMNS}
        return {name: place for name, place in named.items() if place is not None}

    @property
    def headings(self) -> list[str]:
        """The headings as `column_name` gives them, each once."""
        names = (column_name(place) for place in self.places.values() if isinstance(place, str))
        return list(dict.fromkeys(names))


_COLUMNS = (
    "date", "memo", "amount", "credit", "debit", "direction", "reference", "payer", "payer_account",
    "balance", "currency",
)  # fmt: skip
