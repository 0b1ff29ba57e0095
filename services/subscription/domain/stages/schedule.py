"""The schedule of a subscription's stages: which stage is in force on which day.

This is the only place that computes the stage in force. Gate, access topic, banners and events all use it.

The stage in force is the calendar's stage, unless something keeps it at a looser one: a disputed contract, a
last day of use that nobody expected, a missing warning, an end that two people haven't released. It depends
only on `StageFacts`. At midnight thousands of subscriptions have equal facts, so the schedule of equal facts
is computed once.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from services.subscription.domain.facts import DateTrust, HoldReason, ReminderGiven
from services.subscription.domain.stages.policy import SEVERITY, Policy
from services.subscription.domain.stages.stage import calendar_stage, next_reminder_on, reminder_due
from shared.events.base import Stage

WAITS_WITHOUT_ALERT = timedelta(days=7)
"""How long a lock may wait for its warning before a person is alerted."""
_DAY = timedelta(days=1)
Move = tuple[date, Stage, Stage]
"""A day, the stage before it, and the stage from then on."""


class StageFacts(NamedTuple):
    """All that the stage in force depends on. The fields have the names of the subscription's fields.

    With `granted`, the stage is computed as if the office had been warned of the lock in time.
    """

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
def stage_schedule(known: StageFacts) -> "StageSchedule":
    return StageSchedule(known)


class StageSchedule:
    """The stages of one subscription by day.

    - `counted_from`: the last day of use. Days left and days overdue are counted from it. A date that nobody
      expected still gives at least a week of use.
    - `lock_due_on`: the first day on which the calendar locks.
    - `lock_allowed_from`: the first day on which a reminder allows the lock. None: no reminder is on record.
    - `locks_on`: the first day without full access, recorded or, before the lock, forecast.
    - `stages_from`: the stages after the lock are counted from this day. So an office always has the table's
      full number of lock days between its last access and the end.
    - `ends_on`: the day from which service may end.
    """

    def __init__(self, known: StageFacts) -> None:
        self._known = known
        lock = timedelta(days=known.table.first_lock_day)
        trust = known.trust
        unasked = not (trust.named or trust.needs_release)
        self.counted_from = max(known.last_day, trust.expected_from - _DAY) if unasked else known.last_day
        self.lock_due_on = due = self.counted_from + lock
        self.lock_allowed_from = self._warned_from()
        earliest = max(due, known.told_on + _DAY, self.lock_allowed_from) if self.lock_allowed_from else due
        self.locks_on = known.locked_since or max(earliest, trust.trusted_from or due)
        self.stages_from = max(self.counted_from, self.locks_on - lock)
        self.ends_on = max(known.table.ends_on(self.stages_from), self.end_allowed_from or date.min)
        self.moves = cache(self._moves)
        self.next_change_on = cache(self._next_change_on)

    def _warned_from(self) -> date | None:
        """The first day on which a lock is allowed, or None while no reminder is on record.

        If a contract or a named person set a date that locks the office by the next day, no reminder could
        come before: the decision itself counts as the warning.
        """
        known = self._known
        if known.granted or (known.trust.named and self.lock_due_on <= known.trust.set_on + _DAY):
            return self.lock_due_on
        warned = known.warned
        return warned.lock_from if warned and warned.counted_from == self.counted_from else None

    def lacks_warning_on(self, day: date) -> bool:
        """Whether the office keeps its access on `day` only because no reminder is on record."""
        known = self._known
        waits = self.lock_allowed_from is None and known.locked_since is None and self.lock_due_on <= day
        return waits and not (known.disputed or known.trust.needs_release)

    @property
    def end_allowed_from(self) -> date | None:
        """The first day on which the last warning's notice allows the end. None: it isn't on record."""
        known = self._known
        if known.last_notice_on is None or known.table.last_warning not in known.notices:
            return None
        return known.last_notice_on + known.table.end_notice

    def earliest_end(self, today: date) -> date:
        """The day from which service may end if every missing notice is given `today`."""
        known, begins = self._known, self.stages_from
        if known.stage is Stage.TERMINATED:
            return self.ends_on
        if self.lock_allowed_from is None and known.locked_since is None:
            lock = timedelta(days=known.table.first_lock_day)
            begins = max(begins, ReminderGiven(counted_from=self.counted_from, on=today).lock_from - lock)
        return max(known.table.ends_on(begins), self.end_allowed_from or today + known.table.end_notice)

    def stage_on(self, day: date) -> Stage:
        stage = calendar_stage(self.stages_from, day, self._known.table)
        return min([stage, *self._caps(day)], key=SEVERITY.__getitem__)

    def _caps(self, day: date) -> Iterator[Stage]:
        known = self._known
        if known.disputed:
            yield Stage.EXPIRING
        if known.trust.is_held_on(day):
            yield known.trust.stage_cap
        if known.locked_since is None and (self.lock_allowed_from is None or day < self.lock_allowed_from):
            yield Stage.EXPIRING
        if not self._may_end(day):
            yield known.table.last_warning

    def _may_end(self, day: date) -> bool:
        """Whether service may have ended by `day`.

        Ended service stays ended. Otherwise all of this must hold: two people released the end, every warning
        is on record, the last warning was given long enough ago, and no registration is open.
        """
        known = self._known
        if known.stage is Stage.TERMINATED:
            return True
        if known.registering or not known.table.warnings <= {*known.notices}:
            return False
        released = known.released_on is not None and known.released_on <= day
        return released and self.end_allowed_from is not None and self.end_allowed_from <= day

    def _moves(self, after: date) -> tuple[Move, ...]:
        """The changes of stage on days later than `after`, if nothing else happens."""
        known, moves, old = self._known, [], self.stage_on(after)
        change_days = {self.stages_from + timedelta(days=day) for day in known.table.first_days}
        others = (known.trust.trusted_from, known.released_on, self.lock_allowed_from)
        change_days |= {day for day in others if day}
        for day in sorted(day for day in change_days if day > after):
            if (new := self.stage_on(day)) is not old:
                moves.append((day, old, new))
                old = new
        return tuple(moves)

    @property
    def sends_reminders(self) -> bool:
        """Whether the office gets reminders while it is in the expiring stage."""
        return not (self._known.disputed or self._known.trust.needs_release)

    def reminder_falls_due(self, after: date, until: date) -> bool:
        due = self.sends_reminders and reminder_due(self.counted_from, after, until, self._known.table)
        return due and self.stage_on(until) is Stage.EXPIRING

    @property
    def late_reminder_on(self) -> date | None:
        """The day after the last day of use, if the office has had no reminder by then: it is reminded again.

        None for a date that nobody expected and that is held.
        """
        if self._known.trust.trusted_from is None:
            return None
        return self.lock_due_on if self.lacks_warning_on(self.lock_due_on) else None

    @property
    def hold_starts_on(self) -> date | None:
        """The day on which access would be taken, but is kept: a notice or a person's release is missing.

        For a lock that only waits for its reminder, this is a week after the lock was due.
        """
        known, trust = self._known, self._known.trust
        reason = "many_at_once" if trust.needs_release else "notice_missing"
        if known.disputed or known.locked_since or known.hold == reason:
            return None
        if trust.trusted_from is None:
            return self.lock_due_on
        return self.lock_due_on + WAITS_WITHOUT_ALERT if self.lock_allowed_from is None else None

    @property
    def warning_repeats_on(self) -> date | None:
        """The day on which the last warning is repeated, if its notice isn't on record.

        No service ends without this warning, even if the subscription was adopted in its last warning stage.
        """
        table = self._known.table
        last = table.last_warning
        if last in self._known.notices:
            return None
        day = self.ends_on - min(table.end_notice, table.last_warning_lasts // 2)
        return day if self.stage_on(day - _DAY) is last is self.stage_on(day) else None

    def _next_change_on(self, after: date) -> date | None:
        """The first day later than `after` on which an event or a change is due. None: never."""
        days = [day for day, _, _ in self.moves(after)[:1]]
        reminder = next_reminder_on(self.counted_from, after, self._known.table)
        if reminder and self.sends_reminders and self.stage_on(reminder) is Stage.EXPIRING:
            days.append(reminder)
        others = (
            self.hold_starts_on,
            self.warning_repeats_on,
            self._known.released_on,
            self.late_reminder_on,
        )
        days += [day for day in others if day and day > after]
        return min(days, default=None)
