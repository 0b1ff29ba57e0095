"""Where one subscription stands, on any day from the one told last."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, Self

from services.subscription.domain.facts import HoldReason, ReminderGiven
from services.subscription.domain.stages.ladder import OWNERLESS, Ladder, Move, StageFacts, ladder
from services.subscription.domain.stages.policy import Policies, Policy
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import Step
from shared.time.calendar import civil_date, start_of_day


class Entitled(NamedTuple):
    """What is paid for; `storage_gb` None: what the package includes."""

    package: str
    users: int
    storage_gb: int | None


@dataclass(frozen=True, slots=True)
class StageContext:
    state: Subscription
    table: Policy
    ladder: Ladder

    @classmethod
    def of(cls, state: Subscription, policies: Policies) -> Self:
        table = policies[state.licence.policy]
        return cls(state, table, ladder(_known(state, table)))

    @property
    def counted_from(self) -> date:
        return self.ladder.counted_from

    @property
    def ends_on(self) -> date:
        """The day from which service may end."""
        return self.ladder.ends_on

    def ends_from(self, today: date) -> date:
        """The same, where a notice that is still to be given is given `today` at the earliest."""
        return self.ladder.ends_from(today)

    @property
    def end_notice_days(self) -> int | None:
        """Service ends so many days at least after a notice that is still to be given; None: it is given."""
        return None if self.ladder.warned_of_the_end else self.table.end_notice_days

    @property
    def held(self) -> HoldReason | None:
        """Why a date that nobody expected doesn't take access."""
        return None if self.state.trust.named else self.state.hold

    @property
    def deletion_due_on(self) -> date:
        """The day from which the data may be deleted, unless a renewal comes first."""
        ended = self.state.terminated_on or self.ends_on
        return ended + timedelta(days=self.table.deletion_hold_days)

    def reminds_since(self, before: "StageContext") -> bool:
        """Whether a reminder fell due since `before` was told and is still true; or another must follow,
        because access is kept for want of one on record."""
        today, told_on = self.state.told_on, before.state.told_on
        if self.ladder.unwarned_on(today) and not before.ladder.unwarned_on(told_on):
            return True
        return self.counted_from == before.counted_from and self.ladder.to_remind(told_on, today)

    @property
    def deleted_on(self) -> date | None:
        """The day on which the data of the present end was deleted."""
        gone = self.state.deletion
        if gone is None or gone.deleted_at is None or gone.terminated_on != self.state.terminated_on:
            return None
        return civil_date(gone.deleted_at, self.state.zone)

    @property
    def on_record(self) -> tuple[object, ...]:
        """What only the record tells others: no event of a move has it."""
        state = self.state
        contracts = (state.renewals, [terms.renewal_id for terms in state.disputed])
        ends = self.end_notice_days, self.deleted_on
        return self.counted_from, state.temporary_until, self.held, ends, contracts

    def stage_on(self, day: date) -> Stage:
        return self.ladder.stage_on(day)

    def moves(self, after: date, until: date = date.max) -> tuple[Move, ...]:
        """The days in (after, until] on which the stage changes, if nothing comes between."""
        return tuple(move for move in self.ladder.moves(after) if move[0] <= until)

    def moves_if_warned(self, today: date) -> tuple[Move, ...]:
        """The days later than that told last on which the stage changes, if a reminder that is missing is
        given in time, and `today` at the latest."""
        known = self._known_now
        if self.ladder.warned_from is None:
            on = min(today, self.ladder.lock_due_on - timedelta(days=2))
            known = known._replace(warned=ReminderGiven(counted_from=self.counted_from, on=on))
        return ladder(known).moves(self.state.told_on)

    @property
    def _known_now(self) -> StageFacts:
        return _known(self.state, self.table)

    def steps(self, after: date) -> tuple[Step, ...]:
        """The moves later than `after`, as platforms are told of them."""
        return _steps(self.ladder.moves(after), self.state.licence.zone, self.table)

    @property
    def fingerprint(self) -> str:
        """Of all that the public answer says as of the day told last."""
        state, moves = self.state, self.ladder.moves(self.state.told_on)
        expires_on, zone = state.licence.expires_on, state.licence.zone
        return _fingerprint(state.stage, self.table, expires_on, zone, moves, self.entitled)

    @property
    def entitled(self) -> Entitled:
        licence = self.state.licence
        return Entitled(licence.package, licence.users, self.state.storage_gb)

    def expected_on(self, day: date) -> Stage:
        """The stage on `day` if the last day of use had been expected."""
        known = self._known_now
        trust = self.state.trust.model_copy(update={"named": True})
        told_on = min(known.told_on, day - timedelta(days=1))
        return ladder(known._replace(trust=trust, told_on=told_on, granted=True)).stage_on(day)

    def hold_on(self, day: date) -> HoldReason | None:
        """Why access is kept on `day`, or will be within the week that every new date has to stand. A lock
        that waits for its warning is held from its eighth day on: then a person is told."""
        trust = self.state.trust
        if self.ladder.unwarned_on(day - OWNERLESS):
            return "notice_missing"
        if not trust.held_on(day) or not self.kept_on(self.shows_by(day)):
            return None
        if trust.needs_release:
            return "many_at_once"
        return "date_too_new" if day < trust.stands_on else "notice_missing"

    def shows_by(self, day: date) -> date:
        """The day by which it shows whether a date that is new on `day` takes access too soon."""
        return max(day, self.state.trust.stands_on - timedelta(days=1))

    def kept_on(self, day: date) -> bool:
        """Whether the office then has what it would not have if its date had been expected."""
        expected = self.table.row(self.expected_on(day))
        return not expected.access >= self.table.row(self.stage_on(day)).access


def _known(state: Subscription, table: Policy) -> StageFacts:
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
    entitled: Entitled,
) -> str:
    access = [(step.starts_at, step.stage, step.access) for step in _steps(moves, zone, table)]
    told = (stage, table.access(stage), expires_on, access, tuple(entitled))
    return sha256(repr(told).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def _steps(moves: tuple[Move, ...], zone: str, table: Policy) -> tuple[Step, ...]:
    return tuple(
        Step(starts_at=start_of_day(day, zone), stage=new, access=table.access(new)) for day, _, new in moves
    )
