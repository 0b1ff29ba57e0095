"""A stage table: which stage begins on which day, what it allows, and when reminders are due.

Days are counted from the last day of use: -90 is 90 days before it, 0 that day itself, 1 the first
day after it. A table is data, versioned by its id, and chosen per term (docs/reference/stages.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.subscription.domain.stages.texts import TEXTS
from shared.events.base import Capability, Stage
from shared.text.rules import broken_rule

SEVERITY = {stage: place for place, stage in enumerate(Stage)}
FULL_ACCESS = frozenset(Capability)
MOST_DAYS = 3660
"""Ten years: a larger number is a typing error."""

_RULES = TEXTS.part("table")
Notice = Literal["none", "expiring", "overdue", "locked", "final_notice", "terminated"]


class StageRow(BaseModel):
    """One stage. It lasts from `first_day` (None: no beginning) to the day before the next row's first
    day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Stage
    first_day: Annotated[int, Field(ge=-MOST_DAYS, le=MOST_DAYS)] | None
    access: frozenset[Capability]
    notice: Notice


class Policy(BaseModel):
    """A stage table with its reminders.

    A row ends where the next one begins, so a table has neither gaps nor overlaps. The other rules are
    checked here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    stages: tuple[StageRow, ...]
    reminder_days: tuple[Annotated[int, Field(ge=0)], ...]
    deletion_hold_days: int = Field(ge=0, le=MOST_DAYS)
    end_notice_days: int = Field(14, ge=1, le=MOST_DAYS)
    """The end comes at least this many days after the last warning's notice was really given."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for rule in self._broken_rules():
            raise broken_rule(_RULES, rule)
        return self

    def _broken_rules(self) -> Iterator[str]:
        """The names of the broken rules. A check runs only if those before it passed."""
        rows = self.stages
        names = [row.stage for row in rows]
        first, *later = [row.first_day for row in rows] or [0]
        days = [day for day in later if day is not None]
        if names[:2] != [Stage.ACTIVE, Stage.EXPIRING] or names[-1] != Stage.TERMINATED:
            yield "ends"
        elif first is not None or len(days) != len(later):
            yield "first_day"
        elif any(a >= b for a, b in pairwise(days)):
            yield "days"
        elif any(SEVERITY[a] >= SEVERITY[b] for a, b in pairwise(names)):
            yield "order"
        else:
            yield from self._broken_access_rules(days)
            yield from self._broken_reminder_rules(days[0])

    def _broken_access_rules(self, days: Sequence[int]) -> Iterator[str]:
        rows = self.stages
        if any(not later.access <= earlier.access for earlier, later in pairwise(rows)):
            yield "access_returned"
        if any(row.access != FULL_ACCESS for row in rows[:2]) or not (days[0] <= 0 < days[1] == 1):
            yield "access_in_term"
        if rows[2].access == FULL_ACCESS or rows[2].stage is Stage.TERMINATED:
            yield "warning"
        if rows[-1].access:
            yield "access_after_end"

    def _broken_reminder_rules(self, expiring: int) -> Iterator[str]:
        if any(a <= b for a, b in pairwise(self.reminder_days)):
            yield "reminder_days"
        if any(day > -expiring for day in self.reminder_days):
            yield "reminder_stage"

    def __hash__(self) -> int:
        """A table is identified by its id."""
        return hash(self.id)

    @cached_property
    def first_days(self) -> tuple[int, ...]:
        """The days on which stages begin, in rising order."""
        return tuple(row.first_day for row in self.stages if row.first_day is not None)

    @cached_property
    def reminders(self) -> tuple[int, ...]:
        """The days on which a reminder is due, in rising order, counted like stages: -30 for 30 days left."""
        return tuple(-day for day in self.reminder_days)

    @cached_property
    def last_warning(self) -> Stage:
        """The stage before the end."""
        return self.stages[-2].stage

    @cached_property
    def last_warning_lasts(self) -> timedelta:
        return timedelta(days=self.first_days[-1] - self.first_days[-2])

    @cached_property
    def end_notice(self) -> timedelta:
        return timedelta(days=self.end_notice_days)

    @cached_property
    def first_lock_day(self) -> int:
        """The first day without full access."""
        return self.first_days[1]

    @cached_property
    def warnings(self) -> frozenset[Stage]:
        """The stages between full access and the end. Each has its own notice."""
        return frozenset(row.stage for row in self.stages[2:-1])

    @cached_property
    def _access(self) -> Mapping[Stage, tuple[Capability, ...]]:
        return {row.stage: tuple(one for one in Capability if one in row.access) for row in self.stages}

    def row(self, stage: Stage) -> StageRow:
        return next(row for row in self.stages if row.stage == stage)

    def access(self, stage: Stage) -> tuple[Capability, ...]:
        """What an office may do in `stage`, in the order of the capabilities."""
        return self._access[stage]

    def ends_on(self, counted_from: date) -> date:
        """The first date of the stage `terminated`."""
        return counted_from + timedelta(days=self.first_days[-1])


Policies = Mapping[str, Policy]
