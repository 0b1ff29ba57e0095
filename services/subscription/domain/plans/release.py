"""Two people let the ends of one day's plan come."""

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
    """The ends of `day`'s plan: their hash, how many there are, and the name their list is kept under."""

    day: date
    hash: str
    terminations: int
    name: str


class PlanRelease(State):
    """The end_list ends are let go by `first` and `second`. `given` parts of the list have been gone through
    since, `done` when that was all of it."""

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
        """What each subscription on the list gets."""
        return Release(day=self.day, plan=self.hash, by=(self.first.by, self._released_by.by))

    @property
    def cause(self) -> Cause:
        """The second person's word is what did it."""
        voice = self._released_by
        return Cause.request(voice.by, f"release ends of {self.day}", voice.reason)

    @property
    def _released_by(self) -> Approval:
        if self.second is None:
            raise ValueError("not released yet")
        return self.second

    def advance(self, *, done: bool) -> Decision["PlanRelease"]:
        """One part further, or through."""
        return Decision(self.model_copy(update={"done": True} if done else {"given": self.given + 1}))


def release_id(day: date, hash: str) -> str:
    return f"{day}:{hash}"


def approve(state: PlanRelease | None, end_list: EndListRef, voice: Approval) -> Decision[PlanRelease]:
    """The first person's word, or the second's. Raises Refused."""
    if state is None:
        return Decision(PlanRelease(**end_list._asdict(), first=voice))
    if state.second is not None:
        raise SubscriptionError("already-released")
    if state.first.by == voice.by:
        raise SubscriptionError("same-person")
    return Decision(state.model_copy(update={"second": voice}))


def check_day(day: date, today: date) -> None:
    """An end is released beforehand, and not so early that much may happen before. Raises Refused."""
    if day <= today:
        raise SubscriptionError("day-begun")
    if day > today + FURTHEST_AHEAD:
        raise SubscriptionError("day-too-far")
