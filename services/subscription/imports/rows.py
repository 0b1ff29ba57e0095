"""A row of an import as it is stored: what was read, the expected outcome, and the outcome."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.subscription.domain.facts import HoldReason
from services.subscription.spreadsheet.reader import ReadRow, RowError
from services.subscription.spreadsheet.row import RowDoubt

Outcome = Literal["adopted", "corrected", "held", "unchanged", "refused"]


class Remark(BaseModel):
    """What is wrong with a refused row, or doubtful in an accepted one."""

    model_config = ConfigDict(frozen=True)

    field: str
    rule: str
    figures: Mapping[str, str] = {}

    @classmethod
    def of(cls, error: RowError) -> "Remark":
        return cls(field=error.field, rule=error.rule, figures=error.figures)

    @classmethod
    def of_doubt(cls, doubt: RowDoubt) -> "Remark":
        return cls(field=doubt.field, rule=doubt.rule, figures=doubt.figures)


class RowVerdict(BaseModel):
    """The verdict on a row. `hold`: why its date is held. `refusal`: why a valid row can't be applied."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    hold: HoldReason | None = None
    refusal: Remark | None = None


REFUSED = RowVerdict(outcome="refused")


class ImportRow(BaseModel):
    """One row of the file.

    - `number`: as a spreadsheet counts rows.
    - `given`: the cells of a valid row. They are removed once it is applied, because they hold personal data.
    - `outcome`: None until the row is applied. An invalid row is `refused` at once.
    - `expected`: the latest verdict.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    office_ref: str
    product_code: str
    subscription_id: UUID | None = None
    given: dict[str, str] | None = None
    remarks: tuple[Remark, ...] = ()
    expected: RowVerdict
    outcome: Outcome | None = None

    @property
    def id(self) -> UUID:
        """The id of the subscription that a valid row is about."""
        assert self.subscription_id is not None
        return self.subscription_id


def import_row(read: ReadRow, verdict: RowVerdict, doubts: Sequence[Remark] = ()) -> ImportRow:
    """The row as it is stored once it is read."""
    row = read.row
    return ImportRow(
        number=read.number,
        office_ref=read.key.office_ref,
        product_code=read.key.product_code,
        subscription_id=row.subscription_id if row else None,
        given=row.cells() if row else None,
        remarks=(*map(Remark.of, read.remarks), *doubts),
        expected=verdict,
        outcome=None if row else verdict.outcome,
    )
