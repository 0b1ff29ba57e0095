"""A subscription with its stage table and its schedule: all that a decision about its stages needs."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, Self

from services.subscription.domain.facts import HoldReason, ReminderGiven
from services.subscription.domain.stages.policy import Policies, Policy
from services.subscription.domain.stages.schedule import (
    WAITS_WITHOUT_ALERT,
    Move,
    StageFacts,
    StageSchedule,
    stage_schedule,
)
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import Step
from shared.time.calendar import civil_date, start_of_day


class PaidResources(NamedTuple):
    """What the office pays for. `storage_gb` None: the storage that the package includes."""

    package: str
    users: int
    storage_gb: int | None


@dataclass(frozen=True, slots=True)
class StageContext:
    state: Subscription
    table: Policy
    schedule: StageSchedule

    @classmethod
    def of(cls, state: Subscription, policies: Policies) -> Self:
        table = policies[state.licence.policy]
        return cls(state, table, stage_schedule(_facts_of(state, table)))

    @property
    def counted_from(self) -> date:
        return self.schedule.counted_from

    @property
    def ends_on(self) -> date:
        """The day from which service may end."""
        return self.schedule.ends_on

    def earliest_end(self, today: date) -> date:
        """The day from which service may end if every missing notice is given `today`."""
        return self.schedule.earliest_end(today)

    @property
    def end_notice_days(self) -> int | None:
        """How many days at least the end follows the last warning's notice. None: that notice is on
        record."""
        return None if self.schedule.end_allowed_from else self.table.end_notice_days

    @property
    def held(self) -> HoldReason | None:
        """Why access is kept although the last day of use has passed. None if the date was expected."""
        return None if self.state.trust.named else self.state.hold

    @property
    def deletion_due_on(self) -> date:
        """The day from which the data may be deleted, unless a renewal comes first."""
        ended = self.state.terminated_on or self.ends_on
        return ended + timedelta(days=self.table.deletion_hold_days)

    def reminder_due_since(self, before: "StageContext") -> bool:
        """Whether a reminder must be sent now. `before` is the subscription as it was advanced last.

        That is so if a reminder has fallen due since and is still true, or if the lock now waits because no
        reminder is on record.
        """
        today, told_on = self.state.told_on, before.state.told_on
        if self.schedule.lacks_warning_on(today) and not before.schedule.lacks_warning_on(told_on):
            return True
        return self.counted_from == before.counted_from and self.schedule.reminder_falls_due(told_on, today)

    @property
    def deleted_on(self) -> date | None:
        """The day on which the data was deleted after the present end."""
        gone = self.state.deletion
        if gone is None or gone.deleted_at is None or gone.terminated_on != self.state.terminated_on:
            return None
        return civil_date(gone.deleted_at, self.state.zone)

    @property
    def on_record(self) -> tuple[object, ...]:
        """The facts that consumers learn only from `SubscriptionRecorded`, not from an event of a stage
        change."""
        state = self.state
        contracts = (state.renewals, [terms.renewal_id for terms in state.disputed])
        ends = self.end_notice_days, self.deleted_on
        unpaid = state.unpaid, state.pay_by
        return self.counted_from, state.temporary_until, self.held, ends, contracts, unpaid

    def stage_on(self, day: date) -> Stage:
        return self.schedule.stage_on(day)

    def moves(self, after: date, until: date = date.max) -> tuple[Move, ...]:
        """The changes of stage on days in (after, until], if nothing else happens."""
        return tuple(move for move in self.schedule.moves(after) if move[0] <= until)

    def moves_if_reminded(self, today: date) -> tuple[Move, ...]:
        """The coming changes of stage, if a missing reminder is given in time, `today` at the latest."""
        known = self._known_now
        if self.schedule.lock_allowed_from is None:
            on = min(today, self.schedule.lock_due_on - timedelta(days=2))
            known = known._replace(warned=ReminderGiven(counted_from=self.counted_from, on=on))
        return stage_schedule(known).moves(self.state.told_on)

    @property
    def _known_now(self) -> StageFacts:
        return _facts_of(self.state, self.table)

    def steps(self, after: date) -> tuple[Step, ...]:
        """The changes of stage later than `after`, in the form that platforms get."""
        return _steps(self.schedule.moves(after), self.state.licence.zone, self.table)

    @property
    def fingerprint(self) -> str:
        """A fingerprint of the public answer as of `told_on`. The answer is published only when it
        changes."""
        state, moves = self.state, self.schedule.moves(self.state.told_on)
        expires_on, zone = state.licence.expires_on, state.licence.zone
        return _fingerprint(state.stage, self.table, expires_on, zone, moves, self.paid_resources)

    @property
    def paid_resources(self) -> PaidResources:
        licence = self.state.licence
        return PaidResources(licence.package, licence.users, self.state.storage_gb)

    def expected_on(self, day: date) -> Stage:
        """The stage that would be in force on `day` if the last day of use had been expected."""
        known = self._known_now
        trust = self.state.trust.model_copy(update={"named": True})
        told_on = min(known.told_on, day - timedelta(days=1))
        return stage_schedule(known._replace(trust=trust, told_on=told_on, granted=True)).stage_on(day)

    def hold_on(self, day: date) -> HoldReason | None:
        """Why access is kept on `day`, or will be within the week for which a new date has to wait.

        A lock that waits for its reminder counts as held once it has waited a week: then a person is alerted.
        """
        trust = self.state.trust
        if self.schedule.lacks_warning_on(day - WAITS_WITHOUT_ALERT):
            return "notice_missing"
        if not trust.is_held_on(day) or not self.is_kept_on(self.hold_check_day(day)):
            return None
        if trust.needs_release:
            return "many_at_once"
        return "date_too_new" if day < trust.expected_from else "notice_missing"

    def hold_check_day(self, day: date) -> date:
        """The day on which to check whether a date that is new on `day` would take access too soon.

        It is the last day of the week for which the date has to wait, or `day` if that is later.
        """
        return max(day, self.state.trust.expected_from - timedelta(days=1))

    def is_kept_on(self, day: date) -> bool:
        """Whether the office has more access on `day` than it would have if its date had been expected."""
        expected = self.table.row(self.expected_on(day))
        return not expected.access >= self.table.row(self.stage_on(day)).access


def _facts_of(state: Subscription, table: Policy) -> StageFacts:
    return StageFacts(
        table=table,
        last_day=state.last_day,
        trust=state.trust,
        stage=state.stage,
        told_on=state.told_on,
        locked_since=state.locked_since,
        warned=state.warned,
        notices=state.notices,
        last_notice_on=state.last_notice_on,
        hold=state.hold,
        released_on=state.release.day if state.release else None,
        registering=bool(state.open_registrations),
        disputed=bool(state.disputed),
    )


@lru_cache(maxsize=1024)
def _fingerprint(
    stage: Stage,
    table: Policy,
    expires_on: date,
    zone: str,
    moves: tuple[Move, ...],
    paid_resources: PaidResources,
) -> str:
    access = [(step.starts_at, step.stage, step.access) for step in _steps(moves, zone, table)]
    answer = (stage, table.access(stage), expires_on, access, tuple(paid_resources))
    return sha256(repr(answer).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def _steps(moves: tuple[Move, ...], zone: str, table: Policy) -> tuple[Step, ...]:
    return tuple(
        Step(starts_at=start_of_day(day, zone), stage=new, access=table.access(new)) for day, _, new in moves
    )
