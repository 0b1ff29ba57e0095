"""Until when an unsigned form should be signed, or a picture of the stamped form come: what happens first
without it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.situation import Situation, SituationKind, Turn

RUNNING = (
    SituationKind.ACTIVE,
    SituationKind.EXPIRING,
    SituationKind.LAST_DAY,
    SituationKind.TEMPORARY,
)
"""The product can be used in full, until a known day."""
REDUCED = (
    SituationKind.LOCKED,
    SituationKind.FINAL_NOTICE,
    SituationKind.READ_ONLY,
    SituationKind.LIMITED,
)
"""Access is suspended or limited already."""


class DeadlineKind(StrEnum):
    """What happens without the form: a reminder, the lock (which a signature, or a picture of the form on
    paper, prevents), or the end of service. `NONE`: no day is set."""

    REMINDER = "reminder"
    SIGNATURE_LOCK = "signature_lock"
    PICTURE_LOCK = "picture_lock"
    END = "end"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FormDeadline:
    """`day` is the day on which that happens or, for the lock, the last day before it; None: no day is
    set."""

    kind: DeadlineKind
    day: date | None

    @property
    def last_day(self) -> date | None:
        """The last day on which the form can be signed, or shown. None: no day is set."""
        return self.day - timedelta(days=1) if self.day and self.kind is DeadlineKind.END else self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedForm:
    """What is known of the form: whether it waits for a signature or for paper (`turn`), whether a first
    picture of it may still come, and the day of its first reminder."""

    turn: Turn
    may_show: bool
    reminded_on: date | None


def form_deadline(form: AwaitedForm, situation: Situation, today: date) -> FormDeadline | None:
    """The earliest of the end of service, the lock and the reminder. Once access is reduced, the reminder is
    no date to wait for. For a form on paper: the lock, which a picture prevents. None if neither is
    awaited."""
    if form.turn is not Turn.SIGN:
        return _picture_deadline(form, situation, today)
    found: list[FormDeadline] = []
    if situation.ends_on and situation.kind is not SituationKind.TERMINATED:
        found.append(FormDeadline(DeadlineKind.END, situation.ends_on))
    if situation.kind in RUNNING and situation.usable_until >= today:
        found.append(FormDeadline(DeadlineKind.SIGNATURE_LOCK, situation.usable_until))
    if situation.kind not in REDUCED and form.reminded_on and form.reminded_on >= today:
        found.append(FormDeadline(DeadlineKind.REMINDER, form.reminded_on))
    none = FormDeadline(DeadlineKind.NONE, None)
    return min(found, key=lambda each: each.last_day or date.max, default=none)


def _picture_deadline(form: AwaitedForm, situation: Situation, today: date) -> FormDeadline | None:
    """None while temporary access lasts: a picture gives no more than the form that gave it."""
    runs = situation.kind in RUNNING and situation.kind is not SituationKind.TEMPORARY
    if not (form.may_show and runs and situation.usable_until >= today):
        return None
    return FormDeadline(DeadlineKind.PICTURE_LOCK, situation.usable_until)
