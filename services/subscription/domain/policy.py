"""A stage table: from which day on a subscription stands in which stage, and what that means.

Days are counted from the last day of use: -90 is 90 days before it, 0 that day itself, 1 the first
day after it. A table is data, versioned by its id, and chosen per term (docs/reference/stages.md).
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.events.base import Capability, Stage

SEVERITY = {stage: place for place, stage in enumerate(Stage)}
FULL_ACCESS = frozenset(Capability)

Notice = Literal["none", "expiring", "overdue", "locked", "final_notice", "terminated"]


class StageRow(BaseModel):
    """One stage. It lasts from `first_day` (None: since ever) to the day before the next row's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Stage
    first_day: int | None
    access: frozenset[Capability]
    notice: Notice


class Policy(BaseModel):
    """A stage table with its reminders. Because a row ends where the next begins, it can have neither
    a gap nor an overlap; the rest of its soundness is checked here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    stages: tuple[StageRow, ...]
    reminder_days: tuple[Annotated[int, Field(ge=0)], ...]
    deletion_hold_days: int = Field(ge=0)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        rows = self.stages
        names = [row.stage for row in rows]
        first, *later = [row.first_day for row in rows] or [0]
        days = [day for day in later if day is not None]
        if names[:2] != [Stage.ACTIVE, Stage.EXPIRING] or names[-1] != Stage.TERMINATED:
            yield "a table begins with active and expiring and ends with terminated"
        elif first is not None or len(days) != len(later):
            yield "the first stage has no first day, each later one has its own"
        elif any(a >= b for a, b in pairwise(days)):
            yield "first days rise from row to row"
        elif any(SEVERITY[a] >= SEVERITY[b] for a, b in pairwise(names)):
            yield "stages follow each other in their order, each at most once"
        elif any(not later.access <= earlier.access for earlier, later in pairwise(rows)):
            yield "no stage gives back what an earlier one took"
        elif any(row.access != FULL_ACCESS for row in rows[:2]) or not (days[0] <= 0 < days[1]):
            yield "until the last day of use access is full, and the day after it a new stage begins"
        elif any(a <= b for a, b in pairwise(self.reminder_days)):
            yield "reminder days fall from one to the next"
        elif any(day > -days[0] for day in self.reminder_days):
            yield "reminders belong into the expiring stage"

    @property
    def first_days(self) -> tuple[int, ...]:
        """The days on which a stage begins, rising."""
        return tuple(row.first_day for row in self.stages if row.first_day is not None)

    @property
    def reminders(self) -> tuple[int, ...]:
        """The days on which a reminder is due, rising and counted as stages are: -30 for 30 days left."""
        return tuple(-day for day in self.reminder_days)

    @property
    def last_warning(self) -> Stage:
        """The stage before the end."""
        return self.stages[-2].stage

    @property
    def warning_lasts(self) -> timedelta:
        """How long the last warning stands before the end."""
        return timedelta(days=self.first_days[-1] - self.first_days[-2])

    def row(self, stage: Stage) -> StageRow:
        return next(row for row in self.stages if row.stage == stage)

    def access(self, stage: Stage) -> tuple[Capability, ...]:
        """What an office may do in `stage`, in the order of the capabilities."""
        allowed = self.row(stage).access
        return tuple(capability for capability in Capability if capability in allowed)

    def ends_on(self, counted_from: date) -> date:
        """The date from which the service is ended."""
        return counted_from + timedelta(days=self.first_days[-1])

    def deletion_due_on(self, counted_from: date) -> date:
        """The date from which the data may be deleted, unless a renewal comes first."""
        return self.ends_on(counted_from) + timedelta(days=self.deletion_hold_days)

    def ending_not_before(self, day: date, counted_from: date) -> "Policy":
        """This table with the end put off until `day`, for a subscription counted from `counted_from`."""
        first_day = max((day - counted_from).days, self.first_days[-1])
        end = self.stages[-1].model_copy(update={"first_day": first_day})
        return self.model_copy(update={"stages": (*self.stages[:-1], end)})


Policies = Mapping[str, Policy]
