"""What an office sees of a subscription at first sight: its situation in a word, and the days to count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.renewal.domain.draft import Draft
from services.renewal.domain.flow import OPEN
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.renewal import Renewal
from shared.events.base import Stage


class Situation(StrEnum):
    """Past the last day and still open: `temporary` for some days, or `overdue` because something holds
    the lock."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    LAST_DAY = "last_day"
    TEMPORARY = "temporary"
    OVERDUE = "overdue"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"


class Tone(StrEnum):
    GOOD = "is-good"
    WARN = "is-warn"
    BAD = "is-bad"


_TONES: Mapping[Situation, Tone] = {
    Situation.ACTIVE: Tone.GOOD,
    Situation.EXPIRING: Tone.WARN,
    Situation.LAST_DAY: Tone.WARN,
    Situation.TEMPORARY: Tone.WARN,
    Situation.OVERDUE: Tone.WARN,
    Situation.LOCKED: Tone.BAD,
    Situation.FINAL_NOTICE: Tone.BAD,
    Situation.TERMINATED: Tone.BAD,
}


@dataclass(frozen=True, slots=True)
class Glance:
    """`standing`: the open registration, or the one whose contract renewed this term. `draft`: what was typed
    and isn't registered. `today` is a date in the office's zone."""

    licence: LicenceCopy
    product_name: str
    today: date
    standing: Renewal | None
    draft: Draft | None = None

    @property
    def situation(self) -> Situation:
        if self.licence.stage is not Stage.EXPIRING:
            return Situation(self.licence.stage.value)
        if self.days_left > 0:
            return Situation.EXPIRING
        if self.days_left == 0:
            return Situation.LAST_DAY
        return Situation.TEMPORARY if self.temporary_until else Situation.OVERDUE

    @property
    def tone(self) -> Tone:
        return _TONES[self.situation]

    @property
    def is_closed(self) -> bool:
        return self.tone is Tone.BAD

    @property
    def open(self) -> Renewal | None:
        """What is on its way: while there is one, nobody is asked to register again."""
        return self.standing if self.standing and self.standing.status in OPEN else None

    @property
    def ends_on(self) -> date | None:
        """The day on which service ends; when it has ended, the day from which data may be deleted."""
        if self.situation is Situation.TERMINATED:
            return self.licence.deletion_due_on
        return self.licence.ends_on(self.today)

    @property
    def ends_in(self) -> int:
        """Days until then; 0 where it isn't known or has come."""
        return max((self.ends_on - self.today).days, 0) if self.ends_on else 0

    @property
    def temporary_until(self) -> date | None:
        return self.licence.temporary_on(self.today)

    @property
    def last_day(self) -> date:
        return self.licence.expires_on

    @property
    def days_left(self) -> int:
        return (self.last_day - self.today).days
