"""The gate's answer about one subscription: the stage in force, what it allows, and which stages come."""

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.stages import wording
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import FULL_ACCESS, Policies
from services.subscription.domain.subscription import Subscription
from shared.events.base import Capability, Stage
from shared.events.subscription import Step
from shared.situation import Contract, Facts, Situation, Turn, situation
from shared.text.i18n import Text
from shared.time.calendar import civil_date

Reachable = Literal["registration", "history", "documents"]
REACHABLE: tuple[Reachable, ...] = ("registration", "history", "documents")
"""The pages that an office reaches even without access to the product."""


class Entitlement(BaseModel):
    """What an office may do now. An empty `access` closes the product, but not the pages in `reachable`.

    - `steps`: the coming stages. `valid_until` is the instant of the first one, or None. A renewal or a
      correction can change the answer earlier.
    - `ends_on`: the date from which service may end, unless it is renewed before.
    - `temporary_until`: the last day of temporary access, while that keeps the product open.
    - `pay_by`: the last day to pay for a contract in force, which gives full use only then.
    - `days_left` and `days_overdue` are never negative.
    - `package`, `users`, `storage_gb`: what the office pays for (storage null: what the package includes).
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
    pay_by: date | None
    valid_until: AwareDatetime | None
    reason: Text
    reachable: tuple[Reachable, ...]
    steps: tuple[Step, ...]
    package: str
    users: int
    storage_gb: int | None


def current_entitlement(state: Subscription, now: datetime, policies: Policies) -> Entitlement:
    """The entitlement at `now`, whether or not the scheduler has processed the subscription yet."""
    context, today = StageContext.of(state, policies), civil_date(now, state.zone)
    return _entitlement(context, today, context.steps(today))


def last_recorded_entitlement(state: Subscription, now: datetime, policies: Policies) -> Entitlement:
    """The entitlement as it was recorded last: used while the clocks disagree, so that access isn't
    tightened.

    It has no steps, because the caller may use the same wrong clock.
    """
    return _entitlement(StageContext.of(state, policies), min(state.told_on, civil_date(now, state.zone)), ())


def _entitlement(context: StageContext, today: date, steps: tuple[Step, ...]) -> Entitlement:
    state, table = context.state, context.table
    stage, present = context.stage_on(today), situation_on(context, today)
    overdue = -present.days_left
    return Entitlement(
        product_code=state.product_code,
        subscription_id=str(state.id),
        stage=stage,
        access=table.access(stage),
        days_left=max(present.days_left, 0),
        days_overdue=0 if table.row(stage).access == FULL_ACCESS else max(overdue, 0),
        expires_on=state.licence.expires_on,
        ends_on=state.terminated_on or context.earliest_end(today),
        temporary_until=present.temporary_until,
        pay_by=present.pay_by,
        valid_until=steps[0].starts_at if steps else None,
        reason=wording.reason(present),
        reachable=REACHABLE,
        steps=steps,
        **context.paid_resources._asdict(),
    )


def situation_on(context: StageContext, today: date) -> Situation:
    return situation(_facts(context, context.stage_on(today), today), today)


def _facts(context: StageContext, stage: Stage, today: date) -> Facts:
    state = context.state
    turn, sign_by = _whose_turn(state)
    return Facts(
        stage=stage,
        access=context.table.access(stage),
        expires_on=state.licence.expires_on,
        counted_from=context.counted_from,
        temporary_until=state.temporary_until,
        ends_on=context.ends_on,
        end_notice_days=context.end_notice_days,
        deletion_due_on=context.deletion_due_on,
        deleted_on=context.deleted_on if stage is Stage.TERMINATED else None,
        held=context.held if state.trust.is_held_on(today) else None,
        contract=_contract(state),
        registration=turn,
        sign_by=sign_by,
        pay_by=state.pay_by,
    )


def _contract(state: Subscription) -> Contract | None:
    if state.disputed:
        return Contract.DISPUTED
    contract = state.contract
    is_pending = contract is not None and contract.basis_expires_on == state.licence.expires_on
    return Contract.PENDING if is_pending else None


def _whose_turn(state: Subscription) -> tuple[Turn | None, date | None]:
    """Who must act on the latest registration, and by when the office must sign its contract."""
    known = [
        (str(one.told_at), turn, one.sign_by)
        for id, one in state.registrations.items()
        if id not in state.renewals and (turn := one.turn)
    ]
    if known:
        _, turn, sign_by = max(known, key=lambda one: one[:2])
        return turn, sign_by
    return (Turn.VENDOR if state.open_registrations else None), None
