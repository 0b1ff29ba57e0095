"""The situation of a subscription that a banner or a notice states. Days are counted at the given instant."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.notifier.domain.matter import Locked, StageMatter, Terminated
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from shared import situation as shared_situation
from shared.situation import Facts, Situation
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
    """The situation, and the open registration if there is one."""

    situation: Situation
    registration: RegistrationProgress | None

    @property
    def level(self) -> Level:
        told = self.situation
        if told.is_closed:
            return Level.BLOCKED
        if not told.asks_to_register and not told.registered:
            return Level.INFO
        if told.days_left <= _URGENT_DAYS:
            return Level.WARNING if told.registered else Level.URGENT
        return Level.WARNING if told.days_left <= _WARNING_DAYS and not told.registered else Level.INFO


def banner(subscription: SubscriptionStatus, now: datetime) -> SituationNotice | None:
    """What the banner says at the instant `now`; None if there is nothing to say."""
    if subscription.zone is None or (facts := subscription.facts) is None:
        return None
    told = _build(facts, subscription, civil_date(now, subscription.zone))
    return told if told.situation.is_news else None


def notice_situation(
    matter: StageMatter, subscription: SubscriptionStatus | None, zone: str, now: datetime
) -> SituationNotice:
    """What a notice of `matter` says at `now`: the known facts if they are of its stage, else its own."""
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
        registration=subscription.registration.turn if subscription and subscription.registration else None,
    )
    return _build(own, subscription, today)


def _build(facts: Facts, subscription: SubscriptionStatus | None, today: date) -> SituationNotice:
    told = shared_situation.situation(facts, today)
    return SituationNotice(told, subscription.registration if subscription and told.registered else None)
