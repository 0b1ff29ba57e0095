"""The stage in force at an instant, and what it allows: the answer of the login gate."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain import wording
from services.subscription.domain.policy import Policies
from services.subscription.domain.stage import next_stage_on
from services.subscription.domain.subscription import Subscription
from services.subscription.domain.wording import Dates, Reason
from shared.calendar import civil_date, start_of_day
from shared.events.base import Capability, Stage


class InForce(BaseModel):
    """What an office may do now. An empty `access` closes the product.

    `valid_until` is the instant at which the calendar brings another stage, None if it brings none; a
    renewal or a correction can change the answer earlier. `ends_on` is the date from which service is
    ended unless renewed before. Neither day count is ever negative.
    """

    model_config = ConfigDict(frozen=True)

    product_code: str
    stage: Stage
    access: tuple[Capability, ...]
    days_left: int
    days_overdue: int
    expires_on: date
    ends_on: date
    valid_until: AwareDatetime | None
    reason: Reason


def in_force(state: Subscription, now: datetime, policies: Policies) -> InForce:
    """Computed for the moment of asking, whether or not the schedule has been there yet."""
    today = civil_date(now, state.zone)
    table = state.table(policies)
    stage = state.stage_on(today, policies)
    overdue = (today - state.counted_from).days
    return InForce(
        product_code=state.product_code,
        stage=stage,
        access=table.access(stage),
        days_left=max(-overdue, 0),
        days_overdue=max(overdue, 0),
        expires_on=state.licence.expires_on,
        ends_on=table.ends_on(state.counted_from),
        valid_until=_valid_until(state, today, policies),
        reason=_reason(state, stage, today, policies),
    )


def _valid_until(state: Subscription, today: date, policies: Policies) -> datetime | None:
    """The stages to come that a hold keeps away are none."""
    day = next_stage_on(state.counted_from, today, state.table(policies))
    if day is None or state.stage_on(day, policies) == state.stage_on(today, policies):
        return None
    return start_of_day(day, state.zone)


def _reason(state: Subscription, stage: Stage, today: date, policies: Policies) -> Reason:
    if state.disputed:
        return wording.AT_THE_DESK
    if today == state.counted_from:
        return wording.LAST_DAY
    table, last_day = state.table(policies), state.counted_from
    dates = Dates(last_day, table.ends_on(last_day), table.deletion_due_on(last_day))
    return wording.reason(table.row(stage).notice, dates)
