"""A reference model: a clerk who keeps one subscription on paper and turns one page a day. It states the
rules of docs/reference/stages.md a second time in another way, to check the service's results."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.subscription.domain.stages.policy import FULL_ACCESS, Policy
from shared.events.base import Stage
from tests.services.subscription.examples import days

ORDER = list(Stage)
Line = tuple[str, date, Any]
"""A page's entry: `move` is (from, to), `held` the reason of a hold, `again` the last warning repeated."""


@dataclass
class Form:
    """A form that came on `came` and gives access until `until`: the days that are `left` after `day`, and
    whether one was used. A signature's days don't run once they were cut short and the last day moved."""

    came: date
    left: int
    day: date
    until: date = date.min
    used: bool = False
    runs: bool = True


@dataclass
class Clerk:
    """`day` is the open page. `locked_since` is the first day of the present lock, `release` the day for
    which two people released the end. `named`, `set_on`, `noticed` and `many` describe how the date was set.
    `warned` is a reminder with its count and the day on which it was given, `last_notice` the day on which
    the last warning's notice was given."""

    table: Policy
    day: date
    stage: Stage
    expires: date
    locked_since: date | None
    notices: set[Stage]
    set_on: date
    named: bool = True
    many: bool = False
    before: Stage = Stage.ACTIVE
    noticed: date | None = None
    warned: tuple[date, date] | None = None
    last_notice: date | None = None
    conceded: dict[str, date] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    open: set[Any] = field(default_factory=set)
    disputed: dict[Any, Any] = field(default_factory=dict)
    release: date | None = None
    hold: str | None = None

    @property
    def last_day(self) -> date:
        return max([self.expires, *self.conceded.values()])

    @property
    def full_until(self) -> date:
        """The last day without temporary access."""
        return max([self.expires, *(day for kind, day in self.conceded.items() if kind != "form")])

    def form_of(self, on: date, today: date, count: int, earlier: Form | None = None) -> Form | None:
        """A form of `on`, with the days that are left of the `earlier` one's. None if it gives no more."""
        form = Form(on, count, on)
        if earlier:
            day = earlier.day if earlier.runs else max(earlier.day, on)
            form = Form(max(on, earlier.came), earlier.left, day, used=earlier.used)
        form.until = earlier.until if earlier and earlier.runs and not form.left else self._end_of(form)
        return form if count and today <= form.until > self.full_until else None

    @property
    def gave_days(self) -> bool:
        reaches = self.conceded.get("form", self.full_until) > self.full_until
        return reaches or any(form.used for form in self.forms.values())

    def cut_forms(self, today: date) -> None:
        """The registration is closed: today is the last day of its access."""
        self.conceded["form"] = today
        if copy := self.forms.get("copy"):
            copy.left = 0
        if today <= self.full_until:
            del self.conceded["form"]
            self.forms = {kind: form for kind, form in self.forms.items() if form.used}
            for form in self.forms.values():
                form.runs = False

    def change_last_day(self, change: Callable[[], None], today: date) -> None:
        """The days that are left of a form follow the last day of full access."""
        self._count_forms(max(today, self.day))
        full_until, present = self.full_until, self.conceded.get("form")
        change()
        if present is None or full_until == self.full_until:
            return
        running = [form for form in self.forms.values() if form.runs and form.until <= present]
        for form in self.forms.values():
            form.runs = form in running
        moving = [form for form in running if form.left]
        stays = [present] if present not in [form.until for form in moving] else []
        for form in moving:
            form.until = self._end_of(form)
        self.conceded["form"] = max([*stays, *(form.until for form in moving)])

    def _end_of(self, form: Form) -> date:
        return min(max(form.day, self.full_until) + days(form.left), form.came + days(90))

    def _count_forms(self, day: date) -> None:
        for form in self.forms.values():
            while form.runs and form.day < day:
                form.day += days(1)
                if form.left and self.full_until < form.day <= form.came + days(90):
                    form.left, form.used = form.left - 1, True

    @property
    def counted_from(self) -> date:
        week = self.set_on + days(6)
        return self.last_day if self.named or self.many else max(self.last_day, week)

    @property
    def lock_due(self) -> date:
        return self.counted_from + days(1)

    @property
    def warned_from(self) -> date | None:
        if self.named and self.lock_due <= self.set_on + days(1):
            return self.lock_due
        return self.warned[1] + days(2) if self.warned and self.warned[0] == self.counted_from else None

    def unwarned(self, day: date) -> bool:
        if self.warned_from or self.locked_since or self.disputed or self.many:
            return False
        return self.lock_due <= day

    def record_notice(self, about: Stage, on: date) -> None:
        """A notice was given. One about a lock that the office is not in does not count for the present
        date."""
        if ORDER.index(about) > max(ORDER.index(self.stage), ORDER.index(Stage.EXPIRING)):
            return
        self.noticed = self.noticed or on
        if about == Stage.EXPIRING and not (self.warned and self.warned[0] == self.counted_from):
            self.warned = self.counted_from, on
        given = [stage for stage in self.warnings if ORDER.index(stage) <= ORDER.index(self.stage)]
        if self.full or about not in given or about in self.notices:
            return
        self.notices.add(about)
        if about == self.warnings[-1]:
            self.notices |= {*given}
            self.last_notice = on

    @property
    def full(self) -> bool:
        return self.table.row(self.stage).access == FULL_ACCESS

    @property
    def days_to_the_end(self) -> int:
        return self.table.first_days[-1] - self._rung(self.day)

    @property
    def ends(self) -> date:
        """The first day on which it may end, by what is known now."""
        end = self.day + days(self.days_to_the_end)
        if self.last_notice is None or self.warnings[-1] not in self.notices:
            return end
        return max(end, self.last_notice + days(self.table.end_notice_days))

    def turn_to(self, until: date) -> list[Line]:
        """Write the pages up to and including `until`."""
        lines: list[Line] = []
        while self.day < until:
            lines += self._dawn(self.day + days(1))
        moves = [line for line in lines if line[0] == "move"]
        for _, _, (old, _) in moves[1:]:
            if old in self.warnings:
                self.notices.add(old)
        return [line for line in lines if line[0] != "again" or not moves]

    def write_page(self, day: date) -> list[Line]:
        """The entries of `day`, by what is known now."""
        self._count_forms(day)
        old, self.day = self.stage, day
        self.stage = self._in_force(day)
        if self.full:
            self.locked_since, self.release = None, None
            self.notices.clear()
            self.last_notice = None
        else:
            self.locked_since = self.locked_since or day
            self.notices = {
                notice for notice in self.notices if ORDER.index(notice) <= ORDER.index(self.stage)
            }
            if self.release and self.release <= day and self.stage != Stage.TERMINATED:
                self.release = None
        lines: list[Line] = [("move", day, (old, self.stage))] if self.stage != old else []
        hold, self.hold = self.hold, self.held_because(day)
        return [*lines, ("held", day, self.hold)] if self.hold and self.hold != hold else lines

    def foresee(self, count: int) -> list[tuple[date, Stage]]:
        """The stages of the next `count` days, if nothing else happens."""
        other = deepcopy(self)
        lines = other.turn_to(self.day + days(count))
        return [(day, what[1]) for kind, day, what in lines if kind == "move"]

    @property
    def warnings(self) -> list[Stage]:
        return [row.stage for row in self.table.stages if row.access != FULL_ACCESS][:-1]

    def _dawn(self, day: date) -> list[Line]:
        was, self.day = self.day, day
        last = self.warnings[-1]
        lasts = self.table.first_days[-1] - self.table.first_days[-2]
        again = (
            self.days_to_the_end == min(self.table.end_notice_days, lasts // 2)
            and last not in self.notices
            and self._in_force(was) == last == self._in_force(day)
        )
        return self.write_page(day) + ([("again", day, None)] if again else [])

    def _rung(self, day: date) -> int:
        """How far it is in the table: days overdue, but at most the days since access was taken."""
        locked = (day - self.locked_since).days + 1 if self.locked_since else 1
        return min((day - self.counted_from).days, locked)

    def _in_force(self, day: date) -> Stage:
        stage, rung = Stage.ACTIVE, self._rung(day)
        for first_day, row in zip(self.table.first_days, self.table.stages[1:], strict=True):
            if first_day <= rung:
                stage = row.stage
        if self.disputed:
            stage = looser(stage, Stage.EXPIRING)
        if self._held(day):
            stage = looser(stage, looser(self.before, Stage.EXPIRING) if self.many else Stage.EXPIRING)
        if self.locked_since is None and (self.warned_from is None or day < self.warned_from):
            stage = looser(stage, Stage.EXPIRING)
        if stage == Stage.TERMINATED and self.stage != Stage.TERMINATED and not self._may_end(day):
            stage = self.warnings[-1]
        return stage

    def _may_end(self, day: date) -> bool:
        if self.open or self.release is None or day < self.release:
            return False
        if self.last_notice is None or day < self.last_notice + days(self.table.end_notice_days):
            return False
        return set(self.warnings) <= self.notices

    def _held(self, day: date) -> bool:
        if self.named:
            return False
        return self.many or self.noticed is None or day < max(self.noticed, self.set_on + days(7))

    def held_because(self, day: date) -> str | None:
        if self.unwarned(day - days(7)):
            return "notice_missing"
        if not self._held(day) or self.disputed:
            return None
        if max(day, self.set_on + days(6)) <= self.last_day:
            return None
        if self.many:
            return "many_at_once"
        return "date_too_new" if day < self.set_on + days(7) else "notice_missing"


def taken_over(table: Policy, today: date, expires: date) -> Clerk:
    """Adopted at the present stage, at most the last warning, with that stage's whole length."""
    clerk = Clerk(table, today, Stage.ACTIVE, expires, None, set(), today)
    overdue = (today - expires).days
    warnings = [row for row in table.stages if row.access != FULL_ACCESS][:-1]
    stages = [row.stage for row in table.stages[:-1] if (row.first_day or -9999) <= overdue]
    clerk.stage = clerk.before = stages[-1]
    if clerk.stage == warnings[-1].stage:
        assert warnings[-1].first_day is not None
        clerk.locked_since = today - days(warnings[-1].first_day - 1)
    elif not clerk.full:
        clerk.locked_since = expires + days(1)
    clerk.notices = {row.stage for row in warnings[:-1] if row.stage in stages}
    return clerk


def state_anew(clerk: Clerk, expires: date, today: date, *, named: bool, many: bool) -> None:
    same, locked = expires == clerk.expires, not clerk.full
    clerk.release = None
    clerk.change_last_day(lambda: setattr(clerk, "expires", expires), today)
    if clerk.locked_since:
        clerk.locked_since = min(clerk.locked_since, today)
    if not same:
        clerk.disputed.clear()
    if not named and (same or (locked and clerk.last_day < today)):
        return
    clerk.named, clerk.set_on, clerk.noticed, clerk.hold = named, today, None, None
    clerk.before, clerk.many = looser(clerk.stage, Stage.EXPIRING), False
    clerk.many = many and not named and clerk.held_because(today) is not None


def renew(clerk: Clerk, table: Policy, term_to: date, today: date) -> None:
    clerk.table, clerk.expires = table, term_to
    clerk.named, clerk.many, clerk.set_on, clerk.noticed, clerk.hold = True, False, today, None, None
    clerk.release = None
    clerk.conceded.clear()
    clerk.forms.clear()


def looser(one: Stage, other: Stage) -> Stage:
    return min(one, other, key=ORDER.index)
