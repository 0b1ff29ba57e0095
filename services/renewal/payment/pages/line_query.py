"""What the address of the desk's page of bank lines says: which lines it shows."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.desk.queue_filter import EmptyAsNone
from services.renewal.pages.typed import InvalidInput
from services.renewal.payment.bank_lines import LineFilter
from services.renewal.payment.pages.form import read_amount, read_paid_on

Said = Literal["", "assigned", "set_aside", "reopened"]
Typed = Annotated[str, Field(max_length=200)]


class LineQuery(BaseModel):
    """`text`, `amount`, `first_on` and `last_on` are as typed: where one of them is there, lines of every
    status are looked for, behind the line `after`. Otherwise those of one status are `listed`, after the
    first `skip`. `said`: the message to show."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    listed: Literal["waiting", "set_aside"] = "waiting"
    skip: int = Field(0, ge=0, le=100_000)
    text: Typed = ""
    amount: Typed = ""
    first_on: Typed = ""
    last_on: Typed = ""
    after: Annotated[UUID | None, EmptyAsNone] = None
    said: Said = ""

    def sought(self) -> LineFilter:
        """Raises InvalidInput."""
        first = read_paid_on(self.first_on) if self.first_on.strip() else None
        last = read_paid_on(self.last_on) if self.last_on.strip() else None
        if first and last and last < first:
            raise InvalidInput("lines.days_wrong")
        amount = read_amount(self.amount) if self.amount.strip() else None
        return LineFilter(text=self.text.strip(), amount=amount, first_on=first, last_on=last)

    @property
    def is_search(self) -> bool:
        return any((self.text.strip(), self.amount.strip(), self.first_on.strip(), self.last_on.strip()))

    @property
    def kept(self) -> dict[str, Any]:
        """What a form on the page keeps, so that the same lines are shown after it."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"said"})
