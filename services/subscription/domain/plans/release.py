"""Two people let the ends of one day's plan come."""

from datetime import date, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime

from services.subscription.domain.facts import Fact, Release
from services.subscription.domain.refusal import SubscriptionError
from shared.storage.aggregate import Cause, Decision, State

FURTHEST = timedelta(days=30)


class Voice(Fact):
    by: str
    reason: str
    at: AwareDatetime


class Listed(NamedTuple):
    """The ends of `day`'s plan: their hash, how many there are, and the name their list is kept under."""

    day: date
    hash: str
    terminations: int
    name: str


class PlanRelease(State):
    """The listed ends are let go by `first` and `second`. `given` parts of the list have been gone through
    since, `done` when that was all of it."""

    day: date
    hash: str
    terminations: int
    name: str
    first: Voice
    second: Voice | None = None
    given: int = 0
    done: bool = False

    @property
    def listed(self) -> Listed:
        return Listed(self.day, self.hash, self.terminations, self.name)

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
    def _released_by(self) -> Voice:
        if self.second is None:
            raise ValueError("not released yet")
        return self.second

    def went_on(self, *, done: bool) -> Decision["PlanRelease"]:
        """One part further, or through."""
        return Decision(self.model_copy(update={"done": True} if done else {"given": self.given + 1}))


def release_id(day: date, hash: str) -> str:
    return f"{day}:{hash}"


def agree(state: PlanRelease | None, listed: Listed, voice: Voice) -> Decision[PlanRelease]:
    """The first person's word, or the second's. Raises Refused."""
    if state is None:
        return Decision(PlanRelease(**listed._asdict(), first=voice))
    if state.second is not None:
        raise SubscriptionError("already-released")
    if state.first.by == voice.by:
        raise SubscriptionError("same-person")
    return Decision(state.model_copy(update={"second": voice}))


def check_day(day: date, today: date) -> None:
    """An end is released beforehand, and not so early that much may happen before. Raises Refused."""
    if day <= today:
        raise SubscriptionError("day-begun")
    if day > today + FURTHEST:
        raise SubscriptionError("day-too-far")
