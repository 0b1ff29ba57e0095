"""A flow as one table: its statuses, the steps that are possible in each, who takes them, and who is waited
for how long.

Each long flow of the product has one table. The code asks it before a step, or a test holds each step
against it. The pages in docs/reference are drawn from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Owner(StrEnum):
    """Who takes a step, or who must act next. `RULE`: it happens by itself."""

    OFFICE = "office"
    DESK = "desk"
    RULE = "rule"
    SIGNING = "signing"
    EINVOICE = "einvoice"
    OPS = "ops"
    PLATFORM = "platform"


class LimitStart(StrEnum):
    """From when a limit counts."""

    STATUS = "it has had this status"
    PAY_DAY = "the last day to pay"
    BOOKED_DAY = "the day of the line"
    WANTED_DAY = "the request, or the wanted day if that is later"
    CONTRACT = "its contract is in force"
    LOOK = "it was found odd; nothing waits where nothing is odd"
    HOLD_END = "the proposal, or the end of the hold if that is later"


@dataclass(frozen=True, slots=True)
class WaitLimit:
    """Who must act next, and after how many days that is late: working days of Vietnamese public bodies, or
    calendar `days`."""

    owner: Owner
    working_days: int = 0
    start: LimitStart = LimitStart.STATUS
    days: int = 0

    @property
    def length(self) -> str:
        """`3 working days`, `7 days`."""
        return f"{self.working_days} working days" if self.working_days else f"{self.days} days"


S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class FlowTable(Generic[S, T]):
    """`first`: the statuses in which the flow begins. `transitions`: the possible next statuses, by current
    status and step; where there are several, the step chooses one by the data. `step_owners`: who takes each
    step.

    `limits`: the statuses that wait for somebody. `settled`: those in which nothing waits; only
    `corrections`, steps that take something back or come late, still lead away from them."""

    first: tuple[S, ...]
    transitions: Mapping[S, Mapping[T, tuple[S, ...]]]
    step_owners: Mapping[T, tuple[Owner, ...]]
    limits: Mapping[S, WaitLimit]
    settled: tuple[S, ...]
    corrections: frozenset[T] = frozenset()

    @property
    def waiting(self) -> tuple[S, ...]:
        return tuple(self.limits)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Those who are waited for."""
        waited_for = {limit.owner for limit in self.limits.values()}
        return tuple(owner for owner in Owner if owner in waited_for)

    def may(self, status: S, step: T) -> bool:
        return step in self.transitions[status]

    def targets(self, status: S, step: T) -> tuple[S, ...]:
        """The statuses to which the step can lead. Empty where it isn't possible."""
        return self.transitions[status].get(step, ())

    def steps_of(self, status: S, owner: Owner) -> list[T]:
        return [step for step in self.transitions[status] if owner in self.step_owners[step]]

    def with_step(self, step: T) -> tuple[S, ...]:
        """The statuses in which the step is possible."""
        return tuple(status for status in self.transitions if self.may(status, step))

    def flaws(self) -> Iterator[str]:
        """What is wrong with the table itself. A sound one has nothing."""
        steps = set(type(next(iter(self.step_owners))))
        yield from (f"{step} has no owner" for step in steps if not self.step_owners.get(step))
        yield from (f"{step} is never possible" for step in steps if not self.with_step(step))
        for status in set(type(self.first[0])):
            if status not in self.transitions:
                yield f"{status} is missing"
            elif status not in self._reached():
                yield f"{status} is never reached"
            elif (status in self.limits) == (status in self.settled):
                yield f"{status} must wait for somebody or be settled"
            elif status in self.limits:
                yield from self._flaws_of_limit(status, self.limits[status])
            else:
                yield from self._flaws_of_rest(status)

    def _flaws_of_limit(self, status: S, limit: WaitLimit) -> Iterator[str]:
        if (limit.working_days > 0) == (limit.days > 0):
            yield f"{status} has no limit, or two"
        if not self.steps_of(status, limit.owner):
            yield f"{limit.owner} can do nothing about {status}"

    def _flaws_of_rest(self, status: S) -> Iterator[str]:
        for step, targets in self.transitions[status].items():
            if step not in self.corrections and targets != (status,):
                yield f"{status} is settled, and {step} leads away from it"

    def _reached(self) -> set[S]:
        reached, new = set[S](), set(self.first)
        while new - reached:
            reached |= new
            leads = [self.transitions.get(status, {}) for status in reached]
            new = {to for targets in leads for next in targets.values() for to in next}
        return reached
