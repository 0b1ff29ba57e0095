"""A row of an import as it is kept: what was read, what would come of it, and what came of it."""

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
    """What is wrong with a refused row, or doubtful in one that is taken."""

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
    """What comes of a row. `hold` says why its date is held, `refusal` why a sound row can't be taken."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    hold: HoldReason | None = None
    refusal: Remark | None = None


class ImportRow(BaseModel):
    """`number` as a spreadsheet counts. `given` are the cells of a sound row until it is applied: from
    then on the subscription keeps what is personal in them. `outcome` is None until then, that of a row
    that isn't sound is there at once. `expected` is the verdict as it was reached last."""

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
        """Of the subscription that a sound row is about."""
        assert self.subscription_id is not None
        return self.subscription_id


def sound_rows(parsed: Parsed) -> Iterator[tuple[Row, ImportRow]]:
    """Each as it is kept, but for the verdict."""
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
    for number, faults in remarks.items():
        office_ref, product_code = parsed.keys.get(number, ("", ""))
        yield ImportRow(
            number=number,
            office_ref=office_ref,
            product_code=product_code,
            remarks=tuple(faults),
            expected=RowVerdict(outcome="refused"),
            outcome="refused",
        )
