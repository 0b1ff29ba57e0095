"""A row of an import as it is stored: what was read, the expected outcome, and the outcome."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.subscription.domain.facts import HoldReason
from services.subscription.spreadsheet.reader import Parsed, RowError
from services.subscription.spreadsheet.row import Row, RowDoubt

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


def sound_rows(parsed: Parsed) -> Iterator[tuple[Row, ImportRow]]:
    """The valid rows as they are stored, without their verdicts."""
    doubts: dict[int, list[Remark]] = defaultdict(list)
    for warning in parsed.warnings:
        doubts[warning.row].append(Remark.of(warning))
    for number, row in parsed.rows.items():
        yield (
            row,
            ImportRow(
                number=number,
                office_ref=row.office_ref,
                product_code=row.product_code,
                subscription_id=row.subscription_id,
                given=row.cells(),
                remarks=tuple(doubts.get(number, ())),
                expected=RowVerdict(outcome="unchanged"),
            ),
        )


def refused_rows(parsed: Parsed) -> Iterator[ImportRow]:
    remarks: dict[int, list[Remark]] = defaultdict(list)
    for error in parsed.errors:
        remarks[error.row].append(Remark.of(error))
    for number, errors in remarks.items():
        office_ref, product_code = parsed.keys.get(number, ("", ""))
        yield ImportRow(
            number=number,
            office_ref=office_ref,
            product_code=product_code,
            remarks=tuple(errors),
            expected=RowVerdict(outcome="refused"),
            outcome="refused",
        )
