"""The situation of a subscription that a banner or a notice states. Days are counted at the given instant."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.notifier.domain.matter import Locked, StageMatter, Terminated
from services.notifier.domain.progress import awaited_step
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from shared import situation as shared_situation
from shared.progress.point import ProgressPoint
from shared.situation import Facts, Situation, SituationKind, Turn
from shared.time.calendar import civil_date

_WARNING_DAYS = 30
_URGENT_DAYS = 7


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class SituationNotice:
    """The situation, and the open registration if there is one, with what it waits for."""

    situation: Situation
    registration: RegistrationProgress | None
    step: ProgressPoint | None = None

    @property
    def level(self) -> Level:
        situation = self.situation
        if situation.is_closed:
            return Level.BLOCKED
        if not situation.asks_to_register and not situation.registered:
            return Level.INFO
        waits_for_office = not situation.registered or self.lacks_form or situation.turn is Turn.PAY
        if situation.days_left <= _URGENT_DAYS:
            return Level.URGENT if waits_for_office else Level.WARNING
        return Level.WARNING if situation.days_left <= _WARNING_DAYS and waits_for_office else Level.INFO

    @property
    def lacks_form(self) -> bool:
        """Whether the registration changes nothing yet: its form is not signed or, on the last day, neither a
        picture of the stamped form nor the form has come."""
        situation = self.situation
        is_last_day = situation.kind is SituationKind.LAST_DAY
        return situation.turn is Turn.SIGN or (situation.turn is Turn.SEND_PAPER and is_last_day)


def banner_situation(subscription: SubscriptionStatus, now: datetime) -> SituationNotice | None:
    """The situation that the banner states at `now`; None if there is no banner."""
    if subscription.zone is None or (facts := subscription.facts) is None:
        return None
    notice = _build(facts, subscription, civil_date(now, subscription.zone))
    return notice if notice.situation.is_news else None


def notice_situation(
    matter: StageMatter, subscription: SubscriptionStatus | None, zone: str, now: datetime
) -> SituationNotice:
    """The situation that a notice of `matter` states at `now`: from the known facts if they have the same
    stage, otherwise from the matter's own."""
    today = civil_date(now, zone)
    if subscription and (facts := subscription.facts) and facts.stage is matter.stage:
        return _build(facts, subscription, today)
    own = Facts(
        stage=matter.stage,
        access=matter.access if isinstance(matter, Locked) else (),
        expires_on=matter.term,
        ends_on=matter.ends_on if isinstance(matter, Locked) else None,
        end_notice_days=matter.end_notice_days if isinstance(matter, Locked) else None,
        deletion_due_on=matter.ends_on if isinstance(matter, Terminated) else None,
        registration=subscription.turn if subscription else None,
        pay_by=subscription.pay_by if subscription else None,
    )
    return _build(own, subscription, today)


def _build(facts: Facts, subscription: SubscriptionStatus | None, today: date) -> SituationNotice:
    situation = shared_situation.situation(facts, today)
    if subscription is None or not situation.registered:
        return SituationNotice(situation, None)
    step = awaited_step(subscription, subscription.registration_id, today)
    return SituationNotice(situation, subscription.registration, step)
