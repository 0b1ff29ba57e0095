"""The stage in force: the one place that knows it. Gate, access topic, banners and events all ask here.

It is the calendar's stage, unless something keeps it at a looser one: a contract at the desk, a date
that nobody expected, an end that two people haven't released. It depends on no more than `StageFacts`, which
at a midnight thousands of subscriptions have in common: so what follows from it is computed once.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from services.subscription.domain.facts import DateTrust, HoldReason, ReminderGiven
from services.subscription.domain.stages.policy import SEVERITY, Policy
from services.subscription.domain.stages.stage import calendar_stage, next_reminder_on, reminder_due
from shared.events.base import Stage

OWNERLESS = timedelta(days=7)
"""How long a lock may wait for its warning before a person is told."""
_DAY = timedelta(days=1)
Move = tuple[date, Stage, Stage]
"""A day, the stage before it, and the stage from then on."""


class StageFacts(NamedTuple):
    """All that the stage in force depends on; the names are those of the subscription. `granted`: the stage
    is asked for as if its date and its lock had been told in time."""

    table: Policy
    last_day: date
    trust: DateTrust
    stage: Stage
    told_on: date
    locked_since: date | None
    warned: ReminderGiven | None
    notices: tuple[Stage, ...]
    last_notice_on: date | None
    hold: HoldReason | None
    released_on: date | None
    registering: bool
    disputed: bool
    granted: bool = False


@lru_cache(maxsize=4096)
def ladder(known: StageFacts) -> "Ladder":
    return Ladder(known)


class Ladder:
    """`counted_from` is the last day of use, from which days left and overdue are counted; a date that
    came unasked gives a week's notice, whatever it says. `lock_due_on` is the first day on which the calendar
    locks, `warned_from` the first on which a warning lets it (None: none is on record). `locks_on` is the
    first day without full access: as told, else as it will be if nothing comes between. The stages count
    from `begins`: nobody comes to the end without the table's full lock days since the last access.
    `ends_on` is the day from which service may end."""

    def __init__(self, known: StageFacts) -> None:
        self._known = known
        lock = timedelta(days=known.table.first_lock_day)
        trust = known.trust
        unasked = not (trust.named or trust.needs_release)
        self.counted_from = max(known.last_day, trust.stands_on - _DAY) if unasked else known.last_day
        self.lock_due_on = due = self.counted_from + lock
        self.warned_from = self._warned_from()
        earliest = max(due, known.told_on + _DAY, self.warned_from) if self.warned_from else due
        self.locks_on = known.locked_since or max(earliest, trust.free_from or due)
        self.begins = max(self.counted_from, self.locks_on - lock)
        self.ends_on = max(known.table.ends_on(self.begins), self.warned_of_the_end or date.min)
        self.moves = cache(self._moves)
        self.next_change_on = cache(self._next_change_on)

    def _warned_from(self) -> date | None:
        """Of a date that a named person or a contract set for the day itself, that word is the warning: no
        reminder could come before."""
        known = self._known
        if known.granted or (known.trust.named and self.lock_due_on <= known.trust.set_on + _DAY):
            return self.lock_due_on
        warned = known.warned
        return warned.lock_from if warned and warned.counted_from == self.counted_from else None

    def unwarned_on(self, day: date) -> bool:
        """Whether access is kept on `day` because no warning of its end is on record."""
        known = self._known
        waits = self.warned_from is None and known.locked_since is None and self.lock_due_on <= day
        return waits and not (known.disputed or known.trust.needs_release)

    @property
    def warned_of_the_end(self) -> date | None:
        """The first day on which the last warning's notice lets the service end. None: it isn't on record."""
        known = self._known
        if known.last_notice_on is None or known.table.last_warning not in known.notices:
            return None
        return known.last_notice_on + known.table.end_notice

    def ends_from(self, today: date) -> date:
        """The day from which service may end, where the notices that are still to be given are given `today`
        at the earliest."""
        known, begins = self._known, self.begins
        if known.stage is Stage.TERMINATED:
            return self.ends_on
        if self.warned_from is None and known.locked_since is None:
            lock = timedelta(days=known.table.first_lock_day)
            begins = max(begins, ReminderGiven(counted_from=self.counted_from, on=today).lock_from - lock)
        return max(known.table.ends_on(begins), self.warned_of_the_end or today + known.table.end_notice)

    def stage_on(self, day: date) -> Stage:
        stage = calendar_stage(self.begins, day, self._known.table)
        return min([stage, *self._caps(day)], key=SEVERITY.__getitem__)

    def _caps(self, day: date) -> Iterator[Stage]:
        known = self._known
        if known.disputed:
            yield Stage.EXPIRING
        if known.trust.held_on(day):
            yield known.trust.cap
        if known.locked_since is None and (self.warned_from is None or day < self.warned_from):
            yield Stage.EXPIRING
        if not self._may_end(day):
            yield known.table.last_warning

    def _may_end(self, day: date) -> bool:
        """What has ended stays ended. Else two people released it, every warning is on record, the last one
        for long enough, and no registration is open."""
        known = self._known
        if known.stage is Stage.TERMINATED:
            return True
        if known.registering or not known.table.warnings <= {*known.notices}:
            return False
        released = known.released_on is not None and known.released_on <= day
        return released and self.warned_of_the_end is not None and self.warned_of_the_end <= day

    def _moves(self, after: date) -> tuple[Move, ...]:
        """The days later than `after` on which the stage changes, if nothing comes between."""
        known, moves, old = self._known, [], self.stage_on(after)
        turns = {self.begins + timedelta(days=day) for day in known.table.first_days}
        others = (known.trust.free_from, known.released_on, self.warned_from)
        turns |= {day for day in others if day}
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
    def reminds_late_on(self) -> date | None:
        """The day after the last one, on which an office that nobody warned is reminded again. A date that
        nobody expected is held instead."""
        if self._known.trust.free_from is None:
            return None
        return self.lock_due_on if self.unwarned_on(self.lock_due_on) else None

    @property
    def hold_shows_on(self) -> date | None:
        """The day on which a date would take access that still waits for its notice, or for a person."""
        known, trust = self._known, self._known.trust
        reason = "many_at_once" if trust.needs_release else "notice_missing"
        if known.disputed or known.locked_since or known.hold == reason:
            return None
        if trust.free_from is None:
            return self.lock_due_on
        return self.lock_due_on + OWNERLESS if self.warned_from is None else None

    @property
    def warns_again_on(self) -> date | None:
        """The day on which the last warning is told once more, where its notice isn't on record: nobody
        comes to the end unwarned, not even those who were taken over in their last warning."""
        table = self._known.table
        last = table.last_warning
        if last in self._known.notices:
            return None
        day = self.ends_on - min(table.end_notice, table.last_warning_lasts // 2)
        return day if self.stage_on(day - _DAY) is last is self.stage_on(day) else None

    def _next_change_on(self, after: date) -> date | None:
        """The first day later than `after` on which there is something to tell, if any."""
        days = [day for day, _, _ in self.moves(after)[:1]]
        reminder = next_reminder_on(self.counted_from, after, self._known.table)
        if reminder and self.reminds and self.stage_on(reminder) is Stage.EXPIRING:
            days.append(reminder)
        others = (self.hold_shows_on, self.warns_again_on, self._known.released_on, self.reminds_late_on)
        days += [day for day in others if day and day > after]
        return min(days, default=None)
