"""The conditions under which the rule accepts without a clerk. They are data of the product; a registration
keeps the conditions that were in force when it was made."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from services.renewal.domain.frozen import Frozen


class Measure(StrEnum):
    """A measure of a registration or its office.

    `total_vnd`: the total price, with VAT. `years`: the years ordered. `days_overdue`: the days since the
    last day of use, when the form came. `refused_of_late`: how many of the office's registrations the desk
    refused within the last year. `broken_commitments`: how many of its commitments to pay it broke within the
    last two years, or hasn't made good since. `committed_vnd`: what it has committed itself to pay, with this
    registration.
    """

    TOTAL_VND = "total_vnd"
    YEARS = "years"
    DAYS_OVERDUE = "days_overdue"
    REFUSED_OF_LATE = "refused_of_late"
    BROKEN_COMMITMENTS = "broken_commitments"
    COMMITTED_VND = "committed_vnd"


class Condition(Frozen):
    """A condition, met where the measure is at most `most`."""

    measure: Measure
    most: int = Field(ge=0)

    def __str__(self) -> str:
        return f"{self.measure} <= {self.most}"


MeasuredValues = dict[Measure, int]


def unmet_conditions(conditions: Sequence[Condition], measured: MeasuredValues) -> tuple[str, ...]:
    """The conditions that aren't met, each with the measured value."""
    return tuple(
        f"{condition} ({measured[condition.measure]})"
        for condition in conditions
        if measured[condition.measure] > condition.most
    )
