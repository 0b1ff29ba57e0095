"""The filters of the desk's queue, and when a registration is late."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.renewal.domain.flow import OPEN, REGISTRATION_FLOW, FlowStep, RegistrationStatus
from services.renewal.domain.working_days import is_working
from shared.flow_table import Owner

AWAITING_COPY = REGISTRATION_FLOW.with_step(FlowStep.SHOW_COPY)
"""The statuses in which the office can upload a copy of the form, while the form itself is awaited."""


class ClaimFilter(StrEnum):
    FREE = "free"
    MINE = "mine"


def _none_if_empty(value: object) -> object:
    """An empty field of a form counts as missing."""
    return None if value == "" else value


EmptyAsNone = BeforeValidator(_none_if_empty)
"""For a field of a filter: an empty value filters nothing."""


class QueueFilter(BaseModel):
    """A filter of the queue. `waits`: who must act next. `status`: only that status, which may also be a
    final one. `late`: beyond the time limit of its status. `copy_shown`: the office has uploaded a copy of
    its stamped form, the form itself is awaited, and the desk hasn't refused the copy. The whole filter fits
    into a URL."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    waits: Annotated[Literal["desk", "office", "signing", "anybody"] | None, EmptyAsNone] = None
    status: Annotated[RegistrationStatus | None, EmptyAsNone] = None
    product: Annotated[Annotated[str, Field(max_length=50)] | None, EmptyAsNone] = None
    late: Annotated[bool | None, EmptyAsNone] = None
    claimed: Annotated[ClaimFilter | None, EmptyAsNone] = None
    copy_shown: Annotated[bool | None, EmptyAsNone] = None

    @property
    def statuses(self) -> tuple[RegistrationStatus, ...]:
        if self.status:
            return (self.status,)
        if self.copy_shown:
            return AWAITING_COPY
        if self.waits == "anybody":
            return OPEN
        owner, limits = self.waits or Owner.DESK, REGISTRATION_FLOW.limits
        return tuple(status for status, limit in limits.items() if limit.owner == owner)


@lru_cache(maxsize=64)
def late_before(status: RegistrationStatus, today: date) -> date | None:
    """A registration that has had the `status` since before this day is late: it has waited for more working
    days than the limit. None for a final status."""
    if status not in OPEN:
        return None
    left, day = REGISTRATION_FLOW.limits[status].working_days, today
    while (left := left - is_working(day)) >= 0:
        day -= timedelta(days=1)
    return day
