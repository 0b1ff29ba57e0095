"""The gate's answer: the stage in force, what it allows, and what comes."""

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain import wording
from services.subscription.domain.policy import FULL_ACCESS, Policies
from services.subscription.domain.standing import Standing
from services.subscription.domain.subscription import Subscription
from services.subscription.domain.wording import Dates, Reason
from shared.calendar import civil_date
from shared.events.base import Capability, Stage
from shared.events.subscription import Step

Reachable = Literal["registration", "history", "documents"]
REACHABLE: tuple[Reachable, ...] = ("registration", "history", "documents")


class InForce(BaseModel):
    """What an office may do now. An empty `access` closes the product, not what is `reachable`.

    `steps` are the expected stages to come, `valid_until` the instant of the first, None if none is; a
    renewal or a correction can change the answer earlier. `ends_on` is the date from which service may
    end unless renewed before; `temporary_until` the last day of temporary access, while that is what keeps
    the product open. Neither day count is ever negative. `package`, `users` and `storage_gb` are paid for
    (storage null: what the package includes).
    """

    model_config = ConfigDict(frozen=True)

    product_code: str
    subscription_id: str
    stage: Stage
    access: tuple[Capability, ...]
    days_left: int
    days_overdue: int
    expires_on: date
    ends_on: date
    temporary_until: date | None
    valid_until: AwareDatetime | None
    reason: Reason
    reachable: tuple[Reachable, ...]
    steps: tuple[Step, ...]
    package: str
    users: int
    storage_gb: int | None


def in_force(state: Subscription, now: datetime, policies: Policies) -> InForce:
    """Computed for the moment of asking, whether or not the schedule has been there yet."""
    standing, today = Standing.of(state, policies), civil_date(now, state.zone)
    return _answer(standing, today, standing.steps(today))


def last_recorded(state: Subscription, now: datetime, policies: Policies) -> InForce:
    """The last decision that was recorded: for when no clock can be trusted to tighten access. It names
    no steps, because whoever asks may go by the same wrong clock."""
    return _answer(Standing.of(state, policies), min(state.told_on, civil_date(now, state.zone)), ())


def _answer(standing: Standing, today: date, steps: tuple[Step, ...]) -> InForce:
    state, table = standing.state, standing.table
    stage = standing.stage_on(today)
    overdue = (today - standing.counted_from).days
    return InForce(
        product_code=state.product_code,
        subscription_id=str(state.id),
        stage=stage,
        access=table.access(stage),
        days_left=max(-overdue, 0),
        days_overdue=0 if table.row(stage).access == FULL_ACCESS else max(overdue, 0),
        expires_on=state.licence.expires_on,
        ends_on=state.terminated_on or standing.ends_from(today),
        temporary_until=_temporary(state, today),
        valid_until=steps[0].starts_at if steps else None,
        reason=_reason(standing, stage, today),
        reachable=REACHABLE,
        steps=steps,
        **standing.entitled._asdict(),
    )


def _temporary(state: Subscription, today: date) -> date | None:
    until = state.temporary_until
    return until if until and state.licence.expires_on < today <= until else None


def _reason(standing: Standing, stage: Stage, today: date) -> Reason:
    state, last_day = standing.state, standing.counted_from
    if state.disputed:
        return wording.AT_THE_DESK
    if state.hold in ("many_at_once", "notice_missing") and state.trust.held_on(today):
        return wording.HELD
    if standing.ladder.unwarned_on(today):
        return wording.HELD
    if state.open_registrations and stage is not Stage.ACTIVE:
        return wording.registered(standing.table.row(stage).notice)
    gone = state.deletion if stage is Stage.TERMINATED else None
    if gone and gone.deleted_at and gone.terminated_on == state.terminated_on:
        return wording.deleted(civil_date(gone.deleted_at, state.zone))
    if today == last_day:
        return wording.LAST_DAY
    dates = Dates(last_day, standing.ends_from(today), standing.deletion_due_on)
    return wording.reason(standing.table.row(stage).notice, dates)
