"""The conditions under which the rule accepts in place of a clerk: data of the product, in force as they
were at registration."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from services.renewal.domain.frozen import Frozen


class Measure(StrEnum):
    """What is measured of an office's registration.

    `total_vnd`: what it costs, VAT included. `years`: ordered at once. `days_overdue`: since the last day of
    use, when the form came. `refused_of_late`: the office's registrations that the desk refused within a
    year.
    """

    TOTAL_VND = "total_vnd"
    YEARS = "years"
    DAYS_OVERDUE = "days_overdue"
    REFUSED_OF_LATE = "refused_of_late"


class Condition(Frozen):
    """Holds while the measure is `most` or less."""

    measure: Measure
    most: int = Field(ge=0)

    def __str__(self) -> str:
        return f"{self.measure} <= {self.most}"


Facts = dict[Measure, int]


def missing(conditions: Sequence[Condition], facts: Facts) -> tuple[str, ...]:
    """The conditions that don't hold, each with what was found."""
    return tuple(
        f"{condition} ({facts[condition.measure]})"
        for condition in conditions
        if facts[condition.measure] > condition.most
    )
