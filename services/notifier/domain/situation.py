"""What an office is to be told of its subscription today. Days are counted at the moment of asking."""

from datetime import date, datetime
from enum import StrEnum

from services.notifier.domain.frozen import Frozen
from services.notifier.domain.matter import Locked, StageMatter, Terminated
from services.notifier.domain.standing import Registration, Standing
from shared.calendar import civil_date
from shared.events.base import Capability, Stage

_WARNING_DAYS = 30
_URGENT_DAYS = 7


class Kind(StrEnum):
    """Which words apply. `overdue`: past the last day, and access was not taken away; `temporary`: it was
    given for some days more."""

    EXPIRING = "expiring"
    LAST_DAY = "last_day"
    OVERDUE = "overdue"
    TEMPORARY = "temporary"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"
    BLOCKED = "blocked"


class Situation(Frozen):
    """`ends_on`: when service ends or, at `terminated`, when data is due for deletion; None: not told.

    `days_left` counts to the last day of use and is negative after it. `temporary_until` is given where
    that is why there is access.
    """

    kind: Kind
    last_day: date
    days_left: int
    ends_on: date | None
    ends_in: int | None
    registration: Registration | None
    temporary_until: date | None = None

    @property
    def level(self) -> Level:
        if self.kind in (Kind.LOCKED, Kind.FINAL_NOTICE, Kind.TERMINATED):
            return Level.BLOCKED
        if self.days_left <= _URGENT_DAYS:
            return Level.WARNING if self.registration else Level.URGENT
        return Level.WARNING if self.days_left <= _WARNING_DAYS and not self.registration else Level.INFO


def situation(standing: Standing, now: datetime) -> Situation | None:
    """What the banner says at the instant `now`; None: nothing, as in use or renewed.

    The stage is the one in force that was told, never one computed here.
    """
    if standing.expires_on is None or standing.zone is None or standing.renewed:
        return None
    if standing.stage is None or standing.stage is Stage.ACTIVE:
        return None
    today = civil_date(now, standing.zone)
    told = _situation(
        standing.stage,
        standing.access,
        standing.expires_on,
        standing.ends_on(today),
        today,
        standing.registration,
    )
    return _temporary(told, standing, today)


def situation_of(matter: StageMatter, standing: Standing | None, zone: str, now: datetime) -> Situation:
    """What a notice of `matter` says when it is sent at `now`."""
    today = civil_date(now, zone)
    told = _situation(
        matter.stage,
        matter.access if isinstance(matter, Locked) else (),
        matter.term,
        _end_told(matter, today),
        today,
        standing.registration if standing else None,
    )
    return _temporary(told, standing, today)


def _end_told(matter: StageMatter, today: date) -> date | None:
    if isinstance(matter, Locked):
        return matter.ends_if_told(today)
    return matter.ends_on if isinstance(matter, Terminated) else None


def _temporary(told: Situation, standing: Standing | None, today: date) -> Situation:
    until = standing.temporary_until if standing else None
    if told.kind is not Kind.OVERDUE or until is None or until < today:
        return told
    return told.model_copy(update={"kind": Kind.TEMPORARY, "temporary_until": until})


def _situation(
    stage: Stage,
    access: tuple[Capability, ...],
    last_day: date,
    ends_on: date | None,
    today: date,
    registration: Registration | None,
) -> Situation:
    days_left = (last_day - today).days
    return Situation(
        kind=_kind(stage, access, days_left),
        last_day=last_day,
        days_left=days_left,
        ends_on=ends_on,
        ends_in=(ends_on - today).days if ends_on and ends_on > today else None,
        registration=registration,
    )


def _kind(stage: Stage, access: tuple[Capability, ...], days_left: int) -> Kind:
    if stage is Stage.EXPIRING:
        return Kind.EXPIRING if days_left > 0 else Kind.LAST_DAY if days_left == 0 else Kind.OVERDUE
    return Kind.READ_ONLY if access and stage is Stage.LOCKED else Kind(stage.value)
