"""What of the desk's queue is asked for: the filters, and when something is late."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.renewal.domain.flow import TRANSITIONS, WAITS, FlowStep, Owner, RegistrationStatus
from services.renewal.domain.working_days import is_working

SHOWING = tuple(status for status, steps in TRANSITIONS.items() if FlowStep.SHOW_COPY in steps)
"""Where a copy of the form is shown while the form is awaited."""


class Claimed(StrEnum):
    FREE = "free"
    MINE = "mine"


def _none_if_empty(value: object) -> object:
    """A field of a form that was left alone."""
    return None if value == "" else value


EmptyAsNone = BeforeValidator(_none_if_empty)
"""Of a filter: empty filters nothing."""


class QueueFilter(BaseModel):
    """`waits`: for whom it waits; `status` narrows that, or names one that waits for nobody. `late`: beyond
    the time limit of where it stands. `copy_shown`: the office has shown a copy of its stamped form, the
    form itself is awaited, and nobody has refused the copy. All of it fits into an address."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    waits: Annotated[Literal["desk", "office", "signing", "anybody"] | None, EmptyAsNone] = None
    status: Annotated[RegistrationStatus | None, EmptyAsNone] = None
    product: Annotated[Annotated[str, Field(max_length=50)] | None, EmptyAsNone] = None
    late: Annotated[bool | None, EmptyAsNone] = None
    claimed: Annotated[Claimed | None, EmptyAsNone] = None
    copy_shown: Annotated[bool | None, EmptyAsNone] = None

    @property
    def statuses(self) -> tuple[RegistrationStatus, ...]:
        if self.status:
            return (self.status,)
        if self.copy_shown:
            return SHOWING
        if self.waits == "anybody":
            return tuple(WAITS)
        return tuple(status for status, waits in WAITS.items() if waits.owner == (self.waits or Owner.DESK))


@lru_cache(maxsize=64)
def late_before(status: RegistrationStatus, today: date) -> date | None:
    """What came to stand there before this day has had more working days than its limit; None where nothing
    waits."""
    if status not in WAITS:
        return None
    left, day = WAITS[status].working_days, today
    while (left := left - is_working(day)) >= 0:
        day -= timedelta(days=1)
    return day
