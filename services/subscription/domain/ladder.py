"""The stage in force: the one place that knows it. Gate, access topic, banners and events all ask here.

It is the calendar's stage, unless something keeps it at a looser one: a contract at the desk, a date
that nobody expected, an end that two people haven't released. It depends on no more than `Known`, which
at a midnight thousands of subscriptions have in common: so what follows from it is computed once.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from services.subscription.domain.facts import HoldReason, Trust
from services.subscription.domain.policy import SEVERITY, Policy
from services.subscription.domain.stage import calendar_stage, next_reminder_on, reminder_due
from shared.events.base import Stage

WARNS_AGAIN = timedelta(days=14)
_DAY = timedelta(days=1)
Move = tuple[date, Stage, Stage]
"""A day, the stage before it, and the stage from then on."""


class Known(NamedTuple):
    """All that the stage in force depends on; the names are those of the subscription."""

    table: Policy
    last_day: date
    trust: Trust
    stage: Stage
    told_on: date
    locked_since: date | None
    notices: tuple[Stage, ...]
    hold: HoldReason | None
    released_on: date | None
    registering: bool
    disputed: bool


@lru_cache(maxsize=4096)
def ladder(known: Known) -> "Ladder":
    return Ladder(known)


class Ladder:
    """`counted_from` is the last day of use, from which days left and overdue are counted; a date that
    came unasked gives a week's notice, whatever it says. `locks_on` is the first day without full access:
    as told, else as it will be if nothing comes between. The stages count from `begins`: nobody comes to
    the end without the table's full lock days since the last access. `ends_on` is the day from which
    service may end."""

    def __init__(self, known: Known) -> None:
        self._known = known
        lock = timedelta(days=known.table.first_lock_day)
        trust = known.trust
        unasked = not (trust.named or trust.needs_release)
        self.counted_from = max(known.last_day, trust.stands_on - _DAY) if unasked else known.last_day
        by_calendar = self.counted_from + lock
        self.locks_on = known.locked_since or max(
            by_calendar, known.told_on + _DAY, trust.free_from or by_calendar
        )
        self.begins = max(self.counted_from, self.locks_on - lock)
        self.ends_on = known.table.ends_on(self.begins)
        self.moves = cache(self._moves)
        self.next_change_on = cache(self._next_change_on)

    def stage_on(self, day: date) -> Stage:
        stage = calendar_stage(self.begins, day, self._known.table)
        return min([stage, *self._caps(day)], key=SEVERITY.__getitem__)

    def _caps(self, day: date) -> Iterator[Stage]:
        known = self._known
        if known.disputed:
            yield Stage.EXPIRING
        if known.trust.held_on(day):
            yield known.trust.cap
        if not self._may_end(day):
            yield known.table.last_warning

    def _may_end(self, day: date) -> bool:
        """What has ended stays ended. Else two people released it, every warning is on record, and no
        registration is open."""
        known = self._known
        if known.stage is Stage.TERMINATED:
            return True
        released = known.released_on is not None and known.released_on <= day
        return released and not known.registering and known.table.warnings <= {*known.notices}

    def _moves(self, after: date) -> tuple[Move, ...]:
        """The days later than `after` on which the stage changes, if nothing comes between."""
        known, moves, old = self._known, [], self.stage_on(after)
        turns = {self.begins + timedelta(days=day) for day in known.table.first_days}
        turns |= {day for day in (known.trust.free_from, known.released_on) if day}
        for day in sorted(day for day in turns if day > after):
            if (new := self.stage_on(day)) is not old:
                moves.append((day, old, new))
                old = new
        return tuple(moves)

    @property
    def reminds(self) -> bool:
        """Whether the office is reminded while it is in the expiring stage."""
        return not (self._known.disputed or self._known.trust.needs_release)

    def to_remind(self, after: date, until: date) -> bool:
        due = self.reminds and reminder_due(self.counted_from, after, until, self._known.table)
        return due and self.stage_on(until) is Stage.EXPIRING

    @property
    def hold_shows_on(self) -> date | None:
        """The day on which a date would take access that still waits for its notice, or for a person."""
        known, trust = self._known, self._known.trust
        reason = "many_at_once" if trust.needs_release else "notice_missing"
        waits = trust.free_from is None and known.hold != reason
        if known.disputed or known.locked_since:
            return None
        return self.counted_from + timedelta(days=known.table.first_lock_day) if waits else None

    @property
    def warns_again_on(self) -> date | None:
        """The day on which the last warning is told once more, where its notice isn't on record: nobody
        comes to the end unwarned, not even those who were taken over in their last warning."""
        last = self._known.table.last_warning
        if last in self._known.notices:
            return None
        day = self.ends_on - min(WARNS_AGAIN, self._known.table.last_warning_lasts // 2)
        return day if self.stage_on(day - _DAY) is last is self.stage_on(day) else None

    def _next_change_on(self, after: date) -> date | None:
        """The first day later than `after` on which there is something to tell, if any."""
        days = [day for day, _, _ in self.moves(after)[:1]]
        reminder = next_reminder_on(self.counted_from, after, self._known.table)
        if reminder and self.reminds and self.stage_on(reminder) is Stage.EXPIRING:
            days.append(reminder)
        others = (self.hold_shows_on, self.warns_again_on, self._known.released_on)
        days += [day for day in others if day and day > after]
        return min(days, default=None)
