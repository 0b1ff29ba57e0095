"""Adoption: a licence that was kept elsewhere becomes a subscription here."""

from datetime import date, datetime, timedelta
from hashlib import sha256

from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.facts import DateTrust
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import SEVERITY, Policies, Policy
from services.subscription.domain.stages.progress import Decided, finalise
from services.subscription.domain.stages.stage import calendar_stage
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import Licence
from shared.ids import subscription_id
from shared.time.calendar import civil_date


def adopt(
    office_ref: str,
    product_code: str,
    licence: Licence,
    now: datetime,
    policies: Policies,
    *,
    next_policy: str | None = None,
) -> Decided:
    """Adopt a licence at its present stage, at most at the last warning. Past stages get no events.

    A named person confirmed the adoption, so its date counts as expected. A licence that is in the last
    warning, or past it, gets the whole length of that stage.
    """
    today = civil_date(now, licence.zone)
    table = policies[licence.policy]
    stage = min(
        calendar_stage(licence.expires_on, today, table), table.last_warning, key=SEVERITY.__getitem__
    )
    state = Subscription(
        id=subscription_id(office_ref, product_code),
        office_ref=office_ref,
        product_code=product_code,
        licence=licence,
        source=licence,
        next_policy=next_policy,
        trust=DateTrust(set_on=today, named=True, before=stage),
        stated=fingerprint(licence, next_policy),
        stage=stage,
        told_on=today,
        locked_since=_locked_since(stage, licence.expires_on, today, table),
        notices=_warnings_before(stage, table),
    )
    factory = EventFactory(StageContext.of(state, policies), today, now, now)
    return finalise(state, (factory.recorded(), factory.adopted()), now, policies)


def fingerprint(licence: Licence, next_policy: str | None) -> str:
    """The hash of what a row states: it recognises the same row in a later list.

    A row that names no policy keeps its fingerprint when the product's policy changes.
    """
    return sha256(f"{licence.model_dump_json(exclude={'policy'})}{next_policy}".encode()).hexdigest()


def _locked_since(stage: Stage, expires_on: date, today: date, table: Policy) -> date | None:
    lock = table.first_lock_day
    if stage is table.last_warning and stage in table.warnings:
        return today - timedelta(days=table.first_days[-2] - lock)
    return expires_on + timedelta(days=lock) if stage in table.warnings else None


def _warnings_before(stage: Stage, table: Policy) -> tuple[Stage, ...]:
    """The warnings that the former system has given. This service gives the last one itself."""
    begun = {row.stage for row in table.stages if SEVERITY[row.stage] <= SEVERITY[stage]}
    return tuple(sorted((begun & table.warnings) - {table.last_warning}))
