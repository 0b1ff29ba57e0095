"""The release of one day's ends by two people."""

from datetime import date, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime

from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Fact, Release
from shared.storage.aggregate import Cause, Decision, State

FURTHEST_AHEAD = timedelta(days=30)


class Approval(Fact):
    by: str
    reason: str
    at: AwareDatetime


class EndListRef(NamedTuple):
    """The list of the ends of `day`'s plan: its hash, its length, and the name under which it is stored."""

    day: date
    hash: str
    terminations: int
    name: str


class PlanRelease(State):
    """The release of a list of ends by the people `first` and `second`.

    `given` counts the parts of the list that have been processed since. `done`: all of them.
    """

    day: date
    hash: str
    terminations: int
    name: str
    first: Approval
    second: Approval | None = None
    given: int = 0
    done: bool = False

    @property
    def end_list(self) -> EndListRef:
        return EndListRef(self.day, self.hash, self.terminations, self.name)

    @property
    def release(self) -> Release:
        """The release that each subscription on the list gets."""
        return Release(day=self.day, plan=self.hash, by=(self.first.by, self._released_by.by))

    @property
    def cause(self) -> Cause:
        """The cause in the audit: the second person's approval."""
        voice = self._released_by
        return Cause.request(voice.by, f"release ends of {self.day}", voice.reason)

    @property
    def _released_by(self) -> Approval:
        if self.second is None:
            raise ValueError("not released yet")
        return self.second

    def advance(self, *, done: bool) -> Decision["PlanRelease"]:
        """Record that one more part, or the whole list (`done`), is processed."""
        return Decision(self.model_copy(update={"done": True} if done else {"given": self.given + 1}))


def release_id(day: date, hash: str) -> str:
    return f"{day}:{hash}"


def approve(state: PlanRelease | None, end_list: EndListRef, voice: Approval) -> Decision[PlanRelease]:
    """Record the first person's approval, or the second's.

    Raises SubscriptionError if two people have approved already, or if it is the same person again.
    """
    if state is None:
        return Decision(PlanRelease(**end_list._asdict(), first=voice))
    if state.second is not None:
        raise SubscriptionError("already-released")
    if state.first.by == voice.by:
        raise SubscriptionError("same-person")
    return Decision(state.model_copy(update={"second": voice}))


def check_day(day: date, today: date) -> None:
    """An end is released before its day, at most 30 days before. Raises SubscriptionError otherwise."""
    if day <= today:
        raise SubscriptionError("day-begun")
    if day > today + FURTHEST_AHEAD:
        raise SubscriptionError("day-too-far")
